/**
 * Bounded histories. A snapshot keeps them as parallel arrays, a draft gathers new points as they come and turns
 * only those that stay into arrays, once, when it is finished.
 */
import { HISTORY_LENGTH } from '../contract/index.ts';

type Series = { batch: number[]; timeMs: number[]; [figure: string]: (number | null)[] };

/** One point: the figures whose names the history has, at a batch and a time. */
export interface HistoryPoint<Figures extends object = object> {
  batch: number;
  timeMs: number;
  figures: Figures;
}

/** Adds a point to those gathered; the oldest go once they could not stay anyway. */
export function gather<P extends HistoryPoint>(points: P[], point: P): void {
  points.push(point);
  if (points.length >= 2 * HISTORY_LENGTH) points.splice(0, points.length - HISTORY_LENGTH);
}

/** The newest HISTORY_LENGTH of the history's points and these. */
export function extended<H extends Series>(history: H, points: HistoryPoint[]): H {
  const of =
    (key: string) =>
    ({ batch, timeMs, figures }: HistoryPoint) =>
      key === 'batch' ? batch : key === 'timeMs' ? timeMs : (figures as Record<string, number | null>)[key]!;
  const columns = Object.entries(history).map(([key, series]) => [
    key,
    [...series, ...points.map(of(key))].slice(-HISTORY_LENGTH),
  ]);
  return Object.fromEntries(columns) as H;
}

/** The history's points up to and with this batch. */
export function upTo<H extends Series>(history: H, batch: number): H {
  const keep = history.batch.map(b => b <= batch);
  return Object.fromEntries(
    Object.entries(history).map(([key, series]) => [key, series.filter((_, i) => keep[i])]),
  ) as H;
}
