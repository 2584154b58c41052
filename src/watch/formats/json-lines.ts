/**
 * JSON lines: one object a report. Names that trainers use are known; others are named with a map. Nested objects are
 * joined by `/`; the containers `data` and `metrics` (verl's and others' file loggers) leave no trace.
 */
import type { DeviceMemory } from '../../contract/index.ts';
import { memoryFields, setField, stepFields, updateFields, type Value } from '../fields.ts';
import { type Figures, peaksOf, stepOf, updateOf } from '../figures.ts';
import type { LineParser, LogFormat, MappedField, Outlet } from '../format.ts';
import { isPpoKey, knownKeys, numberKeys } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { takeFigure } from '../python-dict.ts';

const DEPTH = 4;
/** Python writes NaN and Infinity, which JSON does not know. */
const NON_FINITE = /([:[,] {0,4})(NaN|-?Infinity)(?= {0,4}[,}\]])/g;

export const jsonLines: LogFormat = {
  name: 'json',
  about: 'JSON lines, with --map for names of your own',
  marks: ['{"'],
  readsLongLines: true,
  open: ({ map }) => new JsonLinesParser(map),
};

class JsonLinesParser implements LineParser {
  #map: ReadonlyMap<string, MappedField>;

  constructor(map: ReadonlyMap<string, MappedField>) {
    this.#map = map;
  }

  read({ text }: LogLine, out: Outlet): boolean {
    if (!text.trimStart().startsWith('{"')) return false;
    let value: unknown;
    try {
      value = JSON.parse(text.replace(NON_FINITE, '$1"$2"'));
    } catch {
      out.almost('a line that is no JSON');
      return true;
    }
    const figures: Figures = new Map();
    flatten(value as Record<string, unknown>, '', figures, DEPTH);
    return this.#report(figures, out);
  }

  #report(figures: Figures, out: Outlet): boolean {
    const mapped: { field: string; value: Value }[] = [];
    for (const [key, { field, factor }] of this.#map) {
      const value = figures.get(key)?.value;
      if (value === undefined) continue;
      figures.delete(key);
      mapped.push({
        field,
        value: typeof value === 'number' && factor !== 1 ? inField(field, value * factor) : value,
      });
    }
    const keys = [...figures.keys()];
    const update =
      keys.some(isPpoKey) || mapped.some(({ field }) => updateFields.has(field) && !stepFields.has(field));
    if (!update && mapped.length === 0 && !keys.some(key => knownKeys[key]?.step !== undefined)) return true;

    const number = numberOf(figures, mapped);
    if (number === null) {
      out.almost(unnumbered(keys));
      return true;
    }
    megabytes(figures);
    const peaks = peaksOf(figures, 'cuda', false);
    const memory = memoryOf(peaks, mapped);
    const payload = update ? updateOf(number, figures, memory) : stepOf(number, figures, memory);
    const fields = update ? updateFields : stepFields;
    for (const { field, value } of mapped) {
      if (fields.get(field)?.(value)) setField(payload as Record<string, unknown>, field, value);
      else if (fields.has(field)) out.almost(`a JSON line whose ${field} is out of its range`);
    }
    if (update) out.update(payload as ReturnType<typeof updateOf>);
    else out.step(payload as ReturnType<typeof stepOf>);
    return true;
  }
}

function flatten(value: Record<string, unknown>, prefix: string, figures: Figures, depth: number): void {
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'number') figures.set(prefix + key, { value: inner, text: String(inner) });
    else if (typeof inner === 'string') {
      takeFigure(figures, prefix + key, inner);
    } else if (inner !== null && typeof inner === 'object' && !Array.isArray(inner) && depth > 0) {
      const bare = prefix === '' && (key === 'data' || key === 'metrics');
      flatten(inner as Record<string, unknown>, bare ? '' : `${prefix}${key}/`, figures, depth - 1);
    }
  }
}

/** Keys of OpenMMLab's logs that its `memory` stands among: the peak, in MiB. */
function megabytes(figures: Figures): void {
  const memory = figures.get('memory');
  if (memory === undefined || !figures.has('data_time')) return;
  figures.delete('memory');
  figures.set('max_memory_allocated_MB', memory);
}

const MOST_NAMED = 12;
const unnumbered = (keys: string[]) =>
  keys.length === 0
    ? 'a JSON line without a batch or step: name it with --map'
    : `a JSON line without a batch or step; its keys are ${keys.slice(0, MOST_NAMED).join(', ')}: name the one that counts, as --map ${keys.find(key => /step|iter|epoch|it$/i.test(key)) ?? 'KEY'}=step`;

/** Bytes and counts are whole numbers; a product of floats need not be. */
const inField = (field: string, value: number) =>
  /(?:Bytes|Steps|steps|pisodes|Retries|ooms)$/.test(field) ? Math.round(value) : value;

/** The report's number, by the map or by the names trainers use; taken out of the figures. */
function numberOf(figures: Figures, mapped: { field: string; value: Value }[]): number | null {
  const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  const named = mapped.find(({ field }) => field === 'batch' || field === 'step')?.value;
  if (named !== undefined) return isNumber(named) ? named : null;
  for (const key of numberKeys) {
    const value = figures.get(key)?.value;
    if (!isNumber(value)) continue;
    if (knownKeys[key] === undefined) figures.delete(key);
    return value;
  }
  return null;
}

function memoryOf(peaks: DeviceMemory | null, mapped: { field: string; value: Value }[]): DeviceMemory[] {
  const reading: Record<string, unknown> = {};
  for (const { field, value } of mapped) {
    const name = field.startsWith('memory.') ? field.slice('memory.'.length) : null;
    if (name !== null && memoryFields.get(name)?.(value)) reading[name] = value;
  }
  if (peaks === null && Object.keys(reading).length === 0) return [];
  return [{ device: 'cuda', ...peaks, ...reading }];
}
