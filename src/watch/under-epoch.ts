/**
 * Reports that have no number of their own, below a line that names an epoch: one of each kind and rank is the epoch's; several are its batches, which
 * nothing numbers. Which it is shows with the second, or the next epoch.
 */
import type { Outlet } from './format.ts';
import type { LoopLine } from './loop-line.ts';

export interface UnderEpoch {
  read: LoopLine;
  out: Outlet;
  rank: number;
}

export class ReportsUnderEpoch {
  /** Whether they are batches, which are counted. */
  areBatches = false;
  #held: (UnderEpoch & { keys: string })[] = [];
  #counted = new Map<number, number>();

  take(report: UnderEpoch): void {
    const keys = [...report.read.figures.keys()].join(' ');
    this.areBatches ||= this.#held.some(held => held.rank === report.rank && held.keys === keys);
    this.#held.push({ ...report, keys });
  }

  /** What is held; none after it. */
  release(): UnderEpoch[] {
    return this.#held.splice(0);
  }

  /** The number of a rank's next batch. */
  next(rank: number): number {
    const number = (this.#counted.get(rank) ?? 0) + 1;
    this.#counted.set(rank, number);
    return number;
  }
}
