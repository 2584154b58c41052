/** Whether a figure of the points keeps growing: its points after the last change point, and the robust line through them. */
import { median, quantile, robustDeviation } from '../base/index.ts';
import type { Interval } from '../contract/index.ts';
import { lastChangePoint } from './change-point.ts';
import { theilSen } from './theil-sen.ts';
import type { PastUpdate } from './update-sample.ts';

/** Updates that a process needs to reach its usual memory: the allocator warms up, the optimizer's moments appear. */
export const WARMUP_UPDATES = 5;
/** Points that a line needs, and a certain finding; those of a trend that scatters: of a few, a random walk makes one by chance. */
export const LEAST_POINTS = 8;
const LEAST_SCATTERED = 20;
/** Standard errors: of a trend beyond doubt (one in two thousand by chance), and of a 90% interval. */
const BEYOND_DOUBT = 3.3;
const NINETY = 1.645;

export interface CurrentSegment {
  points: PastUpdate[];
  /** Tenth percentile of the figure before it; null where it is the first. */
  before: number | null;
}

/** The part of a figure after its last change point, on the finest scale that has all of it; points without the figure are left out. */
export function currentSegment(
  views: readonly PastUpdate[][],
  figure: (point: PastUpdate) => number | null,
): CurrentSegment {
  const known = views.map(view => view.filter(point => point.at >= WARMUP_UPDATES && figure(point) !== null));
  let begins = 0;
  let before: number | null = null;
  for (const points of [...known].reverse()) {
    const y = points.map(point => figure(point)!);
    const from = lastChangePoint(
      points.map(point => point.at),
      y,
    );
    const at = points[from]?.at ?? 0;
    if (from === 0 || at <= begins) continue;
    begins = at;
    before = quantile(y.slice(0, from), 0.1);
  }
  const inside = known.map(points => points.filter(point => point.at >= begins));
  // A scale that has earlier points as well has the whole of it: what is slow shows over all of a long run alone.
  const points = inside.find((one, scale) => one.length < known[scale]!.length) ?? inside.at(-1) ?? [];
  // A coarse one may end before the newest point.
  const newest = inside[0]?.at(-1);
  if (newest !== undefined && newest.at > (points.at(-1)?.at ?? newest.at)) points.push(newest);
  return { points, before };
}

export interface Trend {
  /** Growth an update, 90% interval. */
  slope: Interval;
  /** Growth over those points, and its middle. */
  growth: number;
  level: number;
  /** It grows, or falls, beyond doubt. */
  grows: boolean;
  falls: boolean;
  sinceBatch: number;
  untilBatch: number;
  points: number;
}

/** Null where too few points hold the figure. */
export function trendOf(
  views: readonly PastUpdate[][],
  figure: (point: PastUpdate) => number | null,
): Trend | null {
  const { points } = currentSegment(views, figure);
  if (points.length < LEAST_POINTS) return null;
  const x = points.map(point => point.at);
  const y = points.map(point => figure(point)!);
  const line = theilSen(x, y);
  const growth = line.slope * (x.at(-1)! - x[0]!);
  const scatter = robustDeviation(line.residuals);
  const isClear = points.length >= LEAST_SCATTERED && Math.abs(growth) > 2 * scatter;
  const way = direction(y);
  return {
    slope: { low: line.slopeAt(-NINETY), mid: line.slope, high: line.slopeAt(NINETY) },
    growth,
    level: line.level,
    grows: growth > 0 && (way > 0 || (isClear && line.slopeAt(-BEYOND_DOUBT) > 0)),
    falls: growth < 0 && (way < 0 || (isClear && line.slopeAt(BEYOND_DOUBT) < 0)),
    sinceBatch: points[0]!.batch,
    untilBatch: points.at(-1)!.batch,
    points: points.length,
  };
}

/** Readings of one slope that are evidence where a process was refused in the update after them; the first step may be of another size. */
const LEAST_OF_ONE_SLOPE = 5;
/** Steps of one slope differ from their median by no more than this share of it. */
const SAME_STEP = 0.25;

/**
 * A trend within the first updates of a process, which ended before a line could be fitted: every update takes a step of one size.
 * Null where they differ, or are too few.
 */
export function trendOfShortLife(
  points: readonly PastUpdate[],
  figure: (point: PastUpdate) => number | null,
): Trend | null {
  const known = points.filter(point => figure(point) !== null);
  if (known.length < LEAST_OF_ONE_SLOPE) return null;
  const y = known.map(point => figure(point)!);
  const steps = y.slice(1).map((value, i) => value - y[i]!);
  const usual = median(steps.slice(1));
  if (usual === 0 || steps[0]! * usual < 0) return null;
  if (steps.slice(1).some(step => Math.abs(step - usual) > SAME_STEP * Math.abs(usual))) return null;
  return {
    slope: { low: Math.min(...steps.slice(1)), mid: usual, high: Math.max(...steps.slice(1)) },
    growth: y.at(-1)! - y[0]!,
    level: median(y),
    grows: usual > 0,
    falls: usual < 0,
    sinceBatch: known[0]!.batch,
    untilBatch: known.at(-1)!.batch,
    points: known.length,
  };
}

/** 1: goes up far more often than down, however irregularly. −1: down. 0: neither. */
function direction(y: readonly number[]): number {
  let ups = 0;
  let downs = 0;
  for (let i = 1; i < y.length; i++) {
    if (y[i]! > y[i - 1]!) ups++;
    if (y[i]! < y[i - 1]!) downs++;
  }
  if (Math.abs(ups - downs) <= BEYOND_DOUBT * Math.sqrt(ups + downs)) return 0;
  return ups > downs ? (ups >= LEAST_POINTS ? 1 : 0) : downs >= LEAST_POINTS ? -1 : 0;
}
