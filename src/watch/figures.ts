/** One report of a trainer, by the trainer's own keys → the payload of an update or of a step. */
import type { DeviceMemory, Payload } from '../contract/index.ts';
import { setField, stepFields, updateFields, type Value } from './fields.ts';
import { type KnownKey, knownKeys, knownPeaks } from './known-keys.ts';
import { bytesOf, decimals, gibBytes, type Printed, roundedAway, scaledNumber } from './printed.ts';

export type Figures = Map<string, Printed>;

/** Figures that have no field and are kept all the same; a trainer of more keys than this keeps the first. */
const MOST_EXTRA = 200;

/** What keys mean to one trainer, before the table of all. */
export type Names = Readonly<Record<string, KnownKey>>;

/** A PPO update of these figures. `memory` is left out where there is none: the log had nothing about a device. */
export const updateOf = (
  batch: number,
  figures: Figures,
  memory: DeviceMemory[] = [],
  names: Names = {},
): Payload<'PPO_UPDATE_COMPLETED'> => ({
  batch,
  ...placed(figures, 'update', updateFields, names),
  ...(memory.length > 0 && { memory }),
});

/** A step of a loop that is not PPO. */
export const stepOf = (
  step: number,
  figures: Figures,
  memory: DeviceMemory[] = [],
  names: Names = {},
): Payload<'STEP_COMPLETED'> => ({
  step,
  ...placed(figures, 'step', stepFields, names),
  ...(memory.length > 0 && { memory }),
});

function placed(
  figures: Figures,
  kind: 'update' | 'step',
  fields: ReadonlyMap<string, (value: Value) => boolean>,
  names: Names,
): Record<string, unknown> {
  const payload: Record<string, unknown> = {};
  const extra: Record<string, Value> = {};
  const taken = new Set<string>();
  let kept = 0;
  for (const [key, figure] of figures) {
    const table = Object.hasOwn(names, key) ? names : knownKeys;
    const known = Object.hasOwn(table, key) ? table[key] : undefined;
    const field = known?.[kind];
    if (field?.endsWith('earningRate') && roundedAway(figure.text)) continue;
    if (field !== undefined && !taken.has(field)) {
      const value = signed(scaledNumber(figure, powerOf(figure, field, known?.power)), known?.negative);
      if (fields.get(field)!(value)) {
        setField(payload, field, value);
        taken.add(field);
        continue;
      }
    }
    if (kept++ < MOST_EXTRA) extra[key] = figure.value;
  }
  return kept === 0 ? payload : { ...payload, extra };
}

/** Times are printed in seconds or milliseconds, by their unit, or else as it is known of the key. */
function powerOf({ unit }: Printed, field: string, power = 0): number {
  if (!field.endsWith('Ms')) return unit === '%' && field.endsWith('Fraction') ? -2 : power;
  return unit === 's' ? 3 : unit === 'ms' ? 0 : power;
}

/** Takes what `names` knows as memory out of the figures. null where there is none. */
export function memoryIn(figures: Figures, device: string, names: Names): DeviceMemory | null {
  const reading: Record<string, unknown> = {};
  let resolutionBytes = 0;
  for (const [key, printed] of figures) {
    const memory = Object.hasOwn(names, key) ? names[key]!.memory : undefined;
    if (memory === undefined) continue;
    figures.delete(key);
    const amount = memory.unit === 'count' ? null : bytesOf(printed, memory.unit);
    if (amount !== null) {
      reading[memory.field] = amount.bytes;
      resolutionBytes = Math.max(resolutionBytes, amount.resolutionBytes ?? 0);
      if (memory.scope !== undefined) reading.peakScope = memory.scope;
    } else if (memory.unit === 'count' && Number.isSafeInteger(printed.value))
      reading[memory.field] = printed.value;
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
 * Takes the known peaks out of the figures. null where there are none.
 * @param rounded whether the log prints a fixed number of digits; otherwise what it prints is exact.
 */
export function peaksOf(figures: Figures, device: string, rounded: boolean): DeviceMemory | null {
  const peaks: Record<string, unknown> = {};
  let resolutionBytes = 0;
  for (const [key, { field, scope, isMib }] of Object.entries(knownPeaks)) {
    const figure = figures.get(key);
    const amount = figure === undefined ? null : gibBytes(figure.text);
    if (amount === null || peaks[field] !== undefined) continue;
    figures.delete(key);
    const of = isMib ? 1024 : 1;
    peaks[field] = Math.round(amount.bytes / of);
    peaks.peakScope = scope;
    resolutionBytes = Math.max(resolutionBytes, rounded ? Math.round((amount.resolutionBytes ?? 0) / of) : 0);
  }
  if (peaks.peakScope === undefined) return null;
  return { device, ...peaks, ...(resolutionBytes > 0 && { resolutionBytes }) };
}

/**
 * Digits after the point that all these figures share: the log rounds to so many. null where they differ, which is
 * how a log looks that prints every digit it has.
 */
export function sharedDecimals(figures: Iterable<Printed>): number | null {
  let shared: number | null = null;
  for (const { value, text } of figures) {
    if (typeof value === 'string') continue;
    const digits = decimals(text);
    if (digits === null || (shared !== null && digits !== shared)) return null;
    shared = digits;
  }
  return shared;
}
