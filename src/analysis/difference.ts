/**
 * Intervals of differences, from neighbouring updates of a run: they are alike, so many of them are worth
 * fewer. Student’s t on as many independent values as there seem to be. All intervals hold the truth in 99 of 100 cases.
 */
import { mean, median, robustDeviation, standardDeviation } from '../base/index.ts';
import type { Interval } from '../contract/index.ts';
import { type FittedLine, inertiaOf, theilSen } from './theil-sen.ts';

/** Standard normal quantile of a 99% interval. */
const NINETY_NINE = 2.5758;
/** Values that an interval needs, and independent ones that they must be worth. */
const LEAST = 8;
const LEAST_INDEPENDENT = 4;
/** Outliers count as this many robust deviations. */
const CUT = 4;
/** A median’s standard error, of a mean’s, of normal values. */
const OF_MEDIAN = Math.sqrt(Math.PI / 2);
/** Numbers of blocks whose means are looked at, and degrees of freedom that so few leave. */
const BLOCKS = [8, 12, 20];
const FREEDOM = 11;
/** Points that a trend is looked for in: work grows with their square. */
const OF_TREND = 200;
/** Standard errors of a trend beyond doubt. */
const BEYOND_DOUBT = 3.3;

/** Student’s t of a 99% interval, for 3 or more degrees of freedom (expansion of Cornish and Fisher). */
export function studentT(freedom: number, z = NINETY_NINE): number {
  const n = freedom;
  const [z3, z5, z7] = [z ** 3, z ** 5, z ** 7];
  return (
    z +
    (z3 + z) / (4 * n) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n ** 3)
  );
}

export interface Difference {
  /** Null where too few values are independent. */
  interval: Interval | null;
  independent: number;
}

/** The usual one of a series of differences, and what is known of it. A trend in them is no scatter. */
export function usualOf(differences: readonly number[]): Difference | null {
  const n = differences.length;
  if (n < LEAST) return null;
  const { level, residuals } = settled(differences);
  const cut = CUT * robustDeviation(residuals);
  const scatter = cut > 0 ? residuals.map(value => Math.max(-cut, Math.min(cut, value))) : residuals;
  const deviation = standardDeviation(scatter);
  if (deviation === 0) return { interval: { low: level, mid: level, high: level }, independent: n };
  const independent = n / inflation(scatter);
  if (independent < LEAST_INDEPENDENT) return { interval: null, independent };
  const half =
    (studentT(Math.min(FREEDOM, independent - 1)) * OF_MEDIAN * deviation) / Math.sqrt(independent);
  return { interval: { low: level - half, mid: level, high: level + half }, independent };
}

/** Level and residuals: about the median, or about a line where there is a trend beyond doubt. */
function settled(values: readonly number[]): { level: number; residuals: Float64Array } {
  const { line, step } = lineThrough(values);
  const usual = median(values);
  if (line.slopeAt(-BEYOND_DOUBT) * line.slopeAt(BEYOND_DOUBT) <= 0)
    return { level: usual, residuals: Float64Array.from(values, value => value - usual) };
  const middle = (values.length - 1) / 2;
  const level = median(values.map((value, i) => value - (line.slope / step) * (i - middle)));
  return {
    level,
    residuals: Float64Array.from(values, (value, i) => value - level - (line.slope / step) * (i - middle)),
  };
}

/**
 * How many neighbours are worth one. A slow drift under much scatter hardly shows in neighbours, and shows in the means of
 * long blocks: the largest answer counts.
 */
function inflation(residuals: Float64Array): number {
  const inertia = inertiaOf(residuals);
  const variance = standardDeviation(residuals) ** 2;
  const byBlocks = BLOCKS.map(blocks => {
    const length = Math.floor(residuals.length / blocks);
    if (length < 2) return 1;
    const means = Array.from({ length: blocks }, (_, i) =>
      mean(residuals.subarray(i * length, (i + 1) * length)),
    );
    return (length * standardDeviation(means) ** 2) / variance;
  });
  return Math.max(1, (1 + inertia) / (1 - inertia), ...byBlocks);
}

/** Growth of the differences from one to the next, and what is known of it. */
export function growthBetween(differences: readonly number[]): Difference | null {
  if (differences.length < LEAST) return null;
  const { line, step } = lineThrough(differences);
  if (line.residuals.every(value => value === 0)) {
    const slope = line.slope / step;
    return { interval: { low: slope, mid: slope, high: slope }, independent: differences.length };
  }
  const alike = inflation(line.residuals);
  const independent = line.residuals.length / alike;
  if (independent < LEAST_INDEPENDENT) return { interval: null, independent };
  // The line itself widens by the likeness of the next alone.
  const wider = Math.sqrt(alike / ((1 + line.inertia) / (1 - line.inertia)));
  const errors = studentT(Math.min(FREEDOM, independent - 1)) * wider;
  const at = (count: number) => line.slopeAt(count) / step;
  return { interval: { low: at(-errors), mid: line.slope / step, high: at(errors) }, independent };
}

/** A robust line through a series, or through every `step`th of a long one; x counts those. */
function lineThrough(values: readonly number[]): { line: FittedLine; step: number } {
  const step = Math.ceil(values.length / OF_TREND);
  const y = values.filter((_, i) => i % step === 0);
  return {
    line: theilSen(
      y.map((_, i) => i),
      y,
    ),
    step,
  };
}

/** The share of updates in which something happened (0–1 each, or the share of a block of `each`), after Wilson. */
export function shareOf(values: readonly number[], each: number): Difference | null {
  if (values.length < LEAST) return null;
  const p = mean(values);
  const bernoulli = (p * (1 - p)) / each;
  const seen =
    bernoulli === 0
      ? 1
      : Math.max(
          1,
          (standardDeviation(values) ** 2 / bernoulli) * inflation(Float64Array.from(values, v => v - p)),
        );
  const independent = (values.length * each) / seen;
  const z2 = NINETY_NINE ** 2;
  const centre = (p + z2 / (2 * independent)) / (1 + z2 / independent);
  const half =
    (NINETY_NINE * Math.sqrt((p * (1 - p)) / independent + z2 / (4 * independent ** 2))) /
    (1 + z2 / independent);
  return { interval: { low: centre - half, mid: p, high: centre + half }, independent };
}

/** b − a of two estimates that are independent of each other, each with its interval (Donner and Zou). */
export function differenceOf(a: Interval, b: Interval): Interval {
  const mid = b.mid - a.mid;
  return {
    low: mid - Math.hypot(b.mid - b.low, a.high - a.mid),
    mid,
    high: mid + Math.hypot(b.high - b.mid, a.mid - a.low),
  };
}

/** An interval of another confidence, as a normal estimate’s would be: `z` is its quantile. */
export const widened = ({ low, mid, high }: Interval, z: number): Interval => ({
  low: mid - ((mid - low) * NINETY_NINE) / z,
  mid,
  high: mid + ((high - mid) * NINETY_NINE) / z,
});
