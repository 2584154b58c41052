/** A long series as at most 512 stretches of it: neighbours are joined two by two whenever there are too many. */
export interface Joinable {
  updates: number;
  /** A new process began with its first update: it begins a stretch, as long as there are not too many such. */
  isStart: boolean;
}

const MOST = 512;
/** Starts that parted more stretches than this are joined as anything else. */
const STILL_MANY = MOST / 2 + 64;

export class CompactSeries<T extends Joinable> {
  stretches: T[] = [];
  #updatesEach = 1;
  readonly #join: (into: T, next: T) => void;

  /** @param join adds a stretch to the one before it, in place */
  constructor(join: (into: T, next: T) => void) {
    this.#join = join;
  }

  /** @param next is copied: the caller may use it again */
  take(next: T): void {
    const last = this.stretches.at(-1);
    if (last !== undefined && last.updates < this.#updatesEach && !next.isStart) {
      this.#join(last, next);
      return;
    }
    this.stretches.push({ ...next });
    if (this.stretches.length <= MOST) return;
    this.#updatesEach *= 2;
    this.#pair(true);
    if (this.stretches.length > STILL_MANY) this.#pair(false);
  }

  /** As it is now: what either takes later is not in the other. */
  copy(): CompactSeries<T> {
    const copy = new CompactSeries<T>(this.#join);
    copy.stretches = this.stretches.map(stretch => ({ ...stretch }));
    copy.#updatesEach = this.#updatesEach;
    return copy;
  }

  #pair(keepsStarts: boolean): void {
    const pairs: T[] = [];
    for (let i = 0; i < this.stretches.length; i++) {
      const first = this.stretches[i]!;
      const second = this.stretches[i + 1];
      pairs.push(first);
      if (second === undefined || (keepsStarts && second.isStart)) continue;
      this.#join(first, second);
      i++;
    }
    this.stretches = pairs;
  }
}

/** Mean of two means, each of so many updates; null stands aside. */
export const joinedMean = (a: number | null, ofA: number, b: number | null, ofB: number): number | null =>
  a === null || b === null ? (a ?? b) : (a * ofA + b * ofB) / (ofA + ofB);

export const higher = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);

export const lower = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);
