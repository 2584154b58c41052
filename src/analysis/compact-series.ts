/** A long series as at most 512 stretches of it: neighbours are joined two by two whenever there are too many. */
import { NumberRows, type RowKind, type RowView } from './number-rows.ts';

export interface Joinable {
  updates: number;
  /** A new process began with its first update: it begins a stretch, as long as there are not too many such. */
  isStart: boolean;
}

const MOST = 512;
/** Starts that parted more stretches than this are joined as anything else. */
const STILL_MANY = MOST / 2 + 64;

export class CompactSeries<T extends Joinable> {
  readonly #kind: RowKind<T>;
  readonly #rows: NumberRows<T>;
  /** Its newest stretch. */
  readonly #last: RowView<T>;
  #updatesEach = 1;
  readonly #join: (into: T, next: T) => void;

  /** @param join adds a stretch to the one before it, in place */
  constructor(kind: RowKind<T>, join: (into: T, next: T) => void, rows = new NumberRows<T>(kind, MOST + 1)) {
    this.#kind = kind;
    this.#join = join;
    this.#rows = rows;
    this.#last = rows.at(Math.max(0, rows.length - 1));
  }

  get length(): number {
    return this.#rows.length;
  }

  /** Objects of their own. */
  get stretches(): T[] {
    return this.#rows.objects();
  }

  /** A stretch, to be read and written in place. */
  at(place: number): T {
    return this.#rows.at(place);
  }

  /** @param next is copied: the caller may use it again */
  take(next: T): void {
    const last = this.#last;
    if (this.length > 0 && !next.isStart && last.updates < this.#updatesEach) {
      this.#join(last, next);
      return;
    }
    this.#rows.push(next);
    if (this.length > MOST) {
      this.#updatesEach *= 2;
      this.#pair(true);
      if (this.length > STILL_MANY) this.#pair(false);
    }
    last.at = (this.length - 1) * this.#kind.width;
  }

  /** As it is now: what either takes later is not in the other. */
  copy(): CompactSeries<T> {
    const copy = new CompactSeries<T>(this.#kind, this.#join, this.#rows.copy());
    copy.#updatesEach = this.#updatesEach;
    return copy;
  }

  #pair(keepsStarts: boolean): void {
    const rows = this.#rows;
    let pairs = 0;
    for (let i = 0; i < rows.length; i++) {
      const into = pairs++;
      rows.move(i, into);
      if (i + 1 === rows.length || (keepsStarts && rows.at(i + 1).isStart)) continue;
      this.#join(rows.at(into), rows.at(i + 1));
      i++;
    }
    rows.length = pairs;
  }
}

/** Mean of two means, each of so many updates; null stands aside. */
export const joinedMean = (a: number | null, ofA: number, b: number | null, ofB: number): number | null =>
  a === null || b === null ? (a ?? b) : (a * ofA + b * ofB) / (ofA + ofB);

export const higher = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);

export const lower = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);
