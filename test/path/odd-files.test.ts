/** Whatever lies in a runs folder, every command answers with figures or a sentence, in bounded time, and one run hides no other. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyReport, nextSeqOf, openRun, readRun, writerState } from '../../src/log/index.ts';
import { scratch } from '../scratch.ts';

const ESPER = 'dist/cli/esper.js';
const runs = scratch('odd');
const secret = scratch('odd-elsewhere');
const socket = createServer();

/** A command that ends by itself within seconds; a hang is killed. */
function esper(...args: string[]) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [ESPER, ...args, '--runs', runs], {
    encoding: 'utf8',
    timeout: 30_000,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(signal, `${args.join(' ')} hung`).toBe(null);
  return { status, stdout, stderr };
}

/** What takes the place of the events of a run that was fine. */
const odd: Record<string, (file: string) => unknown> = {
  pipe: file => execFileSync('mkfifo', [file]),
  device: file => symlinkSync('/dev/zero', file),
  terminal: file => symlinkSync('/dev/tty', file),
  folder: file => mkdirSync(file),
  dangling: file => symlinkSync('nowhere', file),
  looping: file => symlinkSync('events-0.jsonl', file),
  outside: file => symlinkSync(join(secret, 'events-0.jsonl'), file),
  socket: file => new Promise(resolve => socket.listen(file, () => resolve(null))),
};

beforeAll(async () => {
  esper('ppo', '--episodes', '2', '--no-sanctum', '--name', 'good');
  const [good] = readdirSync(runs);
  cpSync(join(runs, good!, 'events-0.jsonl'), join(secret, 'events-0.jsonl'));
  for (const [name, put] of Object.entries(odd)) {
    const folder = join(runs, `20200101-000000-${name}-0000`);
    cpSync(join(runs, good!), folder, { recursive: true });
    rmSync(join(folder, 'events-0.jsonl'));
    await put(join(folder, 'events-0.jsonl'));
  }
  // The same in the place of run.json and of the lock.
  for (const [name, file] of [
    ['manifest', 'run.json'],
    ['lock', 'events-0.lock'],
  ] as const) {
    const folder = join(runs, `20200101-000000-${name}-0000`);
    cpSync(join(runs, good!), folder, { recursive: true });
    rmSync(join(folder, file), { force: true });
    execFileSync('mkfifo', [join(folder, file)]);
  }
  const ranks = join(runs, '20200101-000000-ranks-0000');
  cpSync(join(runs, good!), ranks, { recursive: true });
  for (const file of [
    'events-00.jsonl',
    'events-01.jsonl',
    'events-99999999999999999999.jsonl',
    'events-9999999.jsonl',
  ])
    cpSync(join(ranks, 'events-0.jsonl'), join(ranks, file));
  execFileSync('mkfifo', [join(runs, 'not-a-run')]);
  symlinkSync('nowhere', join(runs, 'dangling-run'));
});
afterAll(() => socket.close());

test('esper runs lists every run, the odd ones with their problem', () => {
  const { status, stdout, stderr } = esper('runs');
  expect(status).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(1 + 1 + Object.keys(odd).length + 3);
  for (const name of Object.keys(odd))
    if (name !== 'dangling') expect(stderr, name).toContain(`-${name}-0000`);
  expect(stderr).toContain('is a pipe: only regular files are read');
});

const each = Object.keys(odd).flatMap(name =>
  [['report'], ['snapshot', '--json']].map(words => [name, words] as const),
);
test.each(each)('a %s for events: esper %s reports it and fails', (name, [command, ...options]) => {
  const { status, stderr, stdout } = esper(command!, `20200101-000000-${name}`, ...options);
  expect(status).toBe(1);
  expect(stderr).toContain('only regular files are read');
  expect(stdout + stderr).not.toMatch(/\bat .*\.js:\d+/);
});

test('a rank is read once, whatever its file is called besides', () => {
  const { stdout } = esper('snapshot', '20200101-000000-ranks', '--json');
  expect(JSON.parse(stdout).ranks.map(({ rank }: { rank: number }) => rank)).toEqual([0]);
  expect(JSON.parse(stdout).ranks[0].repeatedEvents).toBe(0);
});

test('a pipe as run.json, as a lock, as a log holds nobody', () => {
  const [manifest, lock, pipe] = ['manifest', 'lock', 'pipe'].map(name =>
    join(runs, `20200101-000000-${name}-0000`),
  );
  expect(openRun(manifest!)).toMatchObject({ manifest: null, problem: expect.stringContaining('is a pipe') });
  expect(['gone', 'unknown']).toContain(writerState(lock!, 0));
  expect(nextSeqOf(pipe!, 0)).toBe(0);
  const { status } = esper('snapshot', '20200101-000000-manifest', '--json');
  expect(status).toBe(0);
});

test('a file that is replaced by a pipe while it is followed is dropped with a sentence', () => {
  const folder = scratch('replaced');
  cpSync(join(secret, 'events-0.jsonl'), join(folder, 'events-0.jsonl'));
  renameSync(join(folder, 'events-0.jsonl'), join(folder, 'aside'));
  writeFileSync(join(folder, 'events-0.jsonl'), '');
  rmSync(join(folder, 'events-0.jsonl'));
  execFileSync('mkfifo', [join(folder, 'events-0.jsonl')]);
  const report = emptyReport();
  expect([...readRun(folder, report)].flat()).toEqual([]);
  expect(report).toMatchObject({
    unreadable: 1,
    files: 0,
    problems: [{ reason: expect.stringContaining('is a pipe') }],
  });
});

test('links out of the folder of runs are named and not followed; a path is', () => {
  const folder = scratch('linked');
  const [good] = readdirSync(runs).filter(name => name.includes('good'));
  cpSync(join(runs, good!), join(folder, 'elsewhere', 'one'), { recursive: true });
  cpSync(join(runs, good!), join(folder, 'runs', 'two'), { recursive: true });
  symlinkSync(join(folder, 'elsewhere', 'one'), join(folder, 'runs', 'out'));
  symlinkSync('two', join(folder, 'runs', 'best'));
  symlinkSync('/dev', join(folder, 'runs', 'device'));
  const at = (...args: string[]) =>
    spawnSync(process.execPath, [ESPER, ...args, '--runs', join(folder, 'runs')], {
      encoding: 'utf8',
      timeout: 30_000,
    });
  const listed = at('runs');
  expect(listed.stdout.trim().split('\n')).toHaveLength(2);
  expect(listed.stderr).toContain('out is a link and is not followed');
  expect(listed.stderr).not.toContain('best');
  expect(at('report', 'out')).toMatchObject({ status: 1, stderr: expect.stringContaining('is a link') });
  expect(at('report', 'best').status).toBe(0);
  expect(at('report', join(folder, 'elsewhere', 'one')).status).toBe(0);
});

test.each([['pipe'], ['folder'], ['device'], ['socket']])('esper watch refuses a %s at once', name => {
  const folder = scratch('watched');
  const file = join(folder, 'train.log');
  if (name !== 'socket') odd[name]!(file);
  const path = name === 'socket' ? join(runs, '20200101-000000-socket-0000', 'events-0.jsonl') : file;
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    [ESPER, 'watch', path, '--runs', join(folder, 'runs')],
    { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' },
  );
  expect(signal).toBe(null);
  expect(status).toBe(1);
  expect(stderr).toMatch(/has no file of a trainer|is no regular file/);
  const left = existsSync(join(folder, 'runs')) ? readdirSync(join(folder, 'runs')) : [];
  expect(left).toEqual([]);
});

test('a watched log of more ranks than a process may open files is whole', () => {
  const folder = scratch('many-ranks');
  const lines: string[] = ['[rank0]: step: 1  loss: 2.0  memory: 1.00GiB(5.00%)'];
  for (let step = 1; step <= 2; step++)
    for (let rank = 0; rank < 1500; rank++)
      lines.push(
        `[rank${rank}]:[titan] 2025-02-02 14:33:0${step},000 - root - INFO - step:  ${step}  loss: 12.2721  memory:  1.00GiB(5.00%)  tps: 1,000  mfu: 1.00%`,
      );
  writeFileSync(join(folder, 'train.log'), `${lines.join('\n')}\n`);
  const { stdout, stderr, status } = spawnSync(
    'bash',
    [
      '-c',
      'ulimit -n 512; exec "$@"',
      'bash',
      process.execPath,
      ESPER,
      'watch',
      join(folder, 'train.log'),
      '--no-follow',
      '--json',
      '--runs',
      join(folder, 'runs'),
    ],
    { encoding: 'utf8', timeout: 60_000 },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ lost: 0, problem: null });
  const [run] = readdirSync(join(folder, 'runs'));
  expect(readdirSync(join(folder, 'runs', run!)).filter(name => name.endsWith('.jsonl'))).toHaveLength(1500);
});

test('more ranks than a process may open files', () => {
  const folder = join(scratch('ranks'), 'run');
  mkdirSync(folder);
  const line = (rank: number) =>
    `${JSON.stringify({ v: '1.0', seq: 0, timeMs: 1_700_000_000_000 + rank, run: 'r', rank, type: 'STEP_COMPLETED', data: { step: 1 } })}\n`;
  for (let rank = 0; rank < 2000; rank++) writeFileSync(join(folder, `events-${rank}.jsonl`), line(rank));
  const { stdout, stderr, status } = spawnSync(
    'bash',
    [
      '-c',
      `ulimit -n 1024; exec "$@"`,
      'bash',
      process.execPath,
      ESPER,
      'snapshot',
      '--json',
      '--runs',
      join(folder, '..'),
    ],
    { encoding: 'utf8', timeout: 60_000, maxBuffer: 256 * 1024 * 1024 },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(JSON.parse(stdout).ranks).toHaveLength(2000);
});
