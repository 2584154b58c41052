/** docs/recipes.md, line by line as it stands there, over 30 runs that were really trained. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Emitter } from '../../src/emit/index.ts';
import { createRun, LogWriter } from '../../src/log/index.ts';
import { train } from '../../src/workloads/ppo/index.ts';
import { parseSimulatedDevice, SimulatedGpu } from '../../src/workloads/simulate/index.ts';
import { client, python } from '../python/python.ts';
import { scratch } from '../scratch.ts';

const hasDuckDb = existsSync('node_modules/@duckdb/node-api');
const root = resolve(import.meta.dirname, '../..');
let home: string;

/** A short training: enough updates for a verdict. */
async function trainOne(lr: string, seed: number, nowMs: number): Promise<void> {
  const config = { lr: Number(lr), seed };
  const { path, id } = createRun({ runs: join(home, 'runs'), name: `lr${lr}`, config, nowMs });
  const writer = new LogWriter(path);
  await train({
    emitter: new Emitter({ run: id, rank: 0, sink: writer }),
    name: `lr${lr}`,
    env: 'CartPole-v1',
    episodes: 36,
    envs: 2,
    steps: 16,
    seed,
    hyperparameters: { learningRate: Number(lr), epochs: 2, minibatches: 1 },
    device: job => new SimulatedGpu({ ...parseSimulatedDevice('sim:8GiB'), seed, ...job }),
  });
  writer.close();
}

beforeAll(async () => {
  home = scratch('recipes');
  const firstMs = Date.now() - 3_600_000;
  for (const [i, lr] of ['1e-3', '3e-3', '1e-2'].entries())
    for (let seed = 1; seed <= 10; seed++) await trainOne(lr, seed, firstMs + 1000 * (10 * i + seed));
}, 300_000);

/** Every line of the document that is to be typed. */
const lines = [...readFileSync('docs/recipes.md', 'utf8').matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(
  ([, code]) => code!.trim().split('\n'),
);

/** What the line prints; it may fail in nothing. */
function typed(line: string): string {
  const shell = `npx() { shift; "${process.execPath}" "${root}/dist/cli/esper.js" "$@"; }\n${line}`;
  const { ESPER_RUNS: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync('bash', ['-euc', shell], {
    cwd: home,
    encoding: 'utf8',
    env: { ...env, PYTHONPATH: client, NO_COLOR: '1' },
  });
  expect([status, line, stderr], stderr).toEqual([0, line, expect.any(String)]);
  return stdout;
}

test('each recipe is one command, and it answers', () => {
  const answers = new Map<string, string>();
  for (const line of lines) {
    if (line.includes('esper query') && !hasDuckDb) continue;
    if (line.startsWith('python3') && python === undefined) continue;
    answers.set(line, typed(line.replace(/^python3/, python ?? 'python3')));
  }
  const answer = (part: string) => [...answers].find(([line]) => line.includes(part))![1];

  const best = answer('--sort -return').trim().split('\n');
  expect(best).toHaveLength(6);
  const returns = best.slice(1).map(row => Number(/ ([\d.]+) +[\d.]+ GiB/.exec(row)![1]));
  expect(returns).toEqual([...returns].sort((a, b) => b - a));
  expect(answer('verdict=steady').trim().split('\n').slice(1).join()).not.toMatch(/lr1e-3/);
  const tagged = answer('tag=candidate').trim().split('\n').slice(1);
  expect(tagged).toHaveLength(10);
  expect(tagged.every(row => /^lr3e-3 .*candidate$/.test(row))).toBe(true);
  expect(answer("compare 'lr3e-3*' 'lr1e-2*'")).toMatch(/A: lr3e-3\*; 10 runs: .*\n.*B: lr1e-2\*; 10 runs/);
  expect(answer("compare 'lr*' --by return")).toMatch(
    /lr=0\.001[\s\S]*lr=0\.003[\s\S]*has the best|has the best return/,
  );
  expect(readFileSync(join(home, 'runs.csv'), 'utf8').trim().split('\n')).toHaveLength(31);
  expect(readFileSync(join(home, 'updates.csv'), 'utf8').trim().split('\n')).toHaveLength(37);
  if (hasDuckDb) expect(answer('esper query')).toMatch(/0\.003/);
  if (python !== undefined) expect(answer('esper.read')).toMatch(/episodicReturn/);
  expect(readFileSync(join(home, 'report.html'), 'utf8')).toContain('<svg');
  expect(statSync(join(home, 'tb')).isDirectory()).toBe(true);
  expect(JSON.parse(readFileSync(join(home, 'esper-baseline.json'), 'utf8'))).toMatchObject({
    name: 'lr1e-2',
  });
  expect(answer('esper prune')).toMatch(/^The rule takes no run\.$/m);
});
