/** The list at the size of a team's folder: a thousand runs, ten of them under way. */
import { setFlagsFromString } from 'node:v8';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunRow, RunsResponse } from '../../src/serve/index.ts';
import { RunList } from '../../src/serve/run-list.ts';
import { RunStore } from '../../src/serve/run-store.ts';
import { append, writeRun } from '../log-files.ts';
import { PATIENCE_MS } from '../patience.ts';
import { event, hold, type Served, serve, update } from './fixture.ts';

const RUNS = 1000;
const LIVE = 10;
/** Of the runs that have ended one in so many leaks. */
const LEAKY = 50;

const idOf = (i: number) => `20260101-${String(100_000 + i)}-run${i}-aaaa`;
const isLeaky = (i: number) => i >= LIVE && i % LEAKY === 0;
/** Percent of the pool that tensors hold; the budget is 20 GiB, 8 of them reserved. */
const use = (i: number, seq: number) => (isLeaky(i) ? 20 + seq : 50);
const pressure = (i: number, seq: number) => Math.round(use(i, seq) * 0.4 * 10) / 10;
const length = (i: number) => (isLeaky(i) ? 60 : 16);

let served: Served;
const folders: string[] = [];
const writers: { close(): void }[] = [];
beforeAll(async () => {
  served = await serve();
  for (let i = 0; i < RUNS; i++) {
    const updates = Array.from({ length: length(i) }, (_, k) => update(k + 1, use(i, k + 1)));
    const end = event(length(i) + 1, 'TRAINING_COMPLETED', { reason: 'finished' });
    const folder = writeRun(served.runs, idOf(i), [
      event(0, 'TRAINING_STARTED', { name: `run${i}` }),
      ...updates,
      ...(i < LIVE ? [] : [end]),
    ]);
    folders.push(folder);
    if (i < LIVE) writers.push(hold(folder));
  }
});
afterAll(async () => {
  for (const writer of writers) writer.close();
  await served.end();
});

/** The rows as a page knows them: asked for once, then only what changed. */
function follow() {
  const rows = new Map<string, RunRow>();
  let version = 0;
  return async () => {
    const answer = JSON.parse((await served.get(`/api/runs?since=${version}`)).body) as RunsResponse;
    version = answer.version;
    for (const row of answer.runs) rows.set(row.id, row);
    expect(answer.count).toBe(rows.size);
    return { rows, changed: answer.runs.length };
  };
}

test('every run gets its state, its sparkline and its verdict, and other questions are answered meanwhile', async () => {
  const look = follow();
  const first = await look();
  expect(first.rows.size).toBeGreaterThan(0);
  // The newest are the first to be read.
  const isBehind = async () => {
    const { rows } = await look();
    return [...rows.values()].some(row => !row.read || row.verdict === null);
  };
  let answeredMeanwhile = 0;
  while (await isBehind()) {
    await served.get('/api/records');
    await new Promise(resolve => setTimeout(resolve, 50));
    answeredMeanwhile++;
  }
  expect(answeredMeanwhile).toBeGreaterThan(3);
  const { rows } = await look();
  expect(rows.size).toBe(RUNS);
  for (let i = 0; i < RUNS; i++) {
    const row = rows.get(idOf(i))!;
    expect(row.state, row.id).toBe(i < LIVE ? 'running' : 'completed');
    expect(row.verdict!.kind, row.id).toBe(isLeaky(i) ? 'leak' : 'steady');
    expect(row.sparkline, row.id).toHaveLength(Math.min(48, length(i)));
    expect(row.sparkline.at(-1), row.id).toBeCloseTo(pressure(i, length(i)), 1);
  }

  // Of ten that go on each is sent again, and of the others none.
  for (let i = 0; i < LIVE; i++) append(folders[i]!, [update(length(i) + 1, 93)]);
  let sent = 0;
  await expect
    .poll(async () => {
      const now = await look();
      sent += now.changed;
      return [...now.rows.values()].filter(row => row.memory?.memoryStatus === 'critical').length;
    })
    .toBe(LIVE);
  expect(sent).toBeLessThanOrEqual(3 * LIVE);
});

test('a list is answered once the runs that it begins with have been read, not all of them', async () => {
  const list = new RunList(served.runs, new RunStore());
  const query = { columns: ['state'], filter: '', sort: null, all: false, ids: null, count: 50 };
  const { total, rows } = await list.list(query, -1, PATIENCE_MS);
  expect([total, rows.length]).toEqual([RUNS, 50]);
  expect(rows.map(({ run }) => run.read)).not.toContain(false);
  expect(list.rows().filter(({ row }) => !row.read).length).toBeGreaterThan(RUNS / 2);
  list.close();
});

test('rows share a few classes in V8, so that thousands are gone through in a millisecond', async () => {
  const list = new RunList(served.runs, new RunStore());
  await list.list({ columns: [], filter: '', sort: null, all: false, ids: null, count: 50 }, -1, PATIENCE_MS);
  setFlagsFromString('--allow-natives-syntax');
  const isSameClass = new Function('one', 'other', 'return %HaveSameMap(one, other)');
  const classes: RunRow[] = [];
  for (const { row } of list.rows()) if (!classes.some(one => isSameClass(one, row))) classes.push(row);
  expect(list.rows()).toHaveLength(RUNS);
  expect(classes.length).toBeLessThan(10);
  list.close();
});
