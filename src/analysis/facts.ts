/**
 * What the rules go by: the common figures of one process's memory on one device, computed once. Bytes; null where not
 * told.
 */
import type { Attribution, Forecast, OutOfMemory } from '../contract/index.ts';
import { forecast } from './forecast.ts';
import { othersOf, type Point } from './point.ts';
import { Scales } from './scales.ts';
import { SpikeFinder, type Spikes } from './spikes.ts';
import { median } from './statistics.ts';
import { type Trend, trendOf, WARMUP } from './trend.ts';

/** How a process died. */
export interface Failure {
  timeMs: number;
  errorType: string;
  message: string;
  /** Newest batch before it. */
  batch: number | null;
  outOfMemory: OutOfMemory | null;
}

/** What is usual over some updates. */
export interface Level {
  fromBatch: number;
  toBatch: number;
  restingBytes: number | null;
  peakBytes: number | null;
  /** Needed at the peak beyond what rests. */
  extraBytes: number | null;
  reservedBytes: number | null;
  strandedBytes: number | null;
  /** Reserved, not stranded, and not needed at the peak either. */
  idleBytes: number | null;
  othersBytes: number | null;
  freeBytes: number | null;
  budgetBytes: number | null;
  work: number | null;
}

/** A refusal that ended the process. */
export interface End {
  /** torch: its allocator was refused. library: one that asks the driver itself (NCCL, cuBLAS). */
  by: 'torch' | 'library';
  batch: number | null;
  triedBytes: number | null;
  freeBytes: number | null;
  allocatedBytes: number | null;
  reservedUnallocatedBytes: number | null;
  /** Of other processes, as far as the message tells. */
  neighbourBytes: number | null;
}

export interface Facts {
  /** Updates, and those of them that are past the warm-up. */
  points: number;
  settled: number;
  views: readonly Point[][];
  first: Level;
  last: Level;
  newest: Point;
  totalBytes: number | null;
  forecast: Forecast;
  /** Of the whole run; null for a process of which that is not known. */
  attribution: Attribution | null;
  spikes: Spikes;
  /** Whether a figure keeps growing; null where too few updates tell it. */
  trend: (of: keyof typeof figures) => Trend | null;
  /** Batch of the first update, of those that are kept, in which a figure was at least so much; the newest for none. */
  firstAtLeast: (of: keyof typeof figures, value: number) => number;
  /** Ups and downs of the memory at rest. */
  ratchet: Ratchet;
  starved: Starved | null;
  retries: number;
  ooms: number;
  updatesAtTheWall: number;
  /** First and last batch with a refusal. */
  wall: { fromBatch: number; toBatch: number } | null;
  highest: { pressureFraction: number; batch: number } | null;
  end: End | null;
  allocatorConf: string | null;
}

/** How memory at rest went up and down, from point to point of the view that holds the whole process. */
export interface Ratchet {
  ups: number;
  upBytes: number;
  downBytes: number;
  largestUpBytes: number;
}

/** Updates that left nothing on the device while much was idle in the cache. */
export interface Starved {
  updates: number;
  fromBatch: number;
  toBatch: number;
  /** Most that was idle then. */
  idleBytes: number;
  /** Least that was free then. */
  freeBytes: number;
  /** Most that others held then, and what that is above the least they ever held. */
  othersBytes: number;
  othersMovedBytes: number;
}

/** What the rank knows that concerns its devices. */
export interface Circumstances {
  failure: Failure | null;
  allocatorConf: string | null;
  /** Devices of the rank. */
  devices: number;
}

/** Updates that make a level, and the share of them all that it is made of at most. */
const USUAL = 10;
const LARGEST_PART = 1 / 3;
/** Shares of the device: free no more than this, and idle in the cache at least that. */
const NOTHING_FREE = 0.02;
const MUCH_IDLE = 0.1;

/** What is kept of one process on one device, in bounded memory. */
export class Process {
  readonly #scales = new Scales<Point>();
  readonly #spikes = new SpikeFinder();
  /** The first ones past the warm-up. */
  readonly #early: Point[] = [];
  #settled = 0;
  #newest: Point | null = null;
  #retries = 0;
  #ooms = 0;
  #updatesAtTheWall = 0;
  #wall: Facts['wall'] = null;
  #highest: Facts['highest'] = null;
  #starved: Starved | null = null;
  #leastOthers = Number.POSITIVE_INFINITY;

  take(point: Point): void {
    this.#newest = point;
    if (point.at >= WARMUP) {
      this.#settled++;
      if (this.#early.length < USUAL) this.#early.push(point);
    }
    this.#scales.push(point);
    this.#spikes.take(point);
    const { retries, ooms, batch, peakBytes, budgetBytes } = point;
    if (peakBytes !== null && budgetBytes) {
      const pressureFraction = peakBytes / budgetBytes;
      if (pressureFraction > (this.#highest?.pressureFraction ?? 0))
        this.#highest = { pressureFraction, batch };
    }
    this.#hunger(point);
    if (retries + ooms === 0) return;
    this.#retries += retries;
    this.#ooms += ooms;
    this.#updatesAtTheWall++;
    this.#wall = { fromBatch: this.#wall?.fromBatch ?? batch, toBatch: batch };
  }

  #hunger(point: Point): void {
    const { freeBytes, totalBytes, batch } = point;
    const others = othersOf(point);
    const idle = idleOf(point, this.#spikes.aboveUsualBytes);
    if (others === null || idle === null || point.at < WARMUP) return;
    this.#leastOthers = Math.min(this.#leastOthers, others);
    if (freeBytes! > NOTHING_FREE * totalBytes! || idle < MUCH_IDLE * totalBytes!) return;
    const before = this.#starved;
    this.#starved = {
      updates: (before?.updates ?? 0) + 1,
      fromBatch: before?.fromBatch ?? batch,
      toBatch: batch,
      idleBytes: Math.max(before?.idleBytes ?? 0, idle),
      freeBytes: Math.min(before?.freeBytes ?? freeBytes!, freeBytes!),
      othersBytes: Math.max(before?.othersBytes ?? 0, others),
      othersMovedBytes: Math.max(before?.othersBytes ?? 0, others) - this.#leastOthers,
    };
  }

  /** Spikes so far. */
  get spikes(): Spikes {
    return this.#spikes.found();
  }

  /** Null before the first point. */
  facts(device: string, around: Circumstances, attribution: Attribution | null): Facts | null {
    const newest = this.#newest;
    if (newest === null) return null;
    const views = this.#scales.views();
    const part = Math.min(USUAL, Math.ceil(this.#settled * LARGEST_PART));
    return {
      points: this.#scales.count,
      settled: this.#settled,
      views,
      first: levelOf(this.#early.slice(0, part), newest),
      last: levelOf(part === 0 ? [] : views[0]!.slice(-part), newest),
      newest,
      totalBytes: newest.totalBytes,
      forecast: forecast(views),
      attribution,
      spikes: this.spikes,
      trend: trends(views),
      firstAtLeast: (of, value) =>
        views.at(-1)!.find(point => point.at >= WARMUP && (figures[of](point) ?? -Infinity) >= value)
          ?.batch ?? newest.batch,
      ratchet: ratchetOf(views.at(-1)!.filter(point => point.at >= WARMUP)),
      starved: this.#starved,
      retries: this.#retries,
      ooms: this.#ooms,
      updatesAtTheWall: this.#updatesAtTheWall,
      wall: this.#wall,
      highest: this.#highest,
      end: endOf(device, around),
      allocatorConf: around.allocatorConf,
    };
  }
}

const extraOf = ({ peakBytes, restingBytes }: Point): number | null =>
  peakBytes === null || restingBytes === null ? null : peakBytes - restingBytes;

const figures = {
  rest: (point: Point) => point.restingBytes,
  peak: (point: Point) => point.peakBytes,
  extra: extraOf,
  reserved: (point: Point) => point.reservedBytes,
  stranded: (point: Point) => point.strandedBytes,
  others: othersOf,
  work: (point: Point) => point.work,
};

/** Each trend is fitted when it is asked for first. */
function trends(views: readonly Point[][]): Facts['trend'] {
  const known = new Map<keyof typeof figures, Trend | null>();
  return of => {
    if (!known.has(of)) known.set(of, trendOf(views, figures[of]));
    return known.get(of)!;
  };
}

/** Reserved, not stranded, and beyond what an update usually needs: `aboveUsual` of a run's peak is not. */
function idleOf(
  { reservedBytes, peakBytes, restingBytes, strandedBytes }: Point,
  aboveUsual: number,
): number | null {
  const needed = peakBytes === null ? restingBytes : peakBytes - aboveUsual;
  return reservedBytes === null || needed === null
    ? null
    : Math.max(0, reservedBytes - needed - (strandedBytes ?? 0));
}

function ratchetOf(points: readonly Point[]): Ratchet {
  const ratchet = { ups: 0, upBytes: 0, downBytes: 0, largestUpBytes: 0 };
  for (let i = 1; i < points.length; i++) {
    const [before, after] = [points[i - 1]!.restingBytes, points[i]!.restingBytes];
    if (before === null || after === null) continue;
    const change = after - before;
    if (change > 0) {
      ratchet.ups++;
      ratchet.upBytes += change;
      ratchet.largestUpBytes = Math.max(ratchet.largestUpBytes, change);
    } else ratchet.downBytes -= change;
  }
  return ratchet;
}

function levelOf(points: readonly Point[], otherwise: Point): Level {
  const around = points.length > 0 ? points : [otherwise];
  const usual = (of: (point: Point) => number | null) => {
    const known = around.map(of).filter(value => value !== null);
    return known.length === 0 ? null : median(known);
  };
  return {
    fromBatch: around[0]!.batch,
    toBatch: around.at(-1)!.batch,
    restingBytes: usual(point => point.restingBytes),
    peakBytes: usual(point => point.peakBytes),
    extraBytes: usual(extraOf),
    reservedBytes: usual(point => point.reservedBytes),
    strandedBytes: usual(point => point.strandedBytes),
    idleBytes: usual(point => idleOf(point, 0)),
    othersBytes: usual(othersOf),
    freeBytes: usual(point => point.freeBytes),
    budgetBytes: usual(point => point.budgetBytes),
    work: usual(point => point.work),
  };
}

const NO_MEMORY = /out of memory|memory allocation|MemoryAllocation|ALLOC_FAILED|Tried to allocate/i;
const LIBRARY = /NCCL|CUBLAS|CUDNN|CUDA driver error|cudaErrorMemoryAllocation|Cuda failure/i;

/** The refusal that ended the process, where it was one, and one of this device. */
function endOf(device: string, { failure, devices }: Circumstances): End | null {
  if (failure === null) return null;
  const { outOfMemory: told, errorType, message, batch } = failure;
  const isTorch = told?.triedBytes != null || (/OutOfMemory/.test(errorType) && !LIBRARY.test(message));
  if (!isTorch && !NO_MEMORY.test(message)) return null;
  if (told?.device === 'cpu') return null;
  if (told?.device != null && told.device !== device && devices > 1) return null;
  const { totalBytes = null, freeBytes = null, processBytes = null } = told ?? {};
  return {
    by: isTorch ? 'torch' : 'library',
    batch,
    triedBytes: told?.triedBytes ?? null,
    freeBytes,
    allocatedBytes: told?.allocatedBytes ?? null,
    reservedUnallocatedBytes: told?.reservedUnallocatedBytes ?? null,
    neighbourBytes:
      totalBytes === null || freeBytes === null || processBytes === null
        ? null
        : totalBytes - freeBytes - processBytes,
  };
}
