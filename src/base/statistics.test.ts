/** A median is found without sorting, and is the one that sorting gives. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { median, quantile, robustDeviation } from './statistics.ts';

const OF_NORMAL = 1.4826;
const value = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }),
);

test('of any finite values, many alike among them', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 200 }), values => {
      const before = [...values];
      expect(median(values)).toBe(quantile(values, 0.5));
      const middle = quantile(values, 0.5);
      const apart = values.map(own => Math.abs(own - middle));
      expect(robustDeviation(values)).toBe(OF_NORMAL * quantile(apart, 0.5));
      expect(values).toEqual(before);
    }),
  );
});

test('of long rows in order, against it, in hills and of one value', () => {
  const rows: ((i: number) => number)[] = [
    i => i,
    i => -i,
    i => Math.abs(i - 2500),
    i => -Math.abs(i - 2500),
    i => i % 7,
    () => 4,
    i => (i * 7919) % 4999,
  ];
  for (const of of rows)
    for (const length of [4999, 5000]) {
      const values = Array.from({ length }, (_, i) => of(i));
      expect(median(values)).toBe(quantile(values, 0.5));
    }
});

test('of none, and of values that are no numbers, as sorting has it', () => {
  expect(median([])).toBeNaN();
  expect(median([Number.NaN, 1, 3])).toBe(quantile([Number.NaN, 1, 3], 0.5));
  expect(median([-0])).toBe(0);
});
