/** Means of few runs and their differences, with intervals that hold the true value in 99 of 100 cases. */
import { mean, standardDeviation } from '../base/index.ts';
import { studentT } from './difference.ts';

/** Student’s t of a 99% interval where its expansion does not hold, for 1 to 5 degrees of freedom. */
const FEW = [63.657, 9.925, 5.841, 4.604, 4.032];

/** For any number of degrees of freedom from 1 up; parts of one are left out, which widens the interval. */
export function studentOf(freedom: number): number {
  const whole = Math.floor(freedom);
  return FEW[whole - 1] ?? studentT(whole);
}

export interface Estimate {
  mean: number;
  low: number | null;
  high: number | null;
  deviation: number | null;
  runs: number;
}

/** Null of no values. One value has no interval. */
export function meanOf(values: readonly number[]): Estimate | null {
  const n = values.length;
  if (n === 0) return null;
  const middle = mean(values);
  if (n === 1) return { mean: middle, low: null, high: null, deviation: null, runs: 1 };
  const deviation = standardDeviation(values);
  const half = (studentOf(n - 1) * deviation) / Math.sqrt(n);
  return { mean: middle, low: middle - half, high: middle + half, deviation, runs: n };
}

/** b − a of two samples (Welch); null where one is empty, without an interval where one has a single value. */
export function differenceOfMeans(
  a: readonly number[],
  b: readonly number[],
): { mid: number; low: number | null; high: number | null } | null {
  const [one, other] = [meanOf(a), meanOf(b)];
  if (one === null || other === null) return null;
  const mid = other.mean - one.mean;
  if (one.deviation === null || other.deviation === null) return { mid, low: null, high: null };
  const [ofA, ofB] = [one.deviation ** 2 / a.length, other.deviation ** 2 / b.length];
  const sum = ofA + ofB;
  if (sum === 0) return { mid, low: mid, high: mid };
  const freedom = sum ** 2 / (ofA ** 2 / (a.length - 1) + ofB ** 2 / (b.length - 1));
  const half = studentOf(Math.max(1, freedom)) * Math.sqrt(sum);
  return { mid, low: mid - half, high: mid + half };
}
