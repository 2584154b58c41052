/** What is handed on is whole and in order, or left out and marked; nobody waits for it. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PassThrough } from '../../src/watch/index.ts';

let folder: string;
let reading: number;
let writing: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'esper-pass-'));
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  reading = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  writing = openSync(fifo, constants.O_WRONLY);
});
afterEach(() => {
  closeSync(reading);
  closeSync(writing);
  rmSync(folder, { recursive: true });
});

/** All that can be read now. */
function readAll(): Buffer {
  const parts: Buffer[] = [];
  const buffer = Buffer.alloc(1 << 20);
  for (;;) {
    try {
      const length = readSync(reading, buffer);
      if (length === 0) break;
      parts.push(Buffer.from(buffer.subarray(0, length)));
    } catch {
      break;
    }
  }
  return Buffer.concat(parts);
}

async function readUntil(bytes: number): Promise<Buffer> {
  let all = Buffer.alloc(0);
  const length = () => {
    all = Buffer.concat([all, readAll()]);
    return all.length;
  };
  await expect.poll(length, { interval: 5 }).toBeGreaterThanOrEqual(bytes);
  return all;
}

test.each([
  ['blocks', 0],
  ['does not block', constants.O_NONBLOCK],
])(
  'an output that %s and that nobody reads stops nothing; read at last, it has every byte in order',
  async (_, flag) => {
    closeSync(writing);
    writing = openSync(join(folder, 'fifo'), constants.O_WRONLY | flag);
    const through = new PassThrough(writing);
    const chunks = Array.from({ length: 300 }, (_, i) => Buffer.from(`${i}\n`.repeat(2000)));
    for (const chunk of chunks) through.write(chunk);
    await setTimeout(20);
    const whole = Buffer.concat(chunks);
    expect((await readUntil(whole.length)).equals(whole)).toBe(true);
    await through.drain();
    expect(through).toMatchObject({ dropped: 0, problem: null });
  },
);

test('an output that takes all is given all, also where the lines keep the event loop busy', async () => {
  const taker = openSync('/dev/null', constants.O_WRONLY);
  const through = new PassThrough(taker, 1 << 20);
  for (let turn = 0; turn < 100; turn++) {
    for (let i = 0; i < 16; i++) through.write(Buffer.alloc(8192));
    const busyUntil = performance.now() + 1;
    while (performance.now() < busyUntil);
    await setImmediate();
  }
  await through.drain();
  closeSync(taker);
  expect(through).toMatchObject({ dropped: 0, problem: null });
});

test('past the bound chunks are left out, counted, and marked where they were', async () => {
  const through = new PassThrough(writing, 200_000);
  const chunk = Buffer.alloc(50_000, 'a');
  for (let i = 0; i < 10; i++) through.write(chunk);
  expect(through.dropped).toBe(300_000);
  await readUntil(200_000);
  await through.drain();
  through.write(Buffer.from('after'));
  await through.drain();
  expect(readAll().toString()).toBe(
    '\n[esper: 300000 bytes left out here: the output did not take them]\nafter',
  );
});

test('a closed output ends the handing on, and nothing else', async () => {
  closeSync(reading);
  const through = new PassThrough(writing);
  through.write(Buffer.from('lost'));
  await through.drain();
  through.write(Buffer.from('lost too'));
  await through.drain();
  expect(through.problem).toMatch(/EPIPE/);
  expect(through.dropped).toBe(12);
  reading = openSync(join(folder, 'fifo'), constants.O_RDONLY | constants.O_NONBLOCK);
});

test('while a view has the terminal nothing is written', async () => {
  const through = new PassThrough(writing);
  through.hold(true);
  through.write(Buffer.from('unseen'));
  through.hold(false);
  through.write(Buffer.from('seen'));
  await through.drain();
  expect(readAll().toString()).toBe('seen');
});
