/**
 * Figures of a trainer's own, by whatever names it gives them: beside the known ones of an update or a step under `extra`, or
 * logged by themselves. Nothing here knows what they mean: they have no unit, no bounds and no record.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { DeviceMemory } from './memory.ts';
import { StepPayload } from './ppo-update.ts';
import { Count, figure, MAX_COUNT } from './units.ts';

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
export const OWN_NAME_LENGTH = 80;

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
export type OwnValue = number | 'NaN' | 'Infinity' | '-Infinity';

export const isOwnValue = (value: unknown): value is OwnValue =>
  (typeof value === 'number' && Number.isFinite(value)) ||
  value === 'NaN' ||
  value === 'Infinity' ||
  value === '-Infinity';

const stepFields: readonly string[] = Object.keys(StepPayload.properties).filter(name => name !== 'extra');

/** Figures of a step by the names of its payload, and any other by its own name. NaN and infinities are kept. */
export type StepFigures = { step: number; memory?: DeviceMemory[] } & Readonly<Record<string, unknown>>;

/** The payload of a step; a known figure that is no number is null. */
export function stepPayload({ step, memory, ...figures }: StepFigures): StepPayload {
  const known: Record<string, unknown> = { step };
  const extra: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(figures)) {
    if (stepFields.includes(name)) known[name] = knownValue(name, value);
    else extra[name] = byName(value);
  }
  if (memory !== undefined) known.memory = memory;
  if (Object.keys(extra).length > 0) known.extra = extra;
  return known as StepPayload;
}

const diverging: readonly string[] = ['loss', 'gradNorm'];
const knownValue = (name: string, value: unknown) =>
  typeof value !== 'number'
    ? null
    : diverging.includes(name)
      ? figure(value)
      : Number.isFinite(value)
        ? value
        : null;

const byName = (value: unknown) =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

/** The payload of figures that are logged by themselves. Numbers that are not finite travel by name. */
export function figuresPayload(
  figures: Readonly<Record<string, unknown>>,
  batch: number | null = null,
): FiguresLogged {
  const own = Object.entries(figures).map(([name, value]) => [name, byName(value)]);
  const isCount = batch !== null && Number.isInteger(batch) && batch >= 0 && batch <= MAX_COUNT;
  return { batch: isCount ? batch : null, figures: Object.fromEntries(own) };
}
