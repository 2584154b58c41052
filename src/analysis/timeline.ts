/** A device's memory over time, for charts. */
import type { Stretch } from '../contract/index.ts';
import { poolUsePercentOf, pressureFractionOf } from '../figures/index.ts';
import { CompactSeries, higher, joinedMean, lower } from './compact-series.ts';
import { othersOf, type UpdateSample } from './update-sample.ts';

export class Timeline {
  #series: CompactSeries<Stretch>;

  constructor(series = new CompactSeries<Stretch>(join)) {
    this.#series = series;
  }

  get stretches(): Stretch[] {
    return this.#series.stretches;
  }

  take(point: UpdateSample, isStart: boolean): void {
    this.#series.take(stretchOf(point, isStart));
  }

  /** Adds to what an earlier update lost. */
  addLost(index: number, lostMs: number): void {
    const { stretches } = this;
    let low = 0;
    let high = stretches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (stretches[middle]!.fromIndex <= index) low = middle;
      else high = middle - 1;
    }
    const stretch = stretches[low];
    if (stretch) stretch.lostMs += lostMs;
  }

  copy(): Timeline {
    return new Timeline(this.#series.copy());
  }
}

function stretchOf(point: UpdateSample, isStart: boolean): Stretch {
  const { peakBytes, budgetBytes, reservedBytes, batch, timeMs } = point;
  return {
    fromIndex: point.index,
    fromBatch: batch,
    toBatch: batch,
    fromMs: timeMs,
    toMs: timeMs,
    updates: 1,
    peakBytes,
    pressureFraction: pressureFractionOf(point),
    budgetBytes,
    restingBytes: point.restingBytes,
    reservedBytes,
    strandedBytes: point.strandedBytes,
    othersBytes: othersOf(point),
    freeBytes: point.freeBytes,
    totalBytes: point.totalBytes,
    memoryUsagePercent: poolUsePercentOf(point),
    retries: point.allocRetries,
    lostMs: 0,
    tookMs: point.tookMs ?? 0,
    isStart,
  };
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
