/** What the driver's samples show: growth to the end, a cache that filled, a level that stays; in bounded memory. */
import { expect, test } from 'vitest';
import { DriverTrace } from './driver-trace.ts';

const GIB = 2 ** 30;

/** A device of 80 GiB whose use in GiB is that, a sample a minute. */
function traced(used: readonly number[]) {
  const trace = new DriverTrace();
  for (const [i, gib] of used.entries())
    trace.take([{ index: 0, usedBytes: gib * GIB, totalBytes: 80 * GIB }], 60_000 * i);
  return trace.finding();
}
const ramp = (n: number, from: number, to: number) =>
  Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));

test.each([
  ['grows to the end', ramp(20, 10, 60), 'growth', 'likely'],
  ['grows, in few samples', ramp(7, 10, 60), 'growth', 'possible'],
  ['grows until it is full', ramp(20, 10, 79), 'full', 'likely'],
  [
    'rises at first, as a cache that fills, and stays',
    [...ramp(5, 10, 40), ...Array(30).fill(40)],
    'steady',
    'likely',
  ],
  ['rises for half of the time, and stays', [...ramp(18, 10, 40), ...Array(18).fill(40)], 'steady', 'likely'],
  ['stays', Array(20).fill(40), 'steady', 'likely'],
  ['jumps to and fro', Array.from({ length: 30 }, (_, i) => 20 + 20 * (i % 2)), 'unmeasured', 'possible'],
  ['is freed', ramp(20, 60, 10), 'unmeasured', 'possible'],
  ['was seen twice', [10, 50], 'unmeasured', 'possible'],
])('a device whose use %s', (_, used, kind, confidence) => {
  expect(traced(used as number[])).toMatchObject({ kind, confidence });
});

test('nothing that was sampled is no finding', () => {
  const trace = new DriverTrace();
  trace.take([{ index: 0, utilizationPercent: 3 }], 0);
  expect(trace.finding()).toBeNull();
});

test('a long course is kept in bounded memory, with its whole span', () => {
  const says = traced(ramp(100_000, 10, 70))!.says;
  expect(says).toMatch(/grew from 10\.0 GiB to 70\.0 GiB over 100,000 samples in 69d/);
});
