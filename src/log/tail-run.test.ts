import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { event, update } from '../../test/events.ts';
import type { TelemetryEvent } from '../contract/index.ts';
import { FolderWatch } from './folder-watch.ts';
import { emptyReport, type LoggedEvent, tailRun } from './index.ts';

let folder: string;
let stop: AbortController;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'esper-tail-')), 'run');
  mkdirSync(folder);
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  rmSync(join(folder, '..'), { recursive: true });
});

const line = (event: TelemetryEvent) => `${JSON.stringify(event)}\n`;
const lines = (...seqs: number[]) => seqs.map(seq => line(update(seq))).join('');
const file = (rank = 0) => join(folder, `events-${rank}.jsonl`);

/** Follows the folder in the background. */
function follow() {
  const report = emptyReport();
  const events: LoggedEvent[] = [];
  const ended = (async () => {
    for await (const batch of tailRun(folder, { signal: stop.signal, report })) events.push(...batch);
  })();
  /** Waits until `count` events came, and a little longer, for one too many. */
  const seqs = async (count: number) => {
    await expect.poll(() => events.length, { interval: 10 }).toBeGreaterThanOrEqual(count);
    await sleep(50);
    return events.map(event => event.seq);
  };
  return { report, events, ended, seqs };
}

test('what is there, then what comes', async () => {
  writeFileSync(file(), lines(0, 1));
  const tail = follow();
  expect(await tail.seqs(2)).toEqual([0, 1]);
  appendFileSync(file(), lines(2));
  expect(await tail.seqs(3)).toEqual([0, 1, 2]);
});

test('a folder, a file and a rank that come later', async () => {
  rmSync(folder, { recursive: true });
  const tail = follow();
  await sleep(30);
  mkdirSync(folder);
  await sleep(30);
  writeFileSync(file(), lines(0));
  expect(await tail.seqs(1)).toEqual([0]);
  writeFileSync(file(1), line(update(0, [], 1)));
  await tail.seqs(2);
  expect(tail.events.map(event => event.rank)).toEqual([0, 1]);
});

test('a line that comes in pieces, torn within a character', async () => {
  const whole = event('TRAINING_STARTED', { name: 'Größe κ 🙂' });
  const bytes = Buffer.from(line(whole));
  const tail = follow();
  for (let at = 0; at < bytes.length; at += 7) {
    appendFileSync(file(), bytes.subarray(at, at + 7));
    await sleep(2);
  }
  await tail.seqs(1);
  expect(tail.events).toEqual([whole]);
  expect(tail.report).toMatchObject({ lines: 1, events: 1, malformed: 0, torn: 0 });
});

test('a file that is truncated', async () => {
  writeFileSync(file(), lines(0, 1));
  const tail = follow();
  await tail.seqs(2);
  truncateSync(file());
  await sleep(50);
  appendFileSync(file(), lines(5));
  expect(await tail.seqs(3)).toEqual([0, 1, 5]);
  expect(tail.report).toMatchObject({ restarts: 1, files: 1 });
  expect(tail.report.problems[0]!.reason).toMatch(/truncated/);
  appendFileSync(file(), `garbage\n${lines(6)}`);
  expect(await tail.seqs(4)).toEqual([0, 1, 5, 6]);
  expect(tail.report.problems[1]).toMatchObject({ line: 2, reason: 'not JSON' });
});

test('a file that is replaced, a torn line left behind', async () => {
  writeFileSync(file(), lines(0, 1) + lines(2).slice(0, 20));
  const tail = follow();
  await tail.seqs(2);
  writeFileSync(`${file()}.new`, lines(0, 1, 2, 3));
  renameSync(`${file()}.new`, file());
  expect(await tail.seqs(6)).toEqual([0, 1, 0, 1, 2, 3]);
  expect(tail.report).toMatchObject({ restarts: 1, torn: 1, malformed: 0 });
});

test('a folder that is deleted and made again', async () => {
  writeFileSync(file(), lines(0));
  const tail = follow();
  await tail.seqs(1);
  rmSync(folder, { recursive: true });
  await sleep(50);
  mkdirSync(folder);
  writeFileSync(file(), lines(7));
  expect(await tail.seqs(2)).toEqual([0, 7]);
  appendFileSync(file(), lines(8));
  expect(await tail.seqs(3)).toEqual([0, 7, 8]);
});

test('ends at the abort, also while waiting', async () => {
  const tail = follow();
  await sleep(30);
  stop.abort();
  await tail.ended;
});

test('catching up on a long log leaves room for timers', async () => {
  writeFileSync(file(), Array.from({ length: 20_000 }, (_, seq) => line(update(seq))).join(''));
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  let events = 0;
  for await (const batch of tailRun(folder, { signal: stop.signal })) {
    events += batch.length;
    if (events === 20_000) break;
  }
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(10);
});

describe('a watch, where nothing but a change may wake it', () => {
  const PATIENCE = 600_000;
  let watch: FolderWatch;
  beforeEach(() => {
    watch = new FolderWatch(folder, stop.signal);
    watch.begin();
  });
  afterEach(() => watch.end());

  test('reports lines in a file', async () => {
    writeFileSync(file(), '');
    await watch.change(PATIENCE);
    watch.begin();
    const change = watch.change(PATIENCE);
    appendFileSync(file(), lines(0));
    await change;
  });

  test('reports a folder made again', async () => {
    rmSync(folder, { recursive: true });
    await watch.change(PATIENCE);
    mkdirSync(folder);
    // What is still reported of the old folder is no change of the new one.
    watch.begin();
    await sleep(50);
    watch.begin();
    writeFileSync(file(), '');
    await watch.change(PATIENCE);
  });

  test('ends at the abort', async () => {
    const change = watch.change(PATIENCE);
    stop.abort();
    await change;
  });
});
