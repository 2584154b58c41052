/** `--map`: the user's names for the figures of a JSON log, `train/pg=loss.policy` or `mem_gb=memory.allocatedBytes*GiB`. */
import { readFileSync } from 'node:fs';
import { parseJsonFile } from '../base/index.ts';
import { memoryFields, stepFields, updateFields } from './fields.ts';
import type { MappedField } from './format.ts';

const UNITS: Record<string, number> = {
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
};

/**
 * @param entries each `KEY=FIELD` or `KEY=FIELD*FACTOR`, or the path of a JSON file `{"KEY": "FIELD*FACTOR"}`.
 * Throws an Error of one sentence for one that is neither.
 */
export function parseMap(entries: readonly string[]): Map<string, MappedField> {
  const map = new Map<string, MappedField>();
  for (const entry of entries) {
    const equals = entry.lastIndexOf('=');
    if (equals > 0) map.set(entry.slice(0, equals), fieldOf(entry.slice(equals + 1)));
    else for (const [key, field] of Object.entries(fileOf(entry))) map.set(key, fieldOf(field));
  }
  return map;
}

function fieldOf(text: unknown): MappedField {
  const [field = '', factor = '1', ...more] = typeof text === 'string' ? text.split('*') : [];
  const number = UNITS[factor] ?? Number(factor);
  const known =
    updateFields.has(field) || stepFields.has(field) || memoryFields.has(field.replace(/^memory\./, ''));
  if (!known)
    throw new Error(
      `“${field}” is no field: --map takes KEY=FIELD with one of ${[...updateFields.keys()].join(', ')}, of a step (step, ${[...stepFields.keys()].filter(name => name !== 'step').join(', ')}) or memory.allocatedBytes and its like.`,
    );
  if (!Number.isFinite(number) || factor.trim() === '' || more.length > 0)
    throw new Error(`“${text}” has no factor that is a number or one of ${Object.keys(UNITS).join(', ')}.`);
  return { field, factor: number };
}

function fileOf(path: string): Record<string, unknown> {
  try {
    const value: unknown = parseJsonFile(readFileSync(path, 'utf8'));
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (error) {
    throw new Error(
      `--map takes KEY=FIELD or a JSON file, and ${path} cannot be read: ${(error as Error).message}`,
    );
  }
  throw new Error(`--map takes KEY=FIELD or a JSON file of them; ${path} holds something else.`);
}
