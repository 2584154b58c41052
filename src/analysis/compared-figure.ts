/** A figure of two runs, once it is compared → whether that is a change worth telling. */
import type { ComparedFigure, ComparedOwn, comparedFigures, Interval } from '../contract/index.ts';

export type ComparedName = (typeof comparedFigures)[number];
const about: Record<ComparedName, Pick<ComparedFigure, 'part' | 'unit' | 'better'>> = {
  peakBytes: { part: 'memory', unit: 'bytes', better: 'lower' },
  restingBytes: { part: 'memory', unit: 'bytes', better: 'lower' },
  reservedBytes: { part: 'memory', unit: 'bytes', better: null },
  pressureFraction: { part: 'memory', unit: 'fraction', better: 'lower' },
  headroomBytes: { part: 'memory', unit: 'bytes', better: 'higher' },
  strandedBytes: { part: 'memory', unit: 'bytes', better: 'lower' },
  fragmentation: { part: 'memory', unit: 'fraction', better: 'lower' },
  cudaMemoryFragmentation: { part: 'memory', unit: 'fraction', better: null },
  growthBytes: { part: 'memory', unit: 'bytes per update', better: 'lower' },
  wallFraction: { part: 'memory', unit: 'fraction', better: 'lower' },
  tookMs: { part: 'time', unit: 'ms', better: 'lower' },
  stepsPerSecond: { part: 'time', unit: 'per second', better: 'higher' },
  lostFraction: { part: 'time', unit: 'fraction', better: 'lower' },
  episodicReturn: { part: 'learning', unit: 'number', better: 'higher' },
  loss: { part: 'learning', unit: 'number', better: null },
};

/** What a figure's comparison came to, before it is judged. */
export interface Compared {
  a: number | null;
  b: number | null;
  change: Interval | null;
  pairs: number;
  independent: number | null;
}
export const unmeasuredFigure: Compared = { a: null, b: null, change: null, pairs: 0, independent: null };
/** Nothing is beyond the warm-up of one of the runs. */
export const tooEarly: Compared = { ...unmeasuredFigure, independent: 0 };

/** Changes up to this share of what was are trifles, however certain. */
const TRIFLE = 0.005;
/**
 * Two runs of the same job lay out their memory differently, by the order of their first requests, and keep it so: within
 * a run nothing shows. Shares of the device (of 1, for fractions) that 99 of 100 pairs of simulated runs stay below:
 * `npx tsx bench/compare.ts 60 layout`.
 */
const BY_LAYOUT: Partial<Record<ComparedName, number>> = {
  peakBytes: 0.007,
  restingBytes: 0.001,
  reservedBytes: 0.2,
  pressureFraction: 0.007,
  headroomBytes: 0.012,
  strandedBytes: 0.012,
  fragmentation: 0.23,
  cudaMemoryFragmentation: 0.16,
};

/** @param totalBytes of the device, for what is a share of it; null where it is unknown */
export function judged(
  figure: ComparedName,
  { a, b, change, pairs, independent }: Compared,
  totalBytes: number | null,
): ComparedFigure {
  const { unit } = about[figure];
  const byLayout = (BY_LAYOUT[figure] ?? 0) * (unit === 'fraction' ? 1 : (totalBytes ?? 0));
  return { figure, ...about[figure], ...weighed({ a, b, change, pairs, independent }, byLayout) };
}

/** A figure of the trainers' own: nobody knows which way is better. */
export const judgedOwn = (name: string, found: Compared): ComparedOwn => ({
  figure: name,
  part: 'own',
  unit: 'number',
  better: null,
  ...weighed(found, 0),
});

/** @param least changes up to this are trifles */
function weighed({ a, b, change, pairs, independent }: Compared, least: number) {
  const trifle = a === null ? null : Math.max(least, TRIFLE * Math.abs(a));
  const isClear = change !== null && (change.low > 0 || change.high < 0) && Math.abs(change.mid) > trifle!;
  const scale = a === null || a === 0 ? null : 1 / Math.abs(a);
  return {
    a,
    b,
    change,
    relative:
      change === null || scale === null
        ? null
        : { low: change.low * scale, mid: change.mid * scale, high: change.high * scale },
    status: statusOf(a, change, independent, isClear),
    trifle,
    pairs,
    independent,
  };
}

const statusOf = (
  a: number | null,
  change: Interval | null,
  independent: number | null,
  isClear: boolean,
): ComparedFigure['status'] => {
  if (change !== null) return isClear ? 'changed' : 'no evidence';
  return a === null && independent !== 0 ? 'unmeasured' : 'too few';
};
