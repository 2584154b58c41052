/**
 * Bounded histories. A snapshot keeps them as parallel arrays, a draft gathers new points as they come and turns
 * only those that stay into arrays.
 */
import { HISTORY_LENGTH } from '../contract/index.ts';

type Series = { batch: number[]; timeMs: number[]; [figure: string]: (number | null)[] };

/** One point: the figures whose names the history has, at a batch and a time. */
export interface HistoryPoint<Figures extends object = object> {
  batch: number;
  timeMs: number;
  figures: Figures;
}

/** A snapshot is made now and then: from so many points on they become arrays with it, before it is read. */
const FOLDED = 16;

/**
 * One history as it grows. Of a run of many ranks nearly all are copied with every snapshot and read of none: so a snapshot's history is
 * put together when it is first read.
 */
export class GrowingHistory<H extends Series> {
  #arrays: H;
  /** Grows at its end alone, until another takes its place: what was handed out reads its beginning. */
  #points: HistoryPoint[] = [];
  readonly #figuresOf: (point: HistoryPoint) => object;

  /** @param figuresOf what the history has of a point; worked out for those that stay */
  constructor(before: H, figuresOf: (point: HistoryPoint) => object = ({ figures }) => figures) {
    this.#arrays = before;
    this.#figuresOf = figuresOf;
  }

  /** Adds a point; the oldest go once they could not stay anyway. */
  add(point: HistoryPoint): void {
    this.#points.push(point);
    if (this.#points.length >= 2 * HISTORY_LENGTH) this.#points = this.#points.slice(-HISTORY_LENGTH);
  }

  /** Forgets the points after this batch. */
  rewind(batch: number): void {
    // As many as a snapshot has now: what else was gathered must not come back.
    this.#arrays = upTo(this.#extended(this.#arrays, this.#points), batch);
    this.#points = [];
  }

  /** The history as it is now, whenever it is read. */
  now(): () => H {
    if (this.#points.length >= FOLDED) {
      this.#arrays = this.#extended(this.#arrays, this.#points);
      this.#points = [];
    }
    const [arrays, points, length] = [this.#arrays, this.#points, this.#points.length];
    if (length === 0) return () => arrays;
    let made: H | null = null;
    return () => {
      made ??= this.#extended(arrays, points.slice(0, length));
      return made;
    };
  }

  /** The newest HISTORY_LENGTH of the history's points and these. */
  #extended(history: H, points: readonly HistoryPoint[]): H {
    const figures = points.map(this.#figuresOf) as Record<string, number | null>[];
    const columns = Object.entries(history).map(([key, series]) => {
      const more =
        key === 'batch'
          ? points.map(({ batch }) => batch)
          : key === 'timeMs'
            ? points.map(({ timeMs }) => timeMs)
            : figures.map(own => own[key]!);
      return [key, [...series, ...more].slice(-HISTORY_LENGTH)];
    });
    return Object.fromEntries(columns) as H;
  }
}

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
