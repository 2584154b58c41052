/**
 * Figures of a trainer's own, by whatever names it gives them: beside the known ones of an update or a step under `extra`, or
 * logged by themselves. Nothing here knows what they mean: they have no unit, no bounds and no record, and are no figure of src/figures.
 */
import { type Static, Type } from '@sinclair/typebox';
import { Count, type NonFinite } from './units.ts';

export const FiguresLogged = Type.Object({
  batch: Count('update or step that they belong to; null: the newest'),
  figures: Type.Record(Type.String(), Type.Unknown(), {
    description:
      'by name: numbers, and NaN, Infinity and -Infinity by name; anything else is kept in the log alone',
  }),
});
export type FiguresLogged = Static<typeof FiguresLogged>;

/** Figures of its own that are kept of a rank: a log that names ever new ones is not followed in that. */
export const OWN_FIGURES = 64;
/** Characters of a name. */
const OWN_NAME_LENGTH = 80;

// A comma divides names in a question to the server.
const NAME = /^[^\p{C},]+$/u;

/** Whether figures of this name are shown: printable, without a comma, of 1 to 80 characters. */
export const isOwnName = (name: string): boolean => name.length <= OWN_NAME_LENGTH && NAME.test(name);

const SERIES = 'own/';

/** The name of a figure's series: `own/accuracy`. */
export const ownSeries = (name: string): string => SERIES + name;

/** The name of the figure whose series it is; null for a series of anything else. */
export const ownNameOf = (series: string): string | null =>
  series.startsWith(SERIES) ? series.slice(SERIES.length) : null;

/** A finite number, or the name of one that is not. */
export type OwnValue = number | NonFinite;

export const isOwnValue = (value: unknown): value is OwnValue =>
  (typeof value === 'number' && Number.isFinite(value)) ||
  value === 'NaN' ||
  value === 'Infinity' ||
  value === '-Infinity';
