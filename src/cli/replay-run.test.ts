import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rankLog, reading, update } from '../../test/events.ts';
import { append } from '../../test/log-files.ts';
import { scratch } from '../../test/scratch.ts';
import { RunAnalyser } from '../analysis/index.ts';
import type { TelemetryEvent } from '../contract/index.ts';
import { emptyReport, readRun } from '../log/index.ts';
import { emptySnapshot, reduceAll } from '../reduce/index.ts';
import { loadRun } from './load-run.ts';
import { ReplayRun } from './replay-run.ts';

function written(...ranks: TelemetryEvent[][]): string {
  const folder = scratch('replay');
  for (const [rank, events] of ranks.entries()) append(folder, events, rank);
  return folder;
}

test('any position is the snapshot of the events before it, however it was reached', () => {
  fc.assert(
    fc.property(rankLog(0, 30), rankLog(1, 30), fc.array(fc.nat(60), { maxLength: 12 }), (a, b, targets) => {
      const folder = written(a, b);
      const all = [...readRun(folder)].flat();
      const replay = new ReplayRun(folder);
      expect(replay.length).toBe(all.length);
      for (const target of targets) {
        replay.seek(target);
        expect(replay.position).toBe(Math.min(target, all.length));
        expect(JSON.stringify(replay.snapshot)).toBe(
          JSON.stringify(reduceAll(emptySnapshot(), all.slice(0, replay.position))),
        );
      }
    }),
    { numRuns: 60 },
  );
});

test('a long run of two ranks: keyframes are thinned, every jump is exact, the end is what a plain read gives', () => {
  const log = (rank: number) =>
    Array.from({ length: 9000 }, (_, i) => update(i, [reading(1 + (i % 7), 8)], rank));
  const folder = written(log(0), log(1));
  const replay = new ReplayRun(folder, { spacing: 16, most: 8 });
  const all = [...readRun(folder)].flat();
  for (const target of [17_999, 3, 9_000, 9_001, 8_999, 12_345, 18_000]) {
    replay.seek(target);
    expect(JSON.stringify(replay.snapshot)).toBe(
      JSON.stringify(reduceAll(emptySnapshot(), all.slice(0, target))),
    );
  }
  expect(JSON.stringify(replay.snapshot)).toBe(JSON.stringify(loadRun(folder, emptyReport())));
});

test('a run of many ranks: every jump is exact, though keyframes are fewer and further apart', () => {
  const ranks = 40;
  const folder = written(
    ...Array.from({ length: ranks }, (_, rank) =>
      Array.from({ length: 60 }, (_, i) => update(i, [reading(1 + ((i + rank) % 7), 8)], rank)),
    ),
  );
  const replay = new ReplayRun(folder, { spacing: 16, most: 17 });
  const all = [...readRun(folder)].flat();
  expect(replay.length).toBe(60 * ranks);
  for (const target of [ranks - 1, 2399, 1200, 1201, 39, 777, 2400, 0]) {
    replay.seek(target);
    expect(JSON.stringify(replay.snapshot)).toBe(
      JSON.stringify(reduceAll(emptySnapshot(), all.slice(0, target))),
    );
  }
});

test('the verdict at any position is that of the events before it, however it was reached', () => {
  const folder = written(
    Array.from({ length: 300 }, (_, i) =>
      update(i, [reading(1 + i / 100, 5, { peakAllocatedBytes: 2e9 + i * 1e7 })]),
    ),
  );
  const replay = new ReplayRun(folder, { spacing: 16, most: 8 });
  const all = [...readRun(folder)].flat();
  for (const target of [10, 150, 151, 40, 299, 300, 0]) {
    replay.seek(target);
    const analyser = new RunAnalyser();
    for (const event of all.slice(0, target)) analyser.take(event);
    expect(replay.verdict()).toEqual(analyser.report());
  }
});

test('steps go from update to update, and to the ends', () => {
  const replay = new ReplayRun(written(Array.from({ length: 5 }, (_, i) => update(i))), {
    spacing: 2,
    most: 3,
  });
  const batches = (...directions: (1 | -1)[]) =>
    directions.map(direction => {
      replay.step(direction);
      return replay.snapshot.tamiyo.batch;
    });
  expect(batches(1, 1, 1, 1, 1, 1)).toEqual([0, 1, 2, 3, 4, 4]);
  expect(batches(-1, -1, -1, -1, -1)).toEqual([3, 2, 1, 0, null]);
});
