/** The course of a device's memory for charts: neighbouring updates share a stretch once there are many. */
import { othersOf, type Point } from './point.ts';

/** Updates that lie side by side. Highest and lowest where that is what matters, means otherwise. Bytes. */
export interface Stretch {
  fromIndex: number;
  fromBatch: number;
  toBatch: number;
  fromMs: number;
  toMs: number;
  updates: number;
  /** Highest. */
  peakBytes: number | null;
  pressureFraction: number | null;
  /** Lowest. */
  budgetBytes: number | null;
  /** Means. */
  restingBytes: number | null;
  reservedBytes: number | null;
  strandedBytes: number | null;
  othersBytes: number | null;
  freeBytes: number | null;
  totalBytes: number | null;
  memoryUsagePercent: number | null;
  /** Sums. */
  retries: number;
  lostMs: number;
  tookMs: number;
  /** A new process began with its first update. */
  isStart: boolean;
}

const MOST = 512;

type Figure = keyof Stretch;
const highest: Figure[] = ['peakBytes', 'pressureFraction'];
const lowest: Figure[] = ['budgetBytes'];
const means: Figure[] = [
  'restingBytes',
  'reservedBytes',
  'strandedBytes',
  'othersBytes',
  'freeBytes',
  'totalBytes',
  'memoryUsagePercent',
];
const sums: Figure[] = ['retries', 'lostMs', 'tookMs', 'updates'];

export class Timeline {
  stretches: Stretch[] = [];
  #updatesEach = 1;

  take(point: Point, isStart: boolean): void {
    const next = stretchOf(point, isStart);
    const last = this.stretches.at(-1);
    if (last === undefined || last.updates >= this.#updatesEach || isStart) this.stretches.push(next);
    else this.stretches[this.stretches.length - 1] = joined(last, next);
    if (this.stretches.length < MOST) return;
    this.#updatesEach *= 2;
    this.stretches = paired(this.stretches);
  }

  /** Adds to what an earlier update lost. */
  addLost(index: number, lostMs: number): void {
    let low = 0;
    let high = this.stretches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.stretches[middle]!.fromIndex <= index) low = middle;
      else high = middle - 1;
    }
    const stretch = this.stretches[low];
    if (stretch) stretch.lostMs += lostMs;
  }
}

function stretchOf(point: Point, isStart: boolean): Stretch {
  const { peakBytes, budgetBytes, allocatedBytes, reservedBytes, batch, timeMs } = point;
  return {
    fromIndex: point.index,
    fromBatch: batch,
    toBatch: batch,
    fromMs: timeMs,
    toMs: timeMs,
    updates: 1,
    peakBytes,
    pressureFraction: peakBytes !== null && budgetBytes ? peakBytes / budgetBytes : null,
    budgetBytes,
    restingBytes: point.restingBytes,
    reservedBytes,
    strandedBytes: point.strandedBytes,
    othersBytes: othersOf(point),
    freeBytes: point.freeBytes,
    totalBytes: point.totalBytes,
    memoryUsagePercent:
      allocatedBytes !== null && reservedBytes ? (allocatedBytes / reservedBytes) * 100 : null,
    retries: point.retries,
    lostMs: 0,
    tookMs: point.tookMs ?? 0,
    isStart,
  };
}

/** Two by two; a stretch that begins with a new process begins a pair. */
function paired(stretches: readonly Stretch[]): Stretch[] {
  const pairs: Stretch[] = [];
  for (let i = 0; i < stretches.length; i++) {
    const [first, second] = [stretches[i]!, stretches[i + 1]];
    if (second === undefined || second.isStart) pairs.push(first);
    else {
      pairs.push(joined(first, second));
      i++;
    }
  }
  return pairs;
}

function joined(a: Stretch, b: Stretch): Stretch {
  const into: Record<string, unknown> = { ...a, toBatch: b.toBatch, toMs: b.toMs };
  const combine = (figures: Figure[], of: (x: number, y: number) => number) => {
    for (const figure of figures) {
      const [x, y] = [a[figure] as number | null, b[figure] as number | null];
      into[figure] = x === null || y === null ? (x ?? y) : of(x, y);
    }
  };
  combine(highest, Math.max);
  combine(lowest, Math.min);
  combine(means, (x, y) => (x * a.updates + y * b.updates) / (a.updates + b.updates));
  combine(sums, (x, y) => x + y);
  return into as unknown as Stretch;
}
