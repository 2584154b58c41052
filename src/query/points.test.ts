import { expect, test } from 'vitest';
import { event, reading, update } from '../../test/events.ts';
import type { TelemetryEvent } from '../contract/index.ts';
import { PointReader } from './chart-points.ts';

const counted = (seq: number, allocRetries: number) =>
  update(seq, [reading(1, 2, { allocRetries, ooms: 0 })]);
const refusalsOf = (events: readonly TelemetryEvent[], isFromStart: boolean) => {
  const reader = new PointReader(isFromStart);
  return events.map(each => {
    reader.take(each);
    return reader.point(each)?.figures['cuda:0/refusals'] ?? null;
  });
};
const log = [
  event('TRAINING_STARTED', {}, 0),
  counted(1, 0),
  counted(2, 10),
  counted(3, 10),
  event('TRAINING_STARTED', { resumedAtBatch: 3 }, 4),
  counted(5, 0),
  counted(6, 3),
];

test('refusals are those since the update before, and a new process counts from zero', () => {
  expect(refusalsOf(log, true)).toEqual([null, 0, 10, 0, null, 0, 3]);
});

test('read from the middle of a log, the first counter is no growth', () => {
  expect(refusalsOf(log.slice(3), false)).toEqual([0, null, 0, 3]);
  expect(refusalsOf(log.slice(2, 3), false)).toEqual([0]);
});

test('a device that is first seen after the start counts what its counters hold', () => {
  const other = update(2, [reading(1, 2, { device: 'cuda:1', allocRetries: 4 })]);
  const reader = new PointReader(true);
  for (const each of log.slice(0, 2)) reader.take(each);
  reader.take(other);
  expect(reader.point(other)?.figures['cuda:1/refusals']).toBe(4);
});
