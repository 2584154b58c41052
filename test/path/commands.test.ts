/** The commands as a user runs them: the built package, real processes, real files. */
import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { SanctumSnapshot } from '../../src/contract/index.ts';
import { scratch } from '../scratch.ts';

const run = promisify(execFile);
const ESPER = 'dist/cli/esper.js';
const esper = (...args: string[]) => run(process.execPath, [ESPER, ...args]);
/** Exit code and stderr of a command that fails. */
const failing = async (...args: string[]) => {
  try {
    await esper(...args);
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, stderr };
  }
  throw new Error(`esper ${args.join(' ')} did not fail`);
};
const newRuns = () => scratch('runs');
const snapshotOf = async (runs: string, ...args: string[]): Promise<SanctumSnapshot> =>
  JSON.parse((await esper('snapshot', '--runs', runs, '--json', ...args)).stdout);
const eventsIn = (runs: string): { type: string; data: Record<string, unknown> }[] =>
  readFileSync(join(runs, readdirSync(runs)[0]!, 'events-0.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));

test('esper ppo on the CPU: ten updates, no GPU memory, exit 0', async () => {
  const runs = newRuns();
  const { stdout } = await esper('ppo', '--episodes', '10', '--no-sanctum', '--runs', runs);
  expect(stdout).toMatch(/^batch 10\/10 /m);
  expect(eventsIn(runs).filter(event => event.type === 'PPO_UPDATE_COMPLETED')).toHaveLength(10);
  expect(eventsIn(runs).at(-1)).toMatchObject({ type: 'TRAINING_COMPLETED', data: { reason: 'finished' } });
  const snapshot = await snapshotOf(runs);
  expect(snapshot.tamiyo.infrastructure).toMatchObject({ memoryUsagePercent: 0, memoryStatus: 'unmeasured' });
  const frame = await run(process.execPath, ['dist/cli/sanctum.js', '--once', '--runs', runs]);
  expect(frame.stdout).toContain('Batch:10/10');
  expect(frame.stdout).not.toContain('[Mem');
});

test('esper ppo beside a simulated GPU shows its memory; the snapshot at a batch is that batch’s', async () => {
  const runs = newRuns();
  const { stdout } = await esper(
    'ppo',
    '--episodes',
    '6',
    '--device',
    'sim:8GiB',
    '--runs',
    runs,
    '--name',
    'mem',
  );
  const shown = stdout.match(/^batch .*\[Mem:\d+%\]/gm);
  expect(shown).toHaveLength(6);
  const at4 = await snapshotOf(runs, 'mem', '--at-batch', '4');
  expect(at4.tamiyo.batch).toBe(4);
  expect(shown![3]).toContain(`[Mem:${at4.tamiyo.infrastructure.memoryUsagePercent.toFixed(0)}%]`);
  expect(at4.devices[0]).toMatchObject({ device: 'sim:0', totalBytes: 8 * 1024 ** 3 });
  const replayed = await esper('replay', '--runs', runs);
  const lines = (text: string) => text.split('\n').filter(line => line.startsWith('batch'));
  expect(lines(replayed.stdout)).toEqual(lines(stdout));
});

test('Ctrl-C ends training cleanly; --resume goes on to the same figures as an uninterrupted run', async () => {
  const [whole, parts] = [newRuns(), newRuns()];
  await esper('ppo', '--episodes', '30', '--no-sanctum', '--runs', whole);
  const child = spawn(process.execPath, [ESPER, 'ppo', '--episodes', '30', '--no-sanctum', '--runs', parts]);
  child.stdout.on('data', (chunk: Buffer) => {
    if (/^batch 3\//m.test(chunk.toString())) child.kill('SIGINT');
  });
  expect(await new Promise(resolve => child.once('exit', resolve))).toBe(130);
  expect((await snapshotOf(parts)).run.state).toBe('interrupted');
  await esper('ppo', '--resume', 'latest', '--no-sanctum', '--runs', parts);
  const [a, b] = [await snapshotOf(whole), await snapshotOf(parts)];
  expect(b.run.state).toBe('completed');
  expect(b.ranks[0]!.history.policyLoss).toEqual(a.ranks[0]!.history.policyLoss);
  expect(b.ranks[0]!.history.episodicReturn).toEqual(a.ranks[0]!.history.episodicReturn);
});

test('runs lists what is there, --json for machines; a broken folder hides nothing', async () => {
  const runs = newRuns();
  expect((await esper('runs', '--runs', runs)).stdout).toContain('There are no runs in');
  await esper('ppo', '--episodes', '2', '--no-sanctum', '--runs', runs, '--name', 'a b/ü');
  const [folder] = readdirSync(runs);
  writeFileSync(join(runs, folder!, 'run.json'), '{');
  const { stdout, stderr } = await esper('runs', '--runs', runs, '--json');
  expect(JSON.parse(stdout)).toMatchObject([{ id: folder, state: 'completed', batch: 2 }]);
  expect(stderr).toContain(`${folder}/run.json is not JSON`);
});

test('what cannot work is reported in one sentence, with exit 1 and nothing created', async () => {
  const runs = newRuns();
  for (const [args, message] of [
    [['ppo', '--env', 'Cartpole'], /no environment "Cartpole": choose CartPole-v1/],
    [['ppo', '--device', 'gpu'], /--device takes cpu/],
    [['ppo', '--device', 'sim:3'], /not a simulated device/],
    [['ppo', '--episodes', 'ten'], /--episodes takes a whole number/],
    [['ppo', '--set', 'gama=0.9'], /--set knows no "gama"/],
    [['ppo', '--sanctum'], /--sanctum needs a terminal/],
    [['ppo', '--resume', 'latest'], /no runs in/],
    [['snapshot', 'nothing'], /no runs in/],
    [['replay', '--speed', '-1'], /--speed takes/],
  ] as const) {
    const { code, stderr } = await failing(...args, '--runs', runs);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  }
  expect(readdirSync(runs)).toEqual([]);
});
