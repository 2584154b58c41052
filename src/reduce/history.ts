/** Bounded histories. A draft gathers points as they come; a snapshot has them as parallel arrays, made when they are first read. */
import { HISTORY_LENGTH } from '../contract/index.ts';

type Series = { batch: number[]; timeMs: number[]; [figure: string]: (number | null)[] };

/** One point: the figures whose names the history has, at a batch and a time. */
export interface HistoryPoint<Figures extends object = object> {
  batch: number;
  timeMs: number;
  figures: Figures;
}

type Row = Record<string, number | null>;

/** Rows of a part: a part without a row of the history goes, and nothing is ever copied. */
const PART_ROWS = 32;

/**
 * One history as it grows. Of a run of many ranks nearly all get a point between two snapshots, and nearly none is read: so a point is a row of
 * numbers, which keeps no event in memory, and a snapshot's arrays are made when they are read.
 */
export class GrowingHistory<H extends Series> {
  #before: H;
  readonly #names: readonly string[];
  readonly #figuresOf: (point: HistoryPoint) => object;
  /** Newest points, not in rows yet. */
  #points: HistoryPoint[] = [];
  /** A row a point, a number a name, NaN for null; null before the first. A row that was written stays as it is: what was handed out reads it. */
  #parts: readonly Float64Array[] | null = null;
  /** Rows in all parts. */
  #count = 0;
  /** The arrays as they are; null since a point came. */
  #made: H | null = null;
  /** The history as it is whenever a field of it is read. */
  readonly live: H;

  /** @param figuresOf what the history has of a point; worked out for those that stay */
  constructor(before: H, figuresOf: (point: HistoryPoint) => object = ({ figures }) => figures) {
    this.#before = before;
    this.#names = Object.keys(before);
    this.#figuresOf = figuresOf;
    this.live = new Proxy(this as unknown as GrowingHistory<Series>, liveHandler) as unknown as H;
  }

  /** Adds a point; the oldest go once they could not stay anyway. */
  add(point: HistoryPoint): void {
    this.#points.push(point);
    if (this.#points.length >= 2 * HISTORY_LENGTH) this.#points = this.#points.slice(-HISTORY_LENGTH);
  }

  /** Forgets the points after this batch. */
  rewind(batch: number): void {
    // As many as a snapshot has now: what else was gathered must not come back.
    this.#before = upTo(this.now()(), batch);
    this.#parts = null;
    this.#count = 0;
    this.#made = null;
  }

  /** The history as it is now, whenever it is read. */
  now(): () => H {
    this.settle();
    const [before, parts, count] = [this.#before, this.#parts, this.#count];
    if (parts === null) return () => before;
    let made: H | null = null;
    return () => {
      made ??= this.#arraysOf(parts, count);
      return made;
    };
  }

  /** The history as it is now. */
  arrays(): H {
    this.settle();
    this.#made ??= this.#parts === null ? this.#before : this.#arraysOf(this.#parts, this.#count);
    return this.#made;
  }

  /** Points become rows, which keep no event in memory. */
  settle(): void {
    const points = this.#points;
    if (points.length === 0) return;
    if (this.#parts === null) this.#putBefore();
    for (const point of points) this.#put(point.batch, point.timeMs, this.#figuresOf(point) as Row);
    this.#points = [];
    this.#made = null;
  }

  #putBefore(): void {
    const before = this.#before;
    for (const [row, batch] of before.batch.entries()) {
      const figures = Object.fromEntries(this.#names.map(name => [name, before[name]![row]!]));
      this.#put(batch, before.timeMs[row]!, figures);
    }
  }

  /** Adds a row. */
  #put(batch: number, timeMs: number, figures: Row): void {
    const names = this.#names;
    const row = this.#count % PART_ROWS;
    if (row === 0) this.#begin();
    const part = this.#parts!.at(-1)!;
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      const value = name === 'batch' ? batch : name === 'timeMs' ? timeMs : figures[name];
      part[row * names.length + i] = value ?? Number.NaN;
    }
    this.#count++;
  }

  /** Begins a part; the oldest goes where the others hold a whole history. */
  #begin(): void {
    const parts = this.#parts ?? [];
    const isFull = this.#count >= HISTORY_LENGTH + PART_ROWS;
    if (isFull) this.#count -= PART_ROWS;
    this.#parts = [...(isFull ? parts.slice(1) : parts), new Float64Array(PART_ROWS * this.#names.length)];
  }

  /** The newest HISTORY_LENGTH of so many rows. */
  #arraysOf(parts: readonly Float64Array[], count: number): H {
    const width = this.#names.length;
    const length = Math.min(count, HISTORY_LENGTH);
    const columns = this.#names.map((name, i) => [
      name,
      Array.from({ length }, (_, k) => {
        const row = count - length + k;
        const value = parts[Math.floor(row / PART_ROWS)]![(row % PART_ROWS) * width + i]!;
        return Number.isNaN(value) ? null : value;
      }),
    ]);
    return Object.fromEntries(columns) as H;
  }
}

/** A history that is looked at through the one that grows: its arrays are made when one is read. */
const liveHandler: ProxyHandler<GrowingHistory<Series>> = {
  get: (history, name) => history.arrays()[name as string],
  has: (history, name) => name in history.arrays(),
  ownKeys: history => Object.keys(history.arrays()),
  getOwnPropertyDescriptor: (history, name) => ({
    value: history.arrays()[name as string],
    enumerable: true,
    configurable: true,
  }),
};

/** Defines the state’s `history`, enumerable as its other fields are; `history` is asked when it is read, and not before. */
export function withHistory<H, S extends { history: H }>(state: S, history: () => H): S {
  return Object.defineProperty(state, 'history', { get: history, enumerable: true, configurable: true });
}

/** The history's points up to and with this batch. */
function upTo<H extends Series>(history: H, batch: number): H {
  const keep = history.batch.map(b => b <= batch);
  return Object.fromEntries(
    Object.entries(history).map(([key, series]) => [key, series.filter((_, i) => keep[i])]),
  ) as H;
}
