/** However a command that trains dies, its trainer ends cleanly and records it; and its exit code is that of the work. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { writerOf } from '../../src/log/index.ts';
import { PATIENCE_MS } from '../patience.ts';
import { scratch } from '../scratch.ts';

const ESPER = 'dist/cli/esper.js';
const newRuns = () => scratch('orphans');

function start(runs: string, args: string[], shell?: string) {
  const words = [process.execPath, ESPER, ...args, '--runs', runs];
  const child: ChildProcess =
    shell === undefined
      ? spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn('bash', ['-o', 'pipefail', '-c', `"$@" ${shell}`, 'bash', ...words], {
          stdio: ['ignore', 'pipe', 'pipe'],
        });
  let output = '';
  child.stdout!.on('data', chunk => (output += chunk));
  child.stderr!.on('data', chunk => (output += chunk));
  return {
    child,
    output: () => output,
    exit: new Promise<number | NodeJS.Signals>(resolve =>
      child.once('close', (code, signal) => resolve(code ?? signal!)),
    ),
  };
}
const folderOf = (runs: string) => join(runs, readdirSync(runs).filter(name => !name.startsWith('.'))[0]!);
const lastEvent = (runs: string) =>
  JSON.parse(
    readFileSync(join(folderOf(runs), 'events-0.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .at(-1)!,
  );
/** Waits until the trainer has learned a batch; its pid. */
async function training(runs: string): Promise<number> {
  await vi.waitFor(
    () => expect(readFileSync(join(folderOf(runs), 'events-0.jsonl'), 'utf8')).toContain('_COMPLETED'),
    PATIENCE_MS,
  );
  return writerOf(folderOf(runs), 0).pid!;
}
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
};
const isGone = (pid: number) => vi.waitFor(() => expect(isAlive(pid)).toBe(false), PATIENCE_MS);
const GONE = {
  type: 'TRAINING_COMPLETED',
  data: { reason: 'interrupted', why: 'the process that started it is gone' },
};

const long = ['ppo', '--episodes', '1000000', '--no-sanctum'];
const demo = ['demo', '--episodes', '1000000'];
const scenario = ['demo', '--scenario', 'steady'];

test.each([
  ['ppo', long],
  ['demo', demo],
  ['demo --scenario', scenario],
])('kill -9 of esper %s: its trainer ends, saves what it has, and records why', async (_, args) => {
  const runs = newRuns();
  const command = start(runs, args);
  const trainer = await training(runs);
  command.child.kill('SIGKILL');
  expect(await command.exit).toBe('SIGKILL');
  await isGone(trainer);
  expect(lastEvent(runs)).toMatchObject(GONE);
  expect(writerOf(folderOf(runs), 0).state).toBe('closed');
});

test.each(['SIGQUIT', 'SIGHUP', 'SIGTERM', 'SIGINT'] as const)(
  '%s of esper ppo ends its trainer cleanly, with exit code 130',
  async signal => {
    const runs = newRuns();
    const command = start(runs, long);
    const trainer = await training(runs);
    command.child.kill(signal);
    expect(await command.exit).toBe(130);
    await isGone(trainer);
    expect(lastEvent(runs)).toMatchObject({ type: 'TRAINING_COMPLETED', data: { reason: 'interrupted' } });
    expect(existsSync(join(folderOf(runs), 'checkpoint.txt'))).toBe(true);
  },
);

test.each(['SIGQUIT', 'SIGHUP', 'SIGTERM', 'SIGINT'] as const)(
  '%s of the trainer itself ends it cleanly',
  async signal => {
    const runs = newRuns();
    const command = start(runs, long);
    process.kill(await training(runs), signal);
    expect(await command.exit).toBe(130);
    expect(lastEvent(runs)).toMatchObject({ type: 'TRAINING_COMPLETED', data: { reason: 'interrupted' } });
  },
);

test.each([
  ['ppo', long],
  ['demo', demo],
  ['demo --scenario', scenario],
])('esper %s into a reader that leaves: the trainer ends, and the pipeline knows', async (_, args) => {
  const runs = newRuns();
  const command = start(runs, args, '| head -n 2');
  const trainer = await training(runs);
  expect(await command.exit).toBe(130);
  await isGone(trainer);
  expect(lastEvent(runs)).toMatchObject({ type: 'TRAINING_COMPLETED', data: { reason: 'interrupted' } });
});

test('an output that is full is no reason to end', async () => {
  const runs = newRuns();
  const command = start(runs, ['ppo', '--episodes', '3', '--no-sanctum'], '> /dev/full');
  expect(await command.exit).toBe(0);
  expect(lastEvent(runs)).toMatchObject({ type: 'TRAINING_COMPLETED', data: { reason: 'finished' } });
});

test('a stopped command, and one that goes on, keeps its trainer', async () => {
  const runs = newRuns();
  const command = start(runs, long);
  const trainer = await training(runs);
  command.child.kill('SIGSTOP');
  const size = () => readFileSync(join(folderOf(runs), 'events-0.jsonl')).length;
  const before = size();
  await vi.waitFor(() => expect(size()).toBeGreaterThan(before), PATIENCE_MS);
  expect(isAlive(trainer)).toBe(true);
  command.child.kill('SIGCONT');
  command.child.kill('SIGTERM');
  expect(await command.exit).toBe(130);
});

test('--detach leaves it alone, and esper stop ends it', async () => {
  const runs = newRuns();
  const begun = start(runs, [...long, '--detach', '--name', 'night']);
  expect(await begun.exit).toBe(0);
  expect(begun.output()).toMatch(/trains on by itself \(process \d+\).*^To stop it: .*\bstop \S+-night-/ms);
  const trainer = await training(runs);
  expect(isAlive(trainer)).toBe(true);
  const stop = start(runs, ['stop', 'night']);
  expect(await stop.exit).toBe(0);
  expect(stop.output()).toMatch(/^Ended \S+-night-/);
  await isGone(trainer);
  expect(lastEvent(runs)).toMatchObject({ type: 'TRAINING_COMPLETED', data: { reason: 'interrupted' } });
  const again = start(runs, ['stop']);
  expect(await again.exit).toBe(0);
  expect(again.output()).toMatch(/Nothing writes/);
});

test('--detach of what cannot train fails at once', async () => {
  const runs = newRuns();
  expect(await start(runs, ['ppo', '--episodes', '2', '--no-sanctum']).exit).toBe(0);
  rmSync(join(folderOf(runs), 'checkpoint.txt'));
  const command = start(runs, ['ppo', '--resume', 'latest', '--episodes', '9', '--detach']);
  expect(await command.exit).toBe(1);
  expect(command.output()).toMatch(/nothing was trained.*there is none yet/s);
});

test('a training that was killed before its first checkpoint goes on from its beginning', async () => {
  const runs = newRuns();
  const command = start(runs, [...long, '--checkpoint-every', '100000']);
  process.kill(await training(runs), 'SIGKILL');
  expect(await command.exit).toBe(137);
  const again = start(runs, ['ppo', '--no-sanctum', '--resume', 'latest', '--episodes', '3']);
  expect(await again.exit, again.output()).toBe(0);
  expect(again.output()).toContain('Finished after batch 3');
  expect(lastEvent(runs)).toMatchObject({ type: 'TRAINING_COMPLETED', data: { reason: 'finished' } });
});

const spoilt: [string, (folder: string) => void, RegExp][] = [
  ['no checkpoint', folder => rmSync(join(folder, 'checkpoint.txt')), /there is none yet/],
  ['a damaged checkpoint', folder => truncateSync(join(folder, 'checkpoint.txt'), 5000), /damaged/],
  ['an empty checkpoint', folder => truncateSync(join(folder, 'checkpoint.txt'), 0), /damaged/],
  [
    'a lock of another host',
    folder =>
      writeFileSync(
        join(folder, 'events-0.lock'),
        JSON.stringify({ pid: 1, startTicks: 1, hostname: 'elsewhere', pidNamespace: null }),
      ),
    /cannot be seen from here/,
  ],
  [
    'a fresh, empty lock',
    folder => writeFileSync(join(folder, 'events-0.lock'), ''),
    /may be writing this run/,
  ],
  [
    'another writer',
    folder => {
      const fields = readFileSync(`/proc/${process.pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
      const holder = {
        pid: process.pid,
        startTicks: Number(fields[19]),
        hostname: spawnSync('hostname', { encoding: 'utf8' }).stdout.trim(),
        pidNamespace: spawnSync('readlink', ['/proc/self/ns/pid'], { encoding: 'utf8' }).stdout.trim(),
      };
      writeFileSync(join(folder, 'events-0.lock'), JSON.stringify(holder));
    },
    /is writing this run/,
  ],
];
test.each(spoilt)(
  '--resume with %s reports it and fails, whatever the old log holds',
  async (_, spoil, why) => {
    const runs = newRuns();
    expect(await start(runs, ['ppo', '--episodes', '3', '--no-sanctum']).exit).toBe(0);
    spoil(folderOf(runs));
    const command = start(runs, ['ppo', '--resume', 'latest', '--episodes', '9', '--no-sanctum']);
    expect(await command.exit).toBe(1);
    expect(command.output()).toMatch(why);
    expect(command.output()).not.toMatch(/^batch|Finished/m);
  },
);

test('a training that finished is a success where its log could not be kept', async () => {
  const runs = newRuns();
  const command = start(runs, ['ppo', '--episodes', '60', '--no-sanctum']);
  await training(runs);
  const folder = folderOf(runs);
  rmSync(folder, { recursive: true, force: true });
  writeFileSync(folder, 'in its place');
  expect(await command.exit).toBe(0);
  expect(command.output()).toMatch(/its log lacks the end/);
});

test('a trainer that is killed is a failure with the code of the signal', async () => {
  const runs = newRuns();
  const command = start(runs, long);
  process.kill(await training(runs), 'SIGKILL');
  expect(await command.exit).toBe(137);
  expect(command.output()).toMatch(/the trainer was ended by SIGKILL/);
});

test('garbage at the end of its log does not harm a resumed run', async () => {
  const runs = newRuns();
  expect(await start(runs, ['ppo', '--episodes', '3', '--no-sanctum']).exit).toBe(0);
  appendFileSync(join(folderOf(runs), 'events-0.jsonl'), `{"seq":1e999}\n${'\n'.repeat(300_000)}`);
  const command = start(runs, ['ppo', '--resume', 'latest', '--episodes', '5', '--no-sanctum']);
  expect(await command.exit).toBe(0);
  expect(command.output()).toMatch(/^batch 4\/5.*\n.*batch 5\/5.*\nFinished after batch 5/m);
  expect(command.output()).not.toMatch(/^batch 3/m);
});
