/** Updates in a row in which a figure was not finite: the stretch that lasts until the newest of them, else the longest. */

interface Stretch {
  fromBatch: number;
  toBatch: number;
  updates: number;
  isNewest: boolean;
}

/** One update or two may be a batch that overflowed, which mixed precision passes over. */
const LEAST = 3;

export class BrokenStretches<T extends Stretch> {
  #longest: T | null = null;
  /** The one that lasts. */
  #open: T | null = null;

  /**
   * One more update.
   * @param begun what the first of a stretch has beside its numbers
   * @returns the stretch that it belongs to
   */
  add(batch: number, begun: () => Omit<T, keyof Stretch>): T {
    this.#open ??= { fromBatch: batch, toBatch: batch, updates: 0, isNewest: false, ...begun() } as T;
    this.#open.toBatch = batch;
    this.#open.updates++;
    return this.#open;
  }

  /** A finite figure, or another process, ends it. */
  close(): void {
    const open = this.#open;
    this.#open = null;
    if (open !== null && open.updates >= LEAST && open.updates > (this.#longest?.updates ?? 0))
      this.#longest = open;
  }

  /** It was a part of something else. */
  drop(): void {
    this.#open = null;
  }

  /** @param isEnough whether one that lasts is reported although it is short */
  report(isEnough: (open: T) => boolean = () => false): T | null {
    const open = this.#open;
    const isReported = open !== null && (open.updates >= LEAST || isEnough(open));
    return isReported ? { ...open, isNewest: true } : this.#longest;
  }
}
