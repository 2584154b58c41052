/** A device's memory over time, for charts. */
import type { Stretch } from '../contract/index.ts';
import { poolUsePercentOf, pressureFractionOf } from '../figures/index.ts';
import { CompactSeries, higher, joinedMean, lower } from './compact-series.ts';
import { rowKind } from './number-rows.ts';
import { othersOf, type UpdateSample } from './update-sample.ts';

const kind = rowKind<Stretch>(
  [
    ...(['fromIndex', 'fromBatch', 'toBatch', 'fromMs', 'toMs', 'updates', 'peakBytes'] as const),
    ...(['pressureFraction', 'budgetBytes', 'restingBytes', 'reservedBytes', 'strandedBytes'] as const),
    ...(['othersBytes', 'freeBytes', 'totalBytes', 'memoryUsagePercent'] as const),
    ...(['retries', 'lostMs', 'tookMs'] as const),
  ],
  ['isStart'],
);

export class Timeline {
  readonly #series: CompactSeries<Stretch>;
  /** Filled for each update, and copied where it stays. */
  readonly #next = {} as Stretch;

  constructor(series = new CompactSeries<Stretch>(kind, join)) {
    this.#series = series;
  }

  get stretches(): Stretch[] {
    return this.#series.stretches;
  }

  take(point: UpdateSample, isStart: boolean): void {
    this.#series.take(stretchOf(point, isStart, this.#next));
  }

  /** Adds to what an earlier update lost. */
  addLost(index: number, lostMs: number): void {
    const series = this.#series;
    let low = 0;
    let high = series.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (series.at(middle).fromIndex <= index) low = middle;
      else high = middle - 1;
    }
    if (series.length > 0) series.at(low).lostMs += lostMs;
  }

  copy(): Timeline {
    return new Timeline(this.#series.copy());
  }
}

function stretchOf(point: UpdateSample, isStart: boolean, into: Stretch): Stretch {
  into.fromIndex = point.index;
  into.fromBatch = point.batch;
  into.toBatch = point.batch;
  into.fromMs = point.timeMs;
  into.toMs = point.timeMs;
  into.updates = 1;
  into.peakBytes = point.peakBytes;
  into.pressureFraction = pressureFractionOf(point);
  into.budgetBytes = point.budgetBytes;
  into.restingBytes = point.restingBytes;
  into.reservedBytes = point.reservedBytes;
  into.strandedBytes = point.strandedBytes;
  into.othersBytes = othersOf(point);
  into.freeBytes = point.freeBytes;
  into.totalBytes = point.totalBytes;
  into.memoryUsagePercent = poolUsePercentOf(point);
  into.retries = point.allocRetries;
  into.lostMs = 0;
  into.tookMs = point.tookMs ?? 0;
  into.isStart = isStart;
  return into;
}

function join(into: Stretch, next: Stretch): void {
  const [a, b] = [into.updates, next.updates];
  into.toBatch = next.toBatch;
  into.toMs = next.toMs;
  into.peakBytes = higher(into.peakBytes, next.peakBytes);
  into.pressureFraction = higher(into.pressureFraction, next.pressureFraction);
  into.budgetBytes = lower(into.budgetBytes, next.budgetBytes);
  into.restingBytes = joinedMean(into.restingBytes, a, next.restingBytes, b);
  into.reservedBytes = joinedMean(into.reservedBytes, a, next.reservedBytes, b);
  into.strandedBytes = joinedMean(into.strandedBytes, a, next.strandedBytes, b);
  into.othersBytes = joinedMean(into.othersBytes, a, next.othersBytes, b);
  into.freeBytes = joinedMean(into.freeBytes, a, next.freeBytes, b);
  into.totalBytes = joinedMean(into.totalBytes, a, next.totalBytes, b);
  into.memoryUsagePercent = joinedMean(into.memoryUsagePercent, a, next.memoryUsagePercent, b);
  into.retries += next.retries;
  into.lostMs += next.lostMs;
  into.tookMs += next.tookMs;
  into.updates = a + b;
}
