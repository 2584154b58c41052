/**
 * When a falling line with scatter first reaches zero. What is not known for certain is drawn: slope and level of the
 * line, whether its past path was chance (a walk) or scatter, and each update's own scatter.
 */
import { mean, normalRandom, quantileOf, seededRandom, sorted, standardDeviation } from '../base/index.ts';
import type { FittedLine } from './theil-sen.ts';

export interface FirstPassage {
  x: readonly number[];
  /** Where the future begins. */
  from: number;
  /** Where to stop looking; a passage beyond counts as `farthest`. */
  farthest: number;
  /** What is needed above the line, drawn from these; null for nothing. */
  extra: readonly number[] | null;
  /** What is left when it is too little is anything between these. */
  granule: { low: number; high: number };
  seed: number;
}

const DRAWS = 120;
/** Steps in which the way to the expected end is made. */
const STEPS = 150;

/** Updates from `from` until the first in which the line with its scatter is below zero, one number a draw. */
export function firstPassage(
  line: FittedLine,
  { x, from, farthest, extra, granule, seed }: FirstPassage,
): number[] {
  const uniform = seededRandom(seed + 1);
  const normal = normalRandom(uniform);
  const n = x.length;
  const spacing = (x[n - 1]! - x[0]!) / (n - 1);
  const scatter = sorted(line.residuals);
  const walk = walkVariance(line, x);
  const slopeError = Math.hypot(line.slopeError, Math.sqrt((1.2 * walk) / (n * spacing)));
  const effective = (n * (1 - line.inertia)) / (1 + line.inertia);
  const levelError = (1.25 * standardDeviation(scatter)) / Math.sqrt(Math.max(1, effective));
  return Array.from({ length: DRAWS }, () => {
    const slope = Math.min(line.slope / 20, line.slope + slopeError * normal());
    const above = extra === null ? 0 : extra[Math.floor(uniform() * extra.length)]!;
    let level =
      line.level +
      levelError * normal() +
      slope * (from - line.centre) -
      above -
      (granule.low + (granule.high - granule.low) * uniform());
    const expected = Math.max(1, level / -slope);
    const step = Math.max(1, Math.round(expected / STEPS));
    for (let at = step; at < farthest; at += step) {
      level += slope * step + Math.sqrt(walk * step) * normal();
      // The lowest of so many updates' scatter.
      const lowest = quantileOf(scatter, 1 - uniform() ** (1 / step));
      if (level + lowest < 0) return at - (step - 1) * uniform();
    }
    return farthest;
  });
}

/**
 * Variance that the line's path gains an update by chance, beside scatter: neighbouring blocks of a mere line with
 * scatter differ by what their means leave open, those of a walk by more.
 */
function walkVariance({ residuals }: FittedLine, x: readonly number[]): number {
  const n = residuals.length;
  const block = Math.max(3, Math.floor(n / 8));
  const means: number[] = [];
  for (let at = 0; at + block <= n; at += block) means.push(mean(residuals.subarray(at, at + block)));
  if (means.length < 4) return 0;
  let squares = 0;
  for (let i = 1; i < means.length; i++) squares += (means[i]! - means[i - 1]!) ** 2;
  let rough = 0;
  for (let i = 1; i < n; i++) rough += (residuals[i]! - residuals[i - 1]!) ** 2;
  const between = squares / (means.length - 1);
  const white = rough / (n - 1) / block;
  const updates = (block * (x[n - 1]! - x[0]!)) / (n - 1);
  return Math.max(0, between - white) / ((2 / 3) * updates);
}
