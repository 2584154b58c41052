/** One kind of program that reports an ending, and what its readers share. */
import type { Ending } from '../../contract/index.ts';

export type MaybeEnding = Ending | null;
/** The ending that a line reports, without its evidence; null for none. Time is linear in the line. */
export type EndingReader = (line: string) => MaybeEnding;

export const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

/** Figures of a line that are there: those that are undefined are left out. */
export const named = <T extends object>(figures: T): Partial<T> =>
  Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined)) as Partial<T>;
