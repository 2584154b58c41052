/** Files that grow, are cut, written over, replaced, or come later, as they are followed. */
import { appendFile, mkdtemp, open, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  type InputReport,
  isGzipFile,
  TrainerLogParser,
  type WatchedEvent,
  watchFile,
  watchGzip,
} from '../../src/watch/index.ts';
import { golden } from './read-log.ts';

let folder: string;
let stop: AbortController;
let batches: number[];
let events: WatchedEvent[];
let notices: string[];
let reader: TrainerLogParser;
let done: Promise<InputReport>;

const step = (n: number) => `step:${n} - actor/pg_loss:0.500 - actor/entropy:0.250\n`;
const path = () => join(folder, 'train.log');
const start = (follow = true) => {
  done = watchFile(path(), reader, { signal: stop.signal, follow, onNotice: notice => notices.push(notice) });
};
const seen = (...expected: number[]) => expect.poll(() => batches, { interval: 10 }).toEqual(expected);

const newReader = () =>
  new TrainerLogParser({
    name: 'test',
    source: 'train.log',
    format: null,
    map: new Map(),
    onEvent: event => {
      events.push(event);
      if (event.type === 'PPO_UPDATE_COMPLETED') batches.push((event.data as { batch: number }).batch);
    },
    onNotice: notice => notices.push(notice),
  });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'esper-follow-'));
  stop = new AbortController();
  batches = [];
  events = [];
  notices = [];
  reader = newReader();
});
afterEach(async () => {
  vi.useRealTimers();
  stop.abort();
  await done;
  await rm(folder, { recursive: true });
});

test('a file that comes later and grows, a line in pieces too', async () => {
  start();
  await expect.poll(() => notices).toEqual([`Waiting for ${path()}.`]);
  await writeFile(path(), step(1));
  await seen(1);
  await appendFile(path(), step(2).slice(0, 30));
  await setTimeout(150);
  expect(batches).toEqual([1]);
  await appendFile(path(), step(2).slice(30) + step(3));
  await seen(1, 2, 3);
  expect(notices).toHaveLength(1);
  stop.abort();
  expect(await done).toEqual({ torn: 0, tooLong: 0 });
  expect(events.at(-1)).toMatchObject({ type: 'TRAINING_COMPLETED', data: { reason: 'interrupted' } });
});

test('a truncated file is read from its start, and so is one written over; the unfinished line is dropped', async () => {
  await writeFile(path(), `${step(1)}${step(2)}step:9 - actor/pg_l`);
  start();
  await seen(1, 2);
  await truncate(path());
  await setTimeout(250);
  await appendFile(path(), step(3));
  await seen(1, 2, 3);
  // In one write, never empty between, and longer than it was: only its text shows that it is another.
  const file = await open(path(), 'r+');
  await file.write(step(4) + step(5) + step(6), 0);
  await file.close();
  await seen(1, 2, 3, 4, 5, 6);
  stop.abort();
  expect((await done).torn).toBe(1);
  expect(notices.map(notice => notice.replace(path(), 'it'))).toEqual([
    'it was truncated: reading it from its start.',
    'it was written over: reading it from its start.',
  ]);
});

test('a rotated file is read to its end, then the new one', async () => {
  await writeFile(path(), step(1));
  start();
  await seen(1);
  await appendFile(path(), step(2));
  await rename(path(), join(folder, 'train.log.1'));
  await appendFile(join(folder, 'train.log.1'), step(3));
  await writeFile(path(), step(4));
  await seen(1, 2, 3, 4);
});

test('read once: what is there, a last line without its newline once it rests; a missing one is an error', async () => {
  await writeFile(path(), step(1) + step(2).trimEnd());
  start(false);
  expect(await done).toEqual({ torn: 0, tooLong: 0 });
  expect(batches).toEqual([1, 2]);
  // Nobody ended it: it was read as far as it goes.
  expect(events.at(-1)).toMatchObject({ type: 'TRAINING_COMPLETED', data: { reason: 'unknown' } });

  reader = newReader();
  batches = [];
  await writeFile(path(), `${step(1)}${step(2)}step:3 - actor/pg_loss:0.5`);
  // Time that stands still: the file does not rest.
  vi.useFakeTimers({ toFake: ['Date'] });
  start(false);
  await seen(1);
  await appendFile(path(), '00 - actor/entropy:0.250\n');
  await done;
  vi.useRealTimers();
  expect(events.at(-2)).toMatchObject({
    data: { batch: 3, loss: { policy: 0.5 }, policy: { entropy: 0.25 } },
  });

  reader = newReader();
  await utimes(path(), 1e9, 1e9);
  start(false);
  await done;
  expect(events.at(-1)).toMatchObject({ type: 'TRAINING_COMPLETED', data: { reason: 'unknown' } });
  await rm(path());
  done = watchFile(path(), reader, { signal: stop.signal, follow: false, onNotice: () => {} });
  await expect(done).rejects.toThrow('ENOENT');
  done = Promise.resolve({ torn: 0, tooLong: 0 });
});

test('gzip, whole and cut', async () => {
  const log = golden('verl.log');
  const packed = gzipSync(log);
  await writeFile(path(), packed);
  expect(await isGzipFile(path())).toBe(true);
  done = watchGzip(path(), reader, { signal: stop.signal, onNotice: notice => notices.push(notice) });
  await done;
  expect(batches).toEqual([1, 2, 3]);
  expect(events.at(-1)!.type).toBe('TRAINING_FAILED');

  await writeFile(path(), packed.subarray(0, packed.length - 40));
  done = watchGzip(path(), reader, { signal: stop.signal, onNotice: notice => notices.push(notice) });
  expect(await done).toBeDefined();
  expect(notices.at(-1)).toMatch(/ends early/);
});
