/**
 * A straight line through points that may hold outliers: the median of the slopes of all pairs (Theil and Sen). Its
 * interval comes from Kendall's statistic (Sen 1968), widened where neighbouring points are alike.
 */
import { median, quantileOf } from '../base/index.ts';

export interface FittedLine {
  slope: number;
  /** Value at `centre`, the median x. */
  level: number;
  centre: number;
  /** Slope at so many standard errors below and above. */
  slopeAt: (errors: number) => number;
  /** One standard error of the slope, were no two residuals alike. */
  slopeError: number;
  residuals: Float64Array;
  /** Correlation of neighbouring residuals, 0–0.95. */
  inertia: number;
}

const MOST_INERTIA = 0.95;

/** At least three points with distinct, ascending x. Work grows with the square of their number. */
export function theilSen(x: ArrayLike<number>, y: ArrayLike<number>): FittedLine {
  const n = x.length;
  if (Array.prototype.every.call(y, value => value === y[0])) return flat(x, y);
  const slopes = new Float64Array((n * (n - 1)) / 2);
  let pair = 0;
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) slopes[pair++] = (y[j]! - y[i]!) / (x[j]! - x[i]!);
  slopes.sort();
  const slope = quantileOf(slopes, 0.5);
  const centre = median(Array.from(x));
  const level = median(Array.from(y, (value, i) => value - slope * (x[i]! - centre)));
  const residuals = Float64Array.from(y, (value, i) => value - level - slope * (x[i]! - centre));
  const inertia = inertiaOf(residuals);
  const kendall = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const at = (errors: number) =>
    quantileOf(slopes, Math.min(1, Math.max(0, 0.5 + (errors * kendall) / (2 * slopes.length))));
  const wider = Math.sqrt((1 + inertia) / (1 - inertia));
  return {
    slope,
    level,
    centre,
    slopeAt: errors => at(errors * wider),
    slopeError: (at(1) - at(-1)) / 2,
    residuals,
    inertia,
  };
}

/** The line through values that are all the same. */
const flat = (x: ArrayLike<number>, y: ArrayLike<number>): FittedLine => ({
  slope: 0,
  level: y[0]!,
  centre: median(Array.from(x)),
  slopeAt: () => 0,
  slopeError: 0,
  residuals: new Float64Array(x.length),
  inertia: 0,
});

/** Correlation of each residual with the next, of signs and sizes cut at three times the usual one: outliers count little. @param immaterial scatter that is noise, whatever its order */
export function inertiaOf(residuals: Float64Array, immaterial = 0): number {
  const usual = median(residuals.map(Math.abs));
  if (!(usual > 0)) return 0;
  const cut = (value: number) => Math.max(-3, Math.min(3, value / usual));
  let products = 0;
  let squares = 0;
  for (let i = 0; i < residuals.length; i++) {
    const value = cut(residuals[i]!);
    squares += value * value;
    if (i > 0) products += value * cut(residuals[i - 1]!);
  }
  const n = residuals.length;
  // Residuals of a fitted line are less alike than those of the true one.
  const corrected = products / (squares + n * (immaterial / usual) ** 2) + 4 / n;
  return Math.min(MOST_INERTIA, Math.max(0, corrected));
}
