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
  /** Whether an epoch has ended that had no more than one of each kind. */
  #areSums = false;

  /** Number of the epoch that what is held is of; null where it is of none, or of one of its batches. */
  get number(): number | null {
    return this.areBatches ? null : (this.#held.at(-1)?.read.count.number ?? null);
  }

  take(report: UnderEpoch): void {
    const keys = [...report.read.figures.keys()].join(' ');
    this.areBatches ||= this.#held.some(held => held.rank === report.rank && held.keys === keys);
    this.#held.push({ keys, ...report });
  }

  /** What is held; none after it. */
  release(): UnderEpoch[] {
    this.#areSums ||= this.#held.length > 0 && !this.areBatches;
    return this.#held.splice(0);
  }

  /** The same where nothing has followed for a while: of the first epoch it may be a batch. */
  releaseSums(): UnderEpoch[] {
    return this.#areSums ? this.#held.splice(0) : [];
  }

  /** The number of a rank's next batch. */
  next(rank: number): number {
    const number = (this.#counted.get(rank) ?? 0) + 1;
    this.#counted.set(rank, number);
    return number;
  }
}
