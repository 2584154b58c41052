import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFlat, multiplesOf, roundStep, tickFormat } from './ticks.ts';

const texts = (ticks: number[]) => ticks.map(tickFormat(ticks));

describe('numbers of an axis', () => {
  test.each([
    [
      [0, 2, 4, 6, 8],
      ['0', '2', '4', '6', '8'],
    ],
    [
      [0, 0.25, 0.5],
      ['0', '0.25', '0.5'],
    ],
    [
      [99.998, 100, 100.002],
      ['99.998', '100', '100.002'],
    ],
    [
      [0, 5000, 10_000],
      ['0', '5k', '10k'],
    ],
    [
      [100_000, 100_001, 100_002],
      ['100k', '100.001k', '100.002k'],
    ],
    [
      [0, 5e5, 1e6, 1.5e6],
      ['0', '0.5M', '1M', '1.5M'],
    ],
    [
      [0, 1e-4, 2e-4],
      ['0', '1e-4', '2e-4'],
    ],
    [
      [-0.02, -0.01, 0],
      ['-0.02', '-0.01', '0'],
    ],
    [[7], ['7']],
    [[0], ['0']],
    [[], []],
  ])('%j', (ticks, written) => expect(texts(ticks)).toEqual(written));

  test('a value between two ticks is neither of them', () => {
    expect([1.7, 1.6789, 2].map(tickFormat([0, 1, 2, 3]))).toEqual(['1.7', '1.7', '2']);
  });

  test('are never written alike, whatever the range', () => {
    const size = fc.double({ min: -1e12, max: 1e12, noNaN: true });
    const span = fc.double({ min: 1e-12, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(size, span, fc.integer({ min: 1, max: 8 }), (low, range, steps) => {
        fc.pre(!isFlat(low, low + range));
        const step = roundStep(range / steps);
        const from = Math.floor(low / step);
        const ticks = [...new Set(multiplesOf(step, from, from + steps))];
        expect(new Set(texts(ticks)).size).toBe(ticks.length);
        for (const [i, text] of texts(ticks).entries())
          if (!/[kMGT]$/.test(text))
            expect(Math.abs(Number(text) - ticks[i]!)).toBeLessThanOrEqual(step / 100);
      }),
    );
  });
});

test('what rounding makes of a constant is a constant', () => {
  expect(isFlat(0.1 + 0.2, 0.3)).toBe(true);
  expect(isFlat(1e9, 1e9 + 1e-3)).toBe(true);
  expect(isFlat(0, 1e-9)).toBe(false);
});
