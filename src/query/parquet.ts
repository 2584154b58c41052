/**
 * A run's updates as a Parquet file: the rows and names of the CSV export, each column typed as its figure is declared. The file is
 * there whole or not at all.
 */
import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LoggedEvent } from '../log/index.ts';
import { type ColumnType, typeNamed } from './columns.ts';
import { DuckTable } from './duck-table.ts';
import { type Database, sqlText } from './duckdb.ts';
import { type RunPoint, RunPoints } from './run-points.ts';

/** Rows of a group: what a reader decodes at once, and the smallest part that it can leave out. */
const GROUP = 122_880;

const places: readonly (readonly [string, ColumnType])[] = [
  ['rank', 'BIGINT'],
  ['batch', 'BIGINT'],
  ['timeMs', 'DOUBLE'],
];

/** The figure at the end of a column's name: `cuda:0/allocatedBytes`, `cuda:0/phase/rollout`. */
function typeOfColumn(name: string): ColumnType {
  if (name.startsWith('own/')) return 'DOUBLE';
  const phase = name.indexOf('/phase/');
  return typeNamed(phase >= 0 ? name.slice(phase + 1) : name.slice(name.lastIndexOf('/') + 1));
}

export interface ParquetFile {
  path: string;
  rows: number;
}

/**
 * @param batches the run's events, ranks merged by time
 * @param metadata texts that stand in the file's own metadata
 * Throws what reading throws, and the file system's or DuckDB's error where the file cannot be written.
 */
export async function writeParquet(
  database: Database,
  path: string,
  batches: Iterable<readonly LoggedEvent[]>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<ParquetFile> {
  const { duckdb, connection } = database;
  const table = new DuckTable(duckdb, connection, 'points', new Map(places));
  await table.create();
  let isFull = false;
  const points = new RunPoints(({ rank, batch, timeMs, figures }: RunPoint) => {
    table.put('rank', rank);
    table.put('batch', batch);
    table.put('timeMs', timeMs);
    for (const name in figures) table.put(name, figures[name]!, typeOfColumn(name));
    isFull = table.endRow() || isFull;
  }, true);
  for (const batch of batches) {
    for (const event of batch) points.take(event);
    if (isFull) await table.flush();
    isFull = false;
  }
  points.end();
  await table.end();
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${path} is a folder`);
    // Its refusal names the file that is asked for.
    closeSync(openSync(draft, 'w'));
    const pairs = Object.entries(metadata).map(([key, value]) => `${key}: ${sqlText(value)}`);
    const kept = pairs.length === 0 ? '' : `, KV_METADATA {${pairs.join(', ')}}`;
    await connection.run(
      `COPY points TO ${sqlText(draft)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${GROUP}, USE_TMP_FILE false${kept})`,
    );
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    await connection.run('DROP TABLE points');
  }
  return { path, rows: table.rows };
}
