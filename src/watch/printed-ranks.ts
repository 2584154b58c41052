/** Ranks that a loop prints among its figures: `TRAIN Batch 3/100 loss 2.5 lr 0.0005 rank 1`. */
import type { Figures } from './figures.ts';
import { isCount } from './printed.ts';

/** Processes that a job may have; more is another number. */
const MOST = 65_536;

export class PrintedRanks {
  #seen = new Set<number>();

  /**
   * Takes the rank out of a line's figures; null where it has none. LoRA has a rank, too, which is one number in every line: the first two processes of
   * a job, or two of any, show that it is a process's.
   */
  take(figures: Figures): number | null {
    const key = figures.has('rank') ? 'rank' : 'Rank';
    const figure = figures.get(key);
    const rank = figure?.value;
    if (!isCount(rank) || rank > MOST || figure?.unit !== undefined) return null;
    this.#seen.add(rank);
    if (!this.#seen.has(0) && !this.#seen.has(1) && this.#seen.size < 2) return null;
    figures.delete(key);
    return rank;
  }
}
