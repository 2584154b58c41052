/** The page of a run whose log is being read for the first time. */
import { expect, test } from 'vitest';
import type { AlarmSpan } from '../../src/contract/index.ts';
import { emptySnapshot } from '../../src/reduce/index.ts';
import { drawRun } from '../../src/web/index.ts';
import { NOW } from '../sanctum/snapshots.ts';

const alarm: AlarmSpan = {
  rank: 0,
  device: 'sim:0',
  rule: 'verdict',
  level: 'critical',
  reason: 'leak',
  figure: 'verdict',
  fromMs: NOW - 60_000,
  fromBatch: 45,
  toMs: null,
  toBatch: null,
};

const page = (fraction: number | null) =>
  drawRun({
    view: {
      id: 'r',
      name: 'night',
      snapshot: emptySnapshot(),
      report: { malformed: 0, torn: 0, lost: 0, unknown: 0 },
      problem: null,
      marks: [],
      alarms: [alarm],
      indexing: fraction === null ? null : { events: 97, fraction },
      etaMs: null,
    },
    series: {
      rank: 0,
      available: [],
      points: 1,
      batchRange: null,
      timeRange: null,
      nextSeq: 0,
      indexing: null,
      batch: [],
      batchEnd: [],
      timeMs: [],
      timeEndMs: [],
      figures: {},
    },
    report: null,
    nowMs: NOW,
  });

test('does not call it waiting, and has no alarm of half a log', () => {
  const reading = page(0.26);
  expect(reading).toMatch(/Reading the log: 97 events, 26%/);
  expect(reading).toMatch(/<h1>night<\/h1>/);
  expect(reading).not.toMatch(/waiting/i);
  expect(reading).not.toMatch(/data-region="banner"|since batch/);
  // One that nobody has written yet is waited for.
  expect(page(null)).toMatch(/waiting for the first update/);
});
