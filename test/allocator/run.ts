/**
 * Differential testing: random programs on PyTorch's own allocator, over the stand-in device, and on the simulated one.
 *   npx tsx test/allocator/run.ts [programs of each family] [first seed] [--torch torch-current] [--record]
 * Prints a line a family, and the first differences; exit status 1 where there are any. Where PyTorch itself crashes in a
 * program, there is no answer to compare: counted apart, and asked of no process again. --record writes the answers that
 * differential.test.ts reads where there is no PyTorch.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { interpreterOf } from '../environments.ts';
import { AllocatorEnded, Comparison, RealAllocator, recordedPath } from './differential.ts';
import { families, program } from './programs.ts';
import { type Answer, SimulatedProcess } from './simulated.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    torch: { type: 'string', default: 'torch-current' },
    family: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
});
const [count = '10', first = '1'] = positionals;
const seeds = Array.from({ length: Number(count) }, (_, i) => Number(first) + i);
let all = 0;
let differing = 0;
let crashed = 0;

for (const family of families.filter(({ name }) => values.family === undefined || name === values.family)) {
  let real = new RealAllocator(interpreterOf(values.torch), family);
  let simulated = new SimulatedProcess(family);
  let comparison = new Comparison();
  const recorded: Answer[][] = [];
  const differences: string[] = [];
  const crashes: number[] = [];
  let [retries, ooms] = [0, 0];
  for (const seed of seeds) {
    const one = program(family, seed);
    let answers: Answer[];
    try {
      answers = await real.answers(one);
    } catch (error) {
      if (!(error instanceof AllocatorEnded) || !/^SIG(SEGV|ABRT)/.test(error.by)) throw error;
      crashes.push(seed);
      real = new RealAllocator(interpreterOf(values.torch), family);
      simulated = new SimulatedProcess(family);
      comparison = new Comparison();
      continue;
    }
    recorded.push(answers);
    const difference = comparison.compare(one, answers, simulated.play(one));
    if (difference !== null) differences.push(`seed ${seed}: ${difference}`);
    const last = answers.at(-1)![1];
    retries += last.at(-5)!;
    ooms += last.at(-4)!;
  }
  const { torch } = await real.close();
  console.log(
    `${family.name.padEnd(40)} ${seeds.length - crashes.length} programs, ${differences.length} differ (${retries} retries, ${ooms} out of memory)${
      crashes.length > 0 ? `; PyTorch crashed in ${crashes.length}: seeds ${crashes.join(', ')}` : ''
    }`,
  );
  for (const difference of differences.slice(0, 3)) console.log(`  ${difference}`);
  all += seeds.length - crashes.length;
  crashed += crashes.length;
  differing += differences.length;
  if (values.record)
    writeFileSync(
      recordedPath(family),
      gzipSync(
        JSON.stringify({
          torch,
          device: 'stand-in',
          seeds: seeds.filter(seed => !crashes.includes(seed)),
          answers: recorded,
        }),
        { level: 9 },
      ),
    );
}
console.log(
  `${all} programs on ${values.torch}, ${differing} differ${crashed > 0 ? `; PyTorch crashed in ${crashed} more` : ''}`,
);
process.exitCode = differing > 0 ? 1 : 0;
