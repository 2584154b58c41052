/** Columns of the tables: a figure's type is that of its declaration, and of the field that carries it where it has none. */
import { DeviceMemory, learnerTable } from '../contract/index.ts';
import { figures } from '../figures/index.ts';
import { deviceSeries } from './chart-points.ts';

export type ColumnType = 'BIGINT' | 'DOUBLE' | 'BOOLEAN' | 'VARCHAR' | 'TIMESTAMP' | 'JSON';
export type ColumnTypes = ReadonlyMap<string, ColumnType>;

const declared = (name: string): ColumnType | undefined => {
  const unit = (figures as Readonly<Record<string, { unit: { type: string } }>>)[name]?.unit.type;
  if (unit === 'boolean') return 'BOOLEAN';
  return unit === 'integer' ? 'BIGINT' : unit === 'float' ? 'DOUBLE' : undefined;
};

/** Which run, of which rank, and when: first in every table of events. */
const place = [
  ['run', 'VARCHAR'],
  ['rank', 'BIGINT'],
  ['seq', 'BIGINT'],
  ['time', 'TIMESTAMP'],
] as const satisfies [string, ColumnType][];

export const eventColumns: ColumnTypes = new Map<string, ColumnType>([
  ...place,
  ['type', 'VARCHAR'],
  ['v', 'VARCHAR'],
  ['known', 'BOOLEAN'],
  ['data', 'JSON'],
]);

const kinds: Readonly<Record<string, ColumnType>> = { flag: 'BOOLEAN', count: 'BIGINT' };

/** Those of the learner; a trainer's own come as the logs name them. */
export const updateColumns: ColumnTypes = new Map<string, ColumnType>([
  ...place,
  ['batch', 'BIGINT'],
  ...learnerTable('update').map(({ name, kind }): [string, ColumnType] => [
    name,
    declared(name) ?? kinds[kind] ?? 'DOUBLE',
  ]),
]);

/** A column of a figure that no declaration and no field has: bytes are whole. */
export const typeNamed = (name: string): ColumnType =>
  declared(name) ?? (/Bytes$|^phase\/|^refusals$/.test(name) ? 'BIGINT' : 'DOUBLE');

const fieldType = (schema: string): ColumnType =>
  schema.includes('"integer"') ? 'BIGINT' : schema.includes('"number"') ? 'DOUBLE' : 'VARCHAR';

/** What a process reads of a device, and what follows from it. */
export const deviceColumns: ColumnTypes = new Map<string, ColumnType>([
  ...place,
  ['batch', 'BIGINT'],
  ...Object.entries(DeviceMemory.properties).map(([name, schema]): [string, ColumnType] => [
    name,
    fieldType(JSON.stringify(schema)),
  ]),
  ...deviceSeries
    .filter(name => name !== 'strandedEdgeBytes')
    .map((name): [string, ColumnType] => [name, typeNamed(name)]),
]);

export const runColumns: ColumnTypes = new Map<string, ColumnType>([
  ['run', 'VARCHAR'],
  ['name', 'VARCHAR'],
  ['state', 'VARCHAR'],
  ['algorithm', 'VARCHAR'],
  ['task', 'VARCHAR'],
  ['created', 'TIMESTAMP'],
  ['durationMs', 'DOUBLE'],
  ['batch', 'BIGINT'],
  ['maxBatches', 'BIGINT'],
  ['verdict', 'VARCHAR'],
  ['confidence', 'VARCHAR'],
  ['peakBytes', 'BIGINT'],
  ['seed', 'BIGINT'],
  ['host', 'VARCHAR'],
  ['device', 'VARCHAR'],
  ['versions', 'JSON'],
  ['config', 'JSON'],
  ['tags', 'VARCHAR'],
  ['note', 'VARCHAR'],
  ['archived', 'BOOLEAN'],
  ['path', 'VARCHAR'],
]);
