/** `esper explain` on snapshots as a user runs it: text, JSON, HTML, two of them, and files that are none. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { scratch } from '../scratch.ts';
import { bytesOf, golden } from './read.ts';

const ESPER = [
  '--import',
  createRequire(import.meta.url).resolve('tsx'),
  resolve('test/snapshots/explain-command.ts'),
];
const run = promisify(execFile);
let at: string;
beforeAll(() => {
  at = scratch('explain');
});
const esper = (...args: string[]) =>
  run(process.execPath, [...ESPER, 'explain', ...args], {
    env: { ...process.env, NO_COLOR: '1' },
    cwd: at,
    maxBuffer: 1e8,
  });
async function failing(...args: string[]) {
  try {
    await esper(...args);
  } catch (error) {
    return error as { code: number; stderr: string; stdout: string };
  }
  throw new Error(`esper explain ${args.join(' ')} did not fail`);
}

const training = golden('torch-2.15-training.pickle.gz');

test('which lines held the memory, and what was refused', async () => {
  const { stdout } = await esper(golden('torch-2.15-refused.pickle.gz'));
  expect(stdout).toMatch(/A request of 110 MiB at `train\.py:\d+ main` was\s+refused/);
  expect(stdout).toMatch(/allocated before recording +2\.0 MiB/);
  expect(stdout).toMatch(/backward pass \(no Python frame\) +\d/);
  expect(stdout).toContain('stranded in partly used segments');
});

test('JSON has the answer and the account, unpacked or not', async () => {
  const plain = join(at, 'plain.pickle');
  writeFileSync(plain, bytesOf(training));
  const [packed, unpacked] = await Promise.all([
    esper(training, '--json', '--at', 'end'),
    esper(plain, '--json', '--at', 'end'),
  ]);
  const answer = JSON.parse(packed.stdout);
  expect(answer).toMatchObject({
    whose: 'GPU',
    confidence: 'certain',
    snapshot: { devices: [{ device: 'cuda:0', at: 'end', isExact: true }] },
  });
  expect(JSON.parse(unpacked.stdout).snapshot).toEqual(answer.snapshot);
});

test('HTML goes to the working folder, without scripts', async () => {
  const { stdout } = await esper(training, '--html');
  expect(stdout).toBe('torch-2.15-training.html\n');
  const html = readFileSync(join(at, 'torch-2.15-training.html'), 'utf8');
  expect(html).toContain('allocated before recording');
  expect(html).not.toContain('<script');
});

test('two of them: what changed by line', async () => {
  const { stdout } = await esper(training, '--diff', golden('torch-2.15-state.pickle.gz'));
  expect(stdout).toMatch(/train\.py:\d+ update +4\.6 MiB +0 B +−4\.6 MiB +gone/);
});

test('from a pipe', async () => {
  const child = run(process.execPath, [...ESPER, 'explain', '-', '--json'], { cwd: at, maxBuffer: 1e8 });
  child.child.stdin!.end(bytesOf(training));
  expect(JSON.parse((await child).stdout).snapshot.devices[0].events).toBeGreaterThan(100);
});

test('what cannot be read is one sentence, and nothing of it runs', async () => {
  const mark = join(at, 'ran');
  const hostile = join(at, 'hostile.pickle');
  writeFileSync(
    hostile,
    `\x80\x04cos\nsystem\n(\x8c${String.fromCharCode(`touch ${mark}`.length)}touch ${mark}tR.`,
    'latin1',
  );
  const cut = join(at, 'cut.pickle.gz');
  writeFileSync(cut, readFileSync(training).subarray(0, 900));
  const text = join(at, 'note.txt');
  writeFileSync(text, 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.');
  const old = join(at, 'old.pickle');
  writeFileSync(old, '(dp0\n.');
  const bomb = join(at, 'bomb.pickle.gz');
  writeFileSync(bomb, gzipSync(Buffer.concat([Buffer.from([0x80, 4]), Buffer.alloc(2 ** 22, 0x4e)])));
  const cases: [string[], RegExp][] = [
    [
      [hostile],
      /^esper: Cannot read .*: it has GLOBAL, which could run code, at byte 2: .*not carried out\.\n$/,
    ],
    [[cut], /^esper: Cannot read .*(cut off|broken).*\n$/],
    [[bomb], /^esper: Cannot read .*piles up.*\n$/],
    [[old], /^esper: Cannot read .*no pickle of protocol 2 to 5/],
    [[text, '--at', 'end'], /^esper: --at is for memory snapshots, and .* is none\.\n$/],
    [[training, '--diff', text], /^esper: --diff takes another memory snapshot, and .* is none\.\n$/],
    [[training, '--at', '99999'], /it has \d+ events, and none with the number 99999/],
    [[training, '--at', 'noon'], /--at takes peak, end or the number of an event/],
    [[training, '--json', '--html'], /leave one of them out/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr, stdout } = await failing(...args);
    expect(stderr, args.join(' ')).toMatch(message);
    expect(code).not.toBe(0);
    expect(stdout).toBe('');
  }
  expect(existsSync(mark)).toBe(false);
});
