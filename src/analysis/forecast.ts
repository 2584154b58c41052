/**
 * When memory runs out, if it goes on like this. Of the present regime, what is left of the budget at each update's peak
 * is fitted by a straight line (Theil and Sen); where it falls beyond doubt, its future is drawn many times, with what
 * the fit leaves open, until nothing is left. Peaks that hold for a whole run are no peaks of an update: there the line
 * is that of the memory at rest, and the peak above it is drawn from what is known of it.
 */
import { firstPassage } from './first-passage.ts';
import type { Point } from './point.ts';
import { presentRegime } from './regime.ts';
import { type Interval, quantileOf, robustDeviation } from './statistics.ts';
import { type Line, theilSen } from './theil-sen.ts';

export interface Forecast {
  /**
   * ahead: memory runs out within the interval. no trend: what is left does not shrink beyond doubt. far: it shrinks,
   * but would run out only beyond what the run so far can tell. too short: too few updates since the run began or
   * changed. unmeasured: peak or budget are not told.
   */
  status: 'ahead' | 'no trend' | 'far' | 'too short' | 'unmeasured';
  /** Updates until memory runs out, from the newest; 90% interval. Null unless ahead. */
  updates: Interval | null;
  minutes: Interval | null;
  /** The batch in which it runs out. */
  batch: Interval | null;
  /** Loss of headroom an update, bytes, 90% interval; null where nothing was fitted. */
  slopeBytes: Interval | null;
  /** The regime: its first and last batch, and points that were fitted. */
  since: number | null;
  until: number | null;
  points: number;
}

/** Updates that a process needs to reach its usual memory: the allocator warms up, the optimizer's moments appear. */
export const WARMUP = 5;
/** Points that a line needs. */
const LEAST_POINTS = 10;
/** Standard errors: of a trend beyond doubt (one in two thousand by chance), and of a 90% interval. */
const BEYOND_DOUBT = 3.3;
const NINETY = 1.645;
/** A future is told only so many times the length of the past it is drawn from. */
const FARTHEST = 10;
/** Shares of the stranded pieces that may be of no use when it matters. */
const LOST_SHARES = [0.5, 0.75, 1] as const;

const nothing: Forecast = {
  status: 'unmeasured',
  updates: null,
  minutes: null,
  batch: null,
  slopeBytes: null,
  since: null,
  until: null,
  points: 0,
};

/** Headroom of a point, of the memory at rest where the peak is not the update's; so much of the stranded is lost. */
function headroom(point: Point, lost: number): number | null {
  const needed = point.isPeakOfRun ? point.restingBytes : point.peakBytes;
  if (needed === null || point.budgetBytes === null) return null;
  return point.budgetBytes - needed - lost * (point.strandedBytes ?? 0);
}

export interface Regime {
  points: Point[];
  /** Lowest headroom that was usual before it; null where it is the first. */
  before: number | null;
}

/** The present regime on the scale that shows it best. */
export function regimeOf(views: readonly Point[][]): Regime {
  let begins = 0;
  let before: number | null = null;
  for (const view of [...views].reverse()) {
    const points = view.filter(point => point.at >= WARMUP && headroom(point, 0.75) !== null);
    const y = points.map(point => headroom(point, 0.75)!);
    const from = presentRegime(
      points.map(point => point.at),
      y,
    );
    const at = points[from]?.at ?? 0;
    if (from > 0 && at > begins) {
      begins = at;
      before = quantileOf(Float64Array.from(y.slice(0, from)).sort(), 0.1);
    }
  }
  const inside = views.map(view =>
    view.filter(point => point.at >= Math.max(begins, WARMUP) && headroom(point, 0.75) !== null),
  );
  return { points: inside.reduce((a, b) => (b.length > a.length ? b : a), []), before };
}

/**
 * @param views the series on several scales, see `Scales`; one list of successive points is one view
 */
export function forecast(views: readonly Point[][]): Forecast {
  if (!views.some(view => view.some(point => headroom(point, 0) !== null))) return nothing;
  const { points, before } = regimeOf(views);
  const seen: Forecast = {
    ...nothing,
    since: points[0]?.batch ?? null,
    until: points.at(-1)?.batch ?? null,
    points: points.length,
  };
  if (points.length < LEAST_POINTS) return { ...seen, status: 'too short' };
  const x = points.map(point => point.at);
  const fit = (lost: number) =>
    theilSen(
      x,
      points.map(point => headroom(point, lost)!),
    );
  const line = fit(0.75);
  const slopeBytes = {
    low: -line.slopeAt(NINETY),
    mid: -line.slope,
    high: -line.slopeAt(-NINETY),
  };
  const length = x.at(-1)! - x[0]!;
  const told = { ...seen, slopeBytes };
  if (!isFalling(line, length, before)) return { ...told, status: 'no trend' };

  const last = points.at(-1)!;
  const extra = points.some(point => point.isPeakOfRun) ? extraOf(points) : null;
  const passages = Float64Array.from(
    LOST_SHARES.flatMap((lost, i) =>
      firstPassage(lost === 0.75 ? line : fit(lost), {
        x,
        from: last.at,
        farthest: FARTHEST * length,
        extra,
        seed: i,
      }),
    ),
  ).sort();
  const updates = {
    low: quantileOf(passages, 0.05),
    mid: quantileOf(passages, 0.5),
    high: quantileOf(passages, 0.95),
  };
  if (!(updates.high < FARTHEST * length)) return { ...told, status: 'far' };
  const scaled = (factor: number, offset = 0): Interval => ({
    low: offset + updates.low * factor,
    mid: offset + updates.mid * factor,
    high: offset + updates.high * factor,
  });
  const msPerUpdate = pace(points);
  return {
    ...told,
    status: 'ahead',
    updates,
    minutes: msPerUpdate === null ? null : scaled(msPerUpdate / 60_000),
    batch: scaled((last.batch - points[0]!.batch) / length || 1, last.batch),
  };
}

/** What is left falls beyond doubt, by more than it scatters, and to where it was not before. */
function isFalling(line: Line, length: number, before: number | null): boolean {
  if (!(line.slopeAt(BEYOND_DOUBT) < 0)) return false;
  const fall = -line.slope * length;
  const scatter = robustDeviation(line.residuals);
  if (fall < 2 * scatter) return false;
  return before === null || line.level - fall / 2 < before - scatter;
}

/** Median time between updates, ms, pauses left out; null where the clock stood still. */
function pace(points: readonly Point[]): number | null {
  const steps = points
    .slice(1)
    .map((point, i) => (point.timeMs - points[i]!.timeMs) / Math.max(1, point.at - points[i]!.at));
  const ms = quantileOf(Float64Array.from(steps).sort(), 0.5);
  return ms > 0 ? ms : null;
}

/**
 * How far updates' peaks lie above the memory at rest. Where the run's peak grew it was that update's own; where it
 * never did, it is somewhere between nothing and the run's peak.
 */
function extraOf(points: readonly Point[]): number[] {
  const above = (point: Point) => Math.max(0, point.peakBytes! - point.restingBytes!);
  const told = points.filter(point => point.peakBytes !== null && point.restingBytes !== null);
  const known = told.filter((point, i) => i > 0 && point.peakBytes! > told[i - 1]!.peakBytes!).map(above);
  if (known.length >= 3) return known.slice(-30);
  const most = told.length > 0 ? above(told.at(-1)!) : 0;
  return [0.4, 0.7, 1].map(share => share * most);
}
