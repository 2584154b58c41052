/**
 * Bounded histories, kept as parallel arrays. While a batch of events is reduced they may grow to twice the
 * bound, so that trimming costs next to nothing; `trim` cuts them to the bound before the snapshot leaves.
 */
import { HISTORY_LENGTH } from '../contract/index.ts';

type Series = Record<string, (number | null)[]>;

/** Appends one point to every series of the history; a key that the point lacks gets a gap. */
export function push<H extends Series>(history: H, point: { [K in keyof H]: H[K][number] }): void {
  for (const key in history) history[key]!.push(point[key]);
  if (history.batch!.length >= 2 * HISTORY_LENGTH) trim(history);
}

/** Keeps the newest HISTORY_LENGTH points. */
export function trim(history: Series): void {
  for (const key in history) {
    const series = history[key]!;
    if (series.length > HISTORY_LENGTH) series.splice(0, series.length - HISTORY_LENGTH);
  }
}

/** A copy that may be appended to. */
export function copy<H extends Series>(history: H): H {
  return Object.fromEntries(Object.entries(history).map(([key, series]) => [key, series.slice()])) as H;
}
