import { expect, test } from 'vitest';
import { approxKl, clipFraction, explainedVariance } from './diagnostics.ts';

const logRatios = Float32Array.of(Math.log(1.5), Math.log(0.9), 0, Math.log(0.7));

test('approximate KL is the mean of (ratio − 1) − log ratio', () => {
  const expected = (0.5 - Math.log(1.5) + (-0.1 - Math.log(0.9)) + 0 + (-0.3 - Math.log(0.7))) / 4;
  expect(approxKl(logRatios)).toBeCloseTo(expected, 6);
  expect(approxKl(new Float32Array(8))).toBe(0);
});

test('clip fraction is the share of ratios outside the range; NaN is outside', () => {
  expect(clipFraction(logRatios, 0.2)).toBe(0.5);
  expect(clipFraction(logRatios, 0.05)).toBe(0.75);
  expect(clipFraction(Float32Array.of(0, Number.NaN), 0.2)).toBe(0.5);
});

test('explained variance is 1 for a perfect critic, 0 for a constant one, null where returns hardly vary', () => {
  const returns = Float32Array.of(1, 2, 3, 4);
  expect(explainedVariance(returns, returns)).toBe(1);
  expect(
    explainedVariance(
      returns.map(x => x + 5),
      returns,
    ),
  ).toBe(1);
  expect(explainedVariance(new Float32Array(4).fill(2.5), returns)).toBe(0);
  expect(explainedVariance(returns, new Float32Array(4).fill(2))).toBeNull();
  const around = (spread: number) => Float32Array.of(100 - spread, 100 + spread);
  expect(explainedVariance(new Float32Array(2).fill(100), around(0.4))).toBeNull();
  expect(explainedVariance(new Float32Array(2).fill(100), around(0.6))).toBe(0);
});
