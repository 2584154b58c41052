/** One report of a trainer, by the trainer's own keys → the payload of an update or of a step. */
import type { DeviceMemory, Payload } from '../contract/index.ts';
import { pathParts, stepFields, updateFields, type Value } from './fields.ts';
import type { Outlet } from './format.ts';
import { type KnownKey, knownKeys, memoryKey } from './known-keys.ts';
import { bytesOf, decimals, isCount, type Printed, roundedAway, scaledNumber } from './printed.ts';
import { spelledKey } from './spelled-keys.ts';

export type Figures = Map<string, Printed>;

/** Figures that have no field and are kept all the same; a trainer of more keys than this keeps the first. */
const MOST_EXTRA = 200;

/** What keys mean to one trainer, before the table of all. */
export type Names = Readonly<Record<string, KnownKey>>;

const NO_NAMES: Names = {};
type Kind = 'update' | 'step';
const FIELDS = { update: updateFields, step: stepFields } as const;

/** What a key means, with its field's place in what is sent, if it has one. */
interface Meaning {
  known: KnownKey | null;
  update: Place | null;
  step: Place | null;
}

interface Place {
  field: string;
  /** Of the payload; null for the payload itself. */
  group: string | null;
  name: string;
  takes: (value: Value) => boolean;
}

/** What keys mean that were met, by the names they were looked up with. */
const meanings = new WeakMap<Names, Map<string, Meaning>>();
const MOST_MEANINGS = 4096;

/** What keys mean to one trainer, else to all. Each figure of a log is asked about. */
function meaningsOf(names: Names): (key: string) => Meaning {
  let known = meanings.get(names);
  if (known === undefined) {
    known = new Map();
    meanings.set(names, known);
  }
  const of = known;
  return key => {
    let meaning = of.get(key);
    if (meaning !== undefined) return meaning;
    meaning = newMeaning(key, names);
    if (of.size < MOST_MEANINGS) of.set(key, meaning);
    return meaning;
  };
}

function newMeaning(key: string, names: Names): Meaning {
  const own = Object.hasOwn(names, key) ? names[key]! : null;
  const known =
    own ?? (Object.hasOwn(knownKeys, key) ? knownKeys[key]! : (spelledKey(key) ?? memoryKey(key)));
  const place = (kind: Kind): Place | null => {
    const field = known?.[kind];
    return field === undefined ? null : { field, ...pathParts(field), takes: FIELDS[kind].get(field)! };
  };
  return { known, update: place('update'), step: place('step') };
}

/** A PPO update of these figures. `memory` is left out where there is none: the log had nothing about a device. */
export const updateOf = (
  batch: number,
  figures: Figures,
  memory: DeviceMemory | null = null,
  names: Names = NO_NAMES,
): Payload<'PPO_UPDATE_COMPLETED'> => ({
  batch,
  ...placed(figures, 'update', names),
  ...(memory !== null && { memory: [memory] }),
});

/** A step of a loop that is not PPO. */
export const stepOf = (
  step: number,
  figures: Figures,
  memory: DeviceMemory | null = null,
  names: Names = NO_NAMES,
): Payload<'STEP_COMPLETED'> => ({
  step,
  ...placed(figures, 'step', names),
  ...(memory !== null && { memory: [memory] }),
});

export interface FiguresOfReport {
  isUpdate: boolean;
  number: number;
  figures: Figures;
  memory?: DeviceMemory | null;
  names?: Names;
  /** Updates or steps that the training is to make, where the log shows it. */
  total?: number | null;
  /** Whose it is, where that is not by its lines. */
  rank?: number | undefined;
}

/** Emits an update or a step, with the total before it. */
export function emitReport(
  out: Outlet,
  { isUpdate, number, figures, memory = null, names, total = null, rank }: FiguresOfReport,
): void {
  if (total !== null) out.facts(isUpdate ? { maxBatches: total } : { maxSteps: total });
  if (isUpdate) out.update(updateOf(number, figures, memory, names), rank);
  else out.step(stepOf(number, figures, memory, names), rank);
}

function placed(figures: Figures, kind: Kind, names: Names): Record<string, unknown> {
  const meaningOf = meaningsOf(names);
  const payload: Record<string, unknown> = {};
  const extra: Record<string, Value> = {};
  let kept = 0;
  for (const [key, figure] of figures) {
    const meaning = meaningOf(key);
    const place = meaning[kind];
    if (place !== null) {
      const { field, group, name, takes } = place;
      if (name.endsWith('earningRate') && roundedAway(figure.text)) continue;
      const { power, negative } = meaning.known!;
      const value = signed(scaledNumber(figure, powerOf(figure, field, power)), negative);
      if (takes(value) && setPlace(payload, group, name, value)) continue;
    }
    if (isTotal(key, figures)) continue;
    if (kept++ < MOST_EXTRA) extra[key] = figure.value;
  }
  if (kept > 0) payload.extra = extra;
  return payload;
}

/** How many steps there will be is no figure of one. `total_steps` is that beside the percentage of them; of a game it is what was played so far. */
export const isTotal = (key: string, figures: Figures): boolean =>
  key === 'max_steps' || (key === 'total_steps' && figures.has('percentage'));

/** Sets what nothing has set yet; whether it did. */
function setPlace(
  payload: Record<string, unknown>,
  group: string | null,
  name: string,
  value: Value,
): boolean {
  if (group !== null) payload[group] ??= {};
  const target = (group === null ? payload : payload[group]) as Record<string, unknown>;
  if (target[name] !== undefined) return false;
  target[name] = value;
  return true;
}

/** Times are printed in seconds or milliseconds, by their unit, or else as it is known of the key. */
function powerOf({ unit }: Printed, field: string, power = 0): number {
  if (unit === undefined) return power;
  if (!field.endsWith('Ms')) return unit === '%' && field.endsWith('Fraction') ? -2 : power;
  return unit === 's' ? 3 : unit === 'ms' ? 0 : power;
}

/**
 * Takes what is known as memory out of the figures, but for what is no amount. null where there is none.
 * @param rounded whether the log prints a fixed number of digits; otherwise what it prints is exact.
 */
export function memoryIn(
  figures: Figures,
  device: string,
  names: Names = NO_NAMES,
  rounded = true,
): DeviceMemory | null {
  const meaningOf = meaningsOf(names);
  const reading: Record<string, unknown> = {};
  let resolutionBytes = 0;
  for (const [key, printed] of figures) {
    const memory = meaningOf(key).known?.memory;
    if (memory === undefined || reading[memory.field] !== undefined) continue;
    const { field, unit, scope } = memory;
    if (unit === 'count') {
      if (!isCount(printed.value)) continue;
      reading[field] = printed.value;
    } else {
      const amount = bytesOf(printed, unit);
      if (amount === null) continue;
      reading[field] = amount.bytes;
      if (scope !== undefined) reading.peakScope = scope;
      if (rounded) resolutionBytes = Math.max(resolutionBytes, amount.resolutionBytes ?? 0);
    }
    figures.delete(key);
  }
  if (Object.keys(reading).length === 0) return null;
  return { device, ...reading, ...(resolutionBytes > 0 && { resolutionBytes }) };
}

function signed(value: Value, negative?: boolean): Value {
  if (!negative || value === 'NaN') return value;
  if (typeof value === 'number') return value === 0 ? 0 : -value;
  return value === 'Infinity' ? '-Infinity' : 'Infinity';
}

/**
 * Digits after the point that all these figures share: the log rounds to so many. null where they differ, which is
 * how a log looks that prints every digit it has.
 * @param most figures that are looked at, from the first
 */
export function sharedDecimals(figures: Iterable<Printed>, most = Number.POSITIVE_INFINITY): number | null {
  let shared: number | null = null;
  let count = 0;
  for (const { value, text } of figures) {
    if (count++ === most) break;
    if (typeof value === 'string') continue;
    const digits = decimals(text);
    if (digits === null || (shared !== null && digits !== shared)) return null;
    shared = digits;
  }
  return shared;
}
