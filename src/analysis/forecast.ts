/**
 * When memory runs out, if it goes on like this. After the last change point, what is left of the budget at each update's peak
 * is fitted by a straight line (Theil and Sen); where it falls beyond doubt, its future is drawn many times, with what
 * the fit leaves open, until nothing is left. Peaks that hold for a whole run are no peaks of an update: there the line
 * is that of the memory at rest, and the peak above it is drawn from what is known of it.
 */
import { median, quantileOf, robustDeviation, sorted } from '../base/index.ts';
import type { Forecast, Interval } from '../contract/index.ts';
import { type FirstPassage, firstPassage } from './first-passage.ts';
import { type FittedLine, theilSen } from './theil-sen.ts';
import { currentSegment } from './trend.ts';
import type { PastUpdate } from './update-sample.ts';

/** Points that a line needs. */
const LEAST_POINTS = 8;
/** Standard errors: of a trend beyond doubt (one in two thousand by chance), and of a 90% interval. */
const BEYOND_DOUBT = 3.3;
const NINETY = 1.645;
/** A future is forecast for only so many times the length of the past it is drawn from. */
const FARTHEST = 10;
/** Shares of pieces that may be of no use when it matters. */
interface LostShares {
  /** Of those that lie between tensors at the end of an update, where the peaks of updates are not known. */
  atRest: number;
  /** Of those that are free even at an update's peak. */
  atPeak: number;
  /** Of the cache that the peak leaves free beside them: released when memory is short, unless a large request has cut it. */
  cut: number;
}
const NONE_LOST: LostShares = { atRest: 0, atPeak: 0, cut: 0 };
const LOST_SHARES: readonly LostShares[] = [
  { atRest: 0.35, atPeak: 0.7, cut: 0 },
  { atRest: 0.65, atPeak: 0.95, cut: 0.25 },
  { atRest: 0.95, atPeak: 1.1, cut: 1 },
];
/** No more is cut than this share of what an update needs beyond rest, or this many segments. */
const CUT_OF_EXTRA = 0.25;
const CUT_SEGMENTS = 2;
/**
 * What is left when it is too little: memory is taken by whole segments, so that pieces are lost or found by about one (20 MiB), of a
 * small device by a share of the budget; a large request needs one piece, by a share of what an update needs beyond rest.
 */
const SEGMENT_BYTES = 20 * 2 ** 20;
const GRANULE_OF_BUDGET = 0.03;
const GRANULE_IN_SEGMENTS = { low: -1, high: 0.6 } as const;
const GRANULE_OF_EXTRA = 0.05;
/** Shares of the budget below which no growth is reported. */
const TRIFLE = 0.005;
/** Points of a trend that scatters: of a few, a random walk makes one by chance. */
const LEAST_SCATTERED = 20;
/** New highs of the run's peak in the newer half of the points: of so many, none in a thousand series without trend. */
const LEAST_RECORDS = 6;

export const noForecast: Forecast = {
  status: 'unmeasured',
  basis: null,
  updates: null,
  minutes: null,
  batch: null,
  slopeBytes: null,
  since: null,
  until: null,
  points: 0,
};

/** What of a point is fitted: what it needed at its peak, the memory at rest, or the run's peak so far. */
export type Basis = NonNullable<Forecast['basis']>;

/** What memory is set against: the budget, or the device where what others hold was not measured. */
type Limit = 'budget' | 'device';
interface Fit {
  basis: Basis;
  limit: Limit;
}

/** Headroom of a point, where so much of the stranded pieces is of no use. */
function headroom(point: PastUpdate, lost: LostShares, basis: Basis): number | null {
  const needed = basis === 'rest' ? point.restingBytes : point.peakBytes;
  if (needed === null || point.budgetBytes === null) return null;
  return point.budgetBytes - needed - lostOf(point, lost);
}

/** Pieces of which the peak itself made use are not lost: what it left free is known where peaks are those of updates. */
function lostOf(point: PastUpdate, lost: LostShares): number {
  const { reservedBytes, peakBytes, restingBytes } = point;
  const stranded = point.strandedBytes ?? 0;
  if (point.isPeakOfRun || reservedBytes === null || peakBytes === null) return lost.atRest * stranded;
  const unused = Math.max(0, reservedBytes - peakBytes);
  const pieces = Math.min(stranded, unused);
  const most = Math.max(
    CUT_OF_EXTRA * (peakBytes - (restingBytes ?? peakBytes)),
    CUT_SEGMENTS * segmentOf(point),
  );
  return lost.atPeak * pieces + lost.cut * Math.min(unused - pieces, most);
}

const segmentOf = ({ budgetBytes }: PastUpdate): number =>
  Math.min(SEGMENT_BYTES, GRANULE_OF_BUDGET * budgetBytes!);

/**
 * @param views the series on several scales, see `Scales`; one list of successive points is one view
 */
export function forecast(views: readonly PastUpdate[][]): Forecast {
  const last = views[0]?.at(-1);
  if (last === undefined || last.peakBytes === null) return noForecast;
  if (last.budgetBytes !== null) return nearest(views, last, 'budget');
  return last.totalBytes === null ? noForecast : nearest(views.map(wholeDevice), last, 'device');
}

/** What others hold was not measured: the process can have the device, or its share of it, at most. */
const wholeDevice = (points: readonly PastUpdate[]): PastUpdate[] =>
  points.map(point => ({
    ...point,
    budgetBytes:
      point.totalBytes === null ? null : Math.floor((point.processFraction ?? 1) * point.totalBytes),
  }));

function nearest(views: readonly PastUpdate[][], last: PastUpdate, limit: Limit): Forecast {
  const forecastOn = (basis: Basis) => fitOn(views, { basis, limit });
  if (!last.isPeakOfRun) {
    const byPeak = forecastOn('peak');
    if (byPeak.status === 'ahead') return byPeak;
    // Peaks that vary hide what is kept beneath them, or bend where that does not.
    const byRest = forecastOn('rest');
    return byRest.status === 'ahead' ? byRest : byPeak;
  }
  // A peak of the run that still grows, over memory at rest that does not: the work itself needs more.
  const byRest = forecastOn('rest');
  if (byRest.points > 0 && byRest.status !== 'no trend') return byRest;
  const byRecords = forecastOn('peak of the run');
  return byRest.points === 0 || byRecords.status === 'ahead' || byRecords.status === 'far'
    ? byRecords
    : byRest;
}

function fitOn(views: readonly PastUpdate[][], fit: Fit): Forecast {
  const { basis, limit } = fit;
  const { points, before } = currentSegment(views, point => headroom(point, NONE_LOST, basis));
  const seen: Forecast = {
    ...noForecast,
    basis,
    ...(limit === 'device' && { of: limit }),
    since: points[0]?.batch ?? null,
    until: points.at(-1)?.batch ?? null,
    points: points.length,
  };
  if (points.length < LEAST_POINTS) return { ...seen, status: 'too short' };
  const x = points.map(point => point.at);
  const lineWhere = (lost: LostShares) =>
    theilSen(
      x,
      points.map(point => headroom(point, lost, basis)!),
    );
  const line = lineWhere(NONE_LOST);
  const length = x.at(-1)! - x[0]!;
  const base: Forecast = {
    ...seen,
    slopeBytes: { low: -line.slopeAt(NINETY), mid: -line.slope, high: -line.slopeAt(-NINETY) },
  };
  if (!isFalling(line, points, before, fit)) return { ...base, status: 'no trend' };

  const last = points.at(-1)!;
  const passages = sorted(
    LOST_SHARES.flatMap((lost, seed) =>
      firstPassage(lineWhere(lost), {
        x,
        from: last.at,
        farthest: FARTHEST * length,
        extra: basis === 'rest' ? extraOf(points) : null,
        granule: granuleOf(last),
        seed,
      }),
    ),
  );
  const [low, mid, high] = [0.05, 0.5, 0.95].map(q => quantileOf(passages, q)) as [number, number, number];
  if (high >= FARTHEST * length) return { ...base, status: 'far' };
  const scaled = (factor: number, offset = 0): Interval => ({
    low: offset + low * factor,
    mid: offset + mid * factor,
    high: offset + high * factor,
  });
  const ms = pace(points);
  return {
    ...base,
    status: 'ahead',
    updates: { low, mid, high },
    minutes: ms === null ? null : scaled(ms / 60_000),
    batch: scaled((last.batch - points[0]!.batch) / length || 1, last.batch),
  };
}

function granuleOf(point: PastUpdate): FirstPassage['granule'] {
  const { peakBytes, restingBytes } = point;
  const segment = segmentOf(point);
  return {
    low: GRANULE_IN_SEGMENTS.low * segment,
    high: GRANULE_IN_SEGMENTS.high * segment + GRANULE_OF_EXTRA * (peakBytes! - (restingBytes ?? peakBytes!)),
  };
}

/**
 * What is left falls beyond doubt, by more than a trifle, and to where it was not before. Peaks that never fall are as those of a run: a
 * log that does not say what is free often has the peak of what was reserved alone, and the allocator keeps that.
 */
function isFalling(
  line: FittedLine,
  points: readonly PastUpdate[],
  before: number | null,
  { basis, limit }: Fit,
): boolean {
  const first = points[0]!;
  const last = points.at(-1)!;
  const fall = -line.slope * (last.at - first.at);
  const scatter = robustDeviation(line.residuals);
  if (fall < TRIFLE * last.budgetBytes!) return false;
  if (before !== null && line.level - fall / 2 > before - scatter) return false;
  if (basis === 'peak of the run' || (limit === 'device' && neverFalls(points)))
    return records(points) >= LEAST_RECORDS;
  if (onlyGrows(points)) return true;
  return points.length >= LEAST_SCATTERED && line.slopeAt(BEYOND_DOUBT) < 0 && fall > 2 * scatter;
}

/** Memory at rest that goes up far more often than down: kept for good, however irregularly. */
function onlyGrows(points: readonly PastUpdate[]): boolean {
  let ups = 0;
  let downs = 0;
  for (let i = 1; i < points.length; i++) {
    const change = (points[i]!.restingBytes ?? 0) - (points[i - 1]!.restingBytes ?? 0);
    if (change > 0) ups++;
    if (change < 0) downs++;
  }
  return ups - downs > BEYOND_DOUBT * Math.sqrt(ups + downs) && ups >= LEAST_POINTS;
}

const neverFalls = (points: readonly PastUpdate[]): boolean =>
  points.every(({ peakBytes }, i) => i === 0 || peakBytes! >= points[i - 1]!.peakBytes!);

/** New highs in the newer half. A series without trend has 0.7 of them on average, however it scatters. */
function records(points: readonly PastUpdate[]): number {
  let count = 0;
  for (let i = points.length >> 1; i < points.length; i++)
    if (i > 0 && points[i]!.peakBytes! > points[i - 1]!.peakBytes!) count++;
  return count;
}

/** Median time between updates, ms, pauses left out; null where the clock stood still. */
function pace(points: readonly PastUpdate[]): number | null {
  const steps = points
    .slice(1)
    .map((point, i) => (point.timeMs - points[i]!.timeMs) / Math.max(1, point.at - points[i]!.at));
  const ms = median(steps);
  return ms > 0 ? ms : null;
}

/**
 * How far updates' peaks lie above the memory at rest. Where the run's peak grew it was that update's own; where it
 * never did, it is somewhere between nothing and the run's peak.
 */
function extraOf(points: readonly PastUpdate[]): number[] {
  if (!points.at(-1)!.isPeakOfRun)
    return points.slice(-30).map(point => point.peakBytes! - point.restingBytes!);
  const above = (point: PastUpdate) => Math.max(0, point.peakBytes! - point.restingBytes!);
  const measured = points.filter(point => point.peakBytes !== null && point.restingBytes !== null);
  const known = measured
    .filter((point, i) => i > 0 && point.peakBytes! > measured[i - 1]!.peakBytes!)
    .map(above);
  if (known.length >= 3) return known.slice(-30);
  const most = measured.length > 0 ? above(measured.at(-1)!) : 0;
  return [0.4, 0.7, 1].map(share => share * most);
}
