/** One process's memory on one device, kept in bounded memory, and the facts of it. */
import type { Attribution, DeviceProcess, DeviceReport } from '../contract/index.ts';
import { pressureFractionOf } from '../figures/index.ts';
import type { AllocationFailures, DeviceAnalysis, Ratchet, Starved } from './device-analysis.ts';
import { forecast } from './forecast.ts';
import { idleOf, levelOf, type SampleFigure, sampleFigures } from './level.ts';
import { NumberRows } from './number-rows.ts';
import { oomCauseOf, type ProcessOutcome } from './oom-cause.ts';
import { Scales } from './scales.ts';
import { SpikeFinder } from './spikes.ts';
import { type Trend, trendOf, trendOfShortLife, WARMUP_UPDATES } from './trend.ts';
import { othersOf, type PastUpdate, pastUpdates, type UpdateSample } from './update-sample.ts';

/** Updates that make a level, and the share of them all that it is made of at most. */
const USUAL = 10;
const LARGEST_PART = 1 / 3;
/** Shares of the device: free no more than this, and idle in the cache at least that. */
const NOTHING_FREE = 0.02;
const MUCH_IDLE = 0.1;

/** What is kept of one process on one device, in bounded memory. */
export class Process {
  readonly #scales = new Scales<PastUpdate>(pastUpdates);
  readonly #spikes = new SpikeFinder();
  /** The first ones past the warm-up. */
  readonly #early = new NumberRows<PastUpdate>(pastUpdates, USUAL);
  #settled = 0;
  #newest: UpdateSample | null = null;
  refusals: AllocationFailures = { retries: 0, ooms: 0, updates: 0 };
  /** Whether a reading held any of the counters. */
  isCounted = false;
  highest: DeviceReport['highestPressure'] = null;
  #wall: DeviceAnalysis['wall'] = null;

  #neighbours: readonly DeviceProcess[] = [];
  #starved: Starved | null = null;
  #leastOthers = Number.POSITIVE_INFINITY;

  take(point: UpdateSample): void {
    this.#newest = point;
    if (point.at >= WARMUP_UPDATES) {
      this.#settled++;
      if (this.#early.length < USUAL) this.#early.push(point);
    }
    this.#scales.push(point);
    this.#spikes.take(point);
    this.isCounted ||= point.isCounted;
    const { allocRetries: retries, ooms, batch, peakBytes, budgetBytes } = point;
    const pressureFraction = pressureFractionOf(point);
    if (pressureFraction !== null && pressureFraction > (this.highest?.pressureFraction ?? 0))
      this.highest = { pressureFraction, batch, peakBytes: peakBytes!, budgetBytes: budgetBytes! };
    this.#hunger(point);
    if (retries + ooms === 0) return;
    this.refusals = joinedFailures(this.refusals, { retries, ooms, updates: 1 });
    this.#wall = { fromBatch: this.#wall?.fromBatch ?? batch, toBatch: batch };
  }

  /** Whether any was refused behind the newest update, in one that the log does not have; before the first nothing can be judged. */
  refuse({ allocRetries: retries, ooms }: Pick<UpdateSample, 'allocRetries' | 'ooms'>): boolean {
    const newest = this.#newest;
    if (newest === null || retries + ooms === 0) return false;
    this.isCounted = true;
    this.refusals = joinedFailures(this.refusals, { retries, ooms, updates: 1 });
    this.#wall = { fromBatch: this.#wall?.fromBatch ?? newest.batch, toBatch: newest.batch };
    return true;
  }

  /** Those that held most together are kept. */
  see(neighbours: readonly DeviceProcess[]): void {
    if (heldBy(neighbours) > heldBy(this.#neighbours)) this.#neighbours = neighbours;
  }

  #hunger(point: UpdateSample): void {
    const { freeBytes, totalBytes, batch } = point;
    const others = othersOf(point);
    const idle = idleOf(point, this.#spikes.aboveUsualBytes);
    if (others === null || idle === null || point.at < WARMUP_UPDATES) return;
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

  /** Null before the first point. */
  facts(device: string, around: ProcessOutcome, attribution: Attribution | null): DeviceAnalysis | null {
    const newest = this.#newest;
    if (newest === null) return null;
    const views = this.#scales.views();
    const end = oomCauseOf(device, around);
    const part = Math.min(USUAL, Math.ceil(this.#settled * LARGEST_PART));
    return {
      counted: around.counted,
      points: this.#scales.count,
      settled: this.#settled,
      views,
      first: levelOf(this.#early.objects(0, part), newest),
      last: levelOf(part === 0 ? [] : views[0]!.slice(-part), newest),
      newest,
      totalBytes: newest.totalBytes,
      forecast: forecast(views),
      attribution,
      spikes: this.#spikes.found(),
      trend: trends(views, end !== null),
      firstAtLeast: (of, value) =>
        views
          .at(-1)!
          .find(point => point.at >= WARMUP_UPDATES && (sampleFigures[of](point) ?? -Infinity) >= value)
          ?.batch ?? newest.batch,
      ratchet: ratchetOf(views.at(-1)!.filter(point => point.at >= WARMUP_UPDATES)),
      starved: this.#starved,
      refusals: this.refusals,
      wall: this.#wall,
      neighbours: this.#neighbours,
      highest: this.highest,
      end,
      allocatorConf: around.allocatorConf,
      expandable: around.expandable,
    };
  }
}

const heldBy = (processes: readonly DeviceProcess[]): number =>
  processes.reduce((sum, { usedBytes }) => sum + (usedBytes ?? 0), 0);

export const joinedFailures = (a: AllocationFailures, b: AllocationFailures): AllocationFailures => ({
  retries: a.retries + b.retries,
  ooms: a.ooms + b.ooms,
  updates: a.updates + b.updates,
});

/** Each trend is fitted when it is asked for first. Of a process that memory ended, the first updates count where there are no others. */
function trends(views: readonly PastUpdate[][], ranOut: boolean): DeviceAnalysis['trend'] {
  const known = new Map<SampleFigure, Trend | null>();
  return of => {
    if (!known.has(of)) {
      const figure = sampleFigures[of];
      known.set(of, trendOf(views, figure) ?? (ranOut ? trendOfShortLife(views[0]!, figure) : null));
    }
    return known.get(of)!;
  };
}

function ratchetOf(points: readonly PastUpdate[]): Ratchet {
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
