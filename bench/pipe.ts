/**
 * A training whose output is piped through `esper watch -`, beside the same training piped into `cat`, in turn. The trainer is
 * Esper's PPO on CartPole; with each update it prints figures, and the lines that are hardest to read: 120,000
 * characters that begin as what a reader looks for and never become it. Its time is its own, from its first update to its
 * last; what it waits for while it prints is in it, and is also given by itself.
 *   npm run build && npx tsx bench/pipe.ts [pairs (9)] [updates (40)]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Emitter } from '../src/emit/index.ts';
import { train } from '../src/workloads/ppo/index.ts';
import { median } from './measure.ts';

const HEADS = [
  'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ',
  'step: 1  loss: ',
  '{"step": 1, "loss": ',
  "{'loss': ",
  'Traceback (most recent call last): ',
  'CUDA capacity: H100 with ',
  '(WorkerDict pid=',
  'global_step=1, episodic_return=',
];
const FILLS = ['1', 'a', ' ', '(', '9,', '\\"', 'x=1 ', '[0] '];
const LENGTH = 120_000;

/** All of it: a pipe that is full for the moment is tried again, as a blocking print would wait. */
function print(text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; )
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
}

async function trainer(updates: number): Promise<void> {
  const emitter = new Emitter({ run: 'bench', rank: 0, sink: { append() {} } });
  let began = 0;
  let cpu = process.cpuUsage();
  let waitedMs = 0;
  await train({
    emitter,
    env: 'CartPole-v1',
    episodes: updates + 1,
    onUpdate({ batch, policyLoss }) {
      // The first compiles.
      if (batch === 1) {
        began = performance.now();
        cpu = process.cpuUsage();
      }
      const fill = FILLS[(batch >> 3) % FILLS.length]!;
      const before = performance.now();
      print(`step:${batch} - actor/pg_loss:${policyLoss} - actor/entropy:0.5\n`);
      print(`${HEADS[batch % HEADS.length]}${fill.repeat(LENGTH / fill.length)}\n`);
      waitedMs += performance.now() - before;
    },
  });
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  process.stderr.write(JSON.stringify({ wallMs, cpuMs: (user + system) / 1000, waitedMs }));
}

interface Took {
  wallMs: number;
  cpuMs: number;
  waitedMs: number;
}

async function run(reader: readonly string[], updates: number): Promise<Took> {
  const child = spawn(process.execPath, [...process.execArgv, import.meta.filename, 'train', `${updates}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const taker = spawn(reader[0]!, reader.slice(1), { stdio: [child.stdout!, 'ignore', 'ignore'] });
  child.stdout!.destroy();
  let text = '';
  child.stderr!.on('data', piece => {
    text += piece;
  });
  await Promise.all([once(child, 'close'), once(taker, 'exit')]);
  return JSON.parse(text);
}

if (process.argv[2] === 'train') await trainer(Number(process.argv[3]));
else {
  const [pairs, updates] = [Number(process.argv[2] ?? 9), Number(process.argv[3] ?? 40)];
  const runs = mkdtempSync(join(tmpdir(), 'esper-bench-pipe-'));
  const readers = {
    cat: ['cat'],
    watch: [process.execPath, 'dist/cli/esper.js', 'watch', '-', '--runs', runs],
  };
  const took: Record<'cat' | 'watch', Took>[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const names = pair % 2 === 0 ? (['cat', 'watch'] as const) : (['watch', 'cat'] as const);
    const one = {} as Record<'cat' | 'watch', Took>;
    for (const name of names) one[name] = await run(readers[name], updates);
    took.push(one);
    const { cat, watch } = one;
    console.log(
      `watch ${watch.wallMs.toFixed(0)} ms, cat ${cat.wallMs.toFixed(0)} ms; printing ${watch.waitedMs.toFixed(0)} and ${cat.waitedMs.toFixed(0)} ms`,
    );
  }
  const ratio = (of: keyof Took) => median(took.map(({ watch, cat }) => watch[of] / cat[of]));
  console.log(
    `watch / cat, medians of ${pairs} pairs: ${ratio('wallMs').toFixed(3)} by the clock, ${ratio('cpuMs').toFixed(3)} of the processor`,
  );
  console.log(
    `printing: ${median(took.map(({ watch }) => watch.waitedMs)).toFixed(0)} ms, cat ${median(took.map(({ cat }) => cat.waitedMs)).toFixed(0)} ms`,
  );
  rmSync(runs, { recursive: true });
}
