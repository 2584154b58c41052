/**
 * Updates that needed far more than those around them. Where only the run's peak is reported, a jump of it that nothing
 * else follows is one: no memory at rest, no more work, no longer updates.
 */
import { median, robustDeviation } from '../base/index.ts';
import type { DeviceReport, Spike } from '../contract/index.ts';
import { NumberRows, rowKind } from './number-rows.ts';
import { WARMUP_UPDATES } from './trend.ts';
import type { UpdateSample } from './update-sample.ts';

export type Spikes = DeviceReport['spikes'];

export const noSpikes: Spikes = { count: 0, highest: [] };

/** Updates on each side that define what is usual. */
const REACH = 15;
/** Updates afterwards that distinguish a spike from a step. */
const AFTER = 3;
/** A spike is at least so high: share of the budget, and standard deviations of the others. */
const LEAST_SHARE = 0.1;
const LEAST_DEVIATIONS = 6;
/** Work or time that changed by more than this with a jump of the run's peak makes it a step. */
const SAME = 0.1;
const KEPT = 10;

export const joinedSpikes = (a: Spikes, b: Spikes): Spikes => ({
  count: a.count + b.count,
  highest: [...a.highest, ...b.highest].sort((x, y) => y.heightBytes - x.heightBytes).slice(0, KEPT),
});

/** What is looked at of an update: those without a peak or a budget are passed over. */
type Point = Pick<UpdateSample, 'batch' | 'tookMs' | 'work' | 'restingBytes' | 'isPeakOfRun'> & {
  peakBytes: number;
  budgetBytes: number;
};
const points = rowKind<Point>(
  ['batch', 'tookMs', 'work', 'restingBytes', 'peakBytes', 'budgetBytes'],
  ['isPeakOfRun'],
);
/** Points that are held at most. */
const MOST = 5 * REACH + 2;

export class SpikeFinder {
  /** Those that define what is usual, and those that are still to be looked at. */
  #points = new NumberRows<Point>(points, MOST);
  #next = 0;
  #found = noSpikes;
  #aboveUsualBytes = 0;

  /** What the run’s peak is above the usual need, where it stems from spikes; 0 where peaks are those of updates. */
  get aboveUsualBytes(): number {
    return this.#aboveUsualBytes;
  }

  take(point: UpdateSample): void {
    if (point.at < WARMUP_UPDATES || point.peakBytes === null || point.budgetBytes === null) return;
    this.#points.push(point as Point);
    if (this.#points.length - this.#next <= REACH) return;
    this.#look();
    if (this.#next <= 4 * REACH) return;
    this.#points.drop(this.#next - REACH);
    this.#next = REACH;
  }

  /** What follows is of another process. */
  restart(): void {
    while (this.#points.length - this.#next > AFTER) this.#look();
    this.#points = new NumberRows<Point>(points, MOST);
    this.#next = 0;
  }

  /** Those of all points taken so far; more may be taken afterwards. */
  found(): Spikes {
    const copy = new SpikeFinder();
    copy.#points = this.#points;
    copy.#next = this.#next;
    copy.#found = this.#found;
    copy.restart();
    return copy.#found;
  }

  #look(): void {
    const at = this.#next++;
    const point = this.#points.at(at);
    const spike = point.isPeakOfRun ? this.#jump(at) : this.#spike(at);
    if (spike === null) return;
    this.#found = joinedSpikes(this.#found, { count: 1, highest: [spike] });
    if (point.isPeakOfRun) this.#aboveUsualBytes += spike.heightBytes;
  }

  #spike(at: number): Spike | null {
    const { batch, peakBytes, budgetBytes } = this.#points.at(at);
    const before = at === 0 ? 0 : this.#points.at(at - 1).peakBytes;
    // Most updates are dismissed by their neighbour alone.
    if (peakBytes - before < (LEAST_SHARE / 2) * budgetBytes && at > 0) return null;
    const around = this.#around(at).map(point => point.peakBytes);
    if (around.length < 2 * AFTER) return null;
    const usual = median(around);
    const heightBytes = peakBytes - usual;
    const after = median(this.#points.objects(at + 1, at + 1 + REACH).map(point => point.peakBytes));
    if (heightBytes < LEAST_SHARE * budgetBytes || after > usual + heightBytes / 2) return null;
    if (heightBytes < LEAST_DEVIATIONS * robustDeviation(around)) return null;
    return { batch, peakBytes, heightBytes, budgetBytes };
  }

  #jump(at: number): Spike | null {
    if (at === 0) return null;
    const { batch, peakBytes, budgetBytes } = this.#points.at(at);
    const heightBytes = peakBytes - this.#points.at(at - 1).peakBytes;
    if (heightBytes < LEAST_SHARE * budgetBytes) return null;
    const left = this.#points.objects(Math.max(0, at - REACH), at);
    const right = this.#points.objects(at + 1, at + 1 + REACH);
    if (left.length < AFTER || right.length < AFTER) return null;
    const grew = (of: (point: Point) => number | null) => {
      const [a, b] = [left, right].map(side => side.map(of).filter(value => value !== null));
      return a!.length === 0 || b!.length === 0 ? 0 : median(b!) / median(a!) - 1;
    };
    const restGrew = median(right.map(p => p.restingBytes ?? 0)) - median(left.map(p => p.restingBytes ?? 0));
    if (restGrew > heightBytes / 2) return null;
    if (Math.abs(grew(p => p.work)) > SAME || Math.abs(grew(p => p.tookMs)) > SAME) return null;
    return { batch, peakBytes, heightBytes, budgetBytes };
  }

  #around(at: number): Point[] {
    return [
      ...this.#points.objects(Math.max(0, at - REACH), at),
      ...this.#points.objects(at + 1, at + 1 + REACH),
    ];
  }
}
