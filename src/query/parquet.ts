/**
 * A run's updates as a Parquet file: the rows and names of the CSV export, each column typed as its figure is declared. The file is
 * there whole or not at all.
 */
import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import type { DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { draftOf, holdDraft, removeStale } from '../disk/index.ts';
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
const wholeNumbers = new Set(['seq', 'firstSeq', 'lastSeq']);

/** The figure at the end of a column's name: `cuda:0/allocatedBytes`, `cuda:0/phase/rollout`. */
function typeOfColumn(name: string): ColumnType {
  if (name.startsWith('own/')) return 'DOUBLE';
  if (wholeNumbers.has(name)) return 'BIGINT';
  const phase = name.indexOf('/phase/');
  return typeNamed(phase >= 0 ? name.slice(phase + 1) : name.slice(name.lastIndexOf('/') + 1));
}

export interface ParquetFile {
  path: string;
  rows: number;
}

interface ParquetOptions {
  /** Texts that stand in the file's own metadata. @param isFolded whether a figure of a row stands for several that differed */
  metadata?: (isFolded: boolean) => Readonly<Record<string, string>>;
  /** Also which events a row is made of, and edges of drawings: what a reader needs that does not read the log. */
  hasPlaces?: boolean;
}

/** Hands on each row of {@link writeParquet}, by the names of its columns. */
function rowReader(
  hasPlaces: boolean,
  put: (row: Record<string, number>, isFolded: boolean) => void,
): RunPoints {
  return new RunPoints(({ rank, batch, timeMs, seq, firstSeq, lastSeq, figures, isFolded }: RunPoint) => {
    put({ rank, batch, timeMs, ...(hasPlaces && { seq, firstSeq, lastSeq }), ...figures }, isFolded === true);
  }, hasPlaces);
}

/**
 * @param batches the run's events, ranks merged by time
 * Throws what reading throws, and the file system's or DuckDB's error where the file cannot be written.
 */
export async function writeParquet(
  database: Database,
  path: string,
  batches: Iterable<readonly LoggedEvent[]>,
  { metadata = () => ({}), hasPlaces = false }: ParquetOptions = {},
): Promise<ParquetFile> {
  const { duckdb, connection } = database;
  const table = new DuckTable(duckdb, connection, 'points', new Map(places));
  await table.create();
  let isFull = false;
  let hasFolded = false;
  const points = rowReader(hasPlaces, (row, isFolded) => {
    hasFolded ||= isFolded;
    for (const name in row) table.put(name, row[name]!, typeOfColumn(name));
    isFull = table.endRow() || isFull;
  });
  for (const batch of batches) {
    for (const event of batch) points.take(event);
    if (isFull) await table.flush();
    isFull = false;
  }
  points.end();
  await table.end();
  const draft = draftOf(path);
  const release = holdDraft(draft);
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${path} is a folder`);
    // Its refusal names the file that is asked for.
    closeSync(openSync(draft, 'w'));
    removeStale(path);
    const pairs = Object.entries(metadata(hasFolded)).map(([key, value]) => `${key}: ${sqlText(value)}`);
    const kept = pairs.length === 0 ? '' : `, KV_METADATA {${pairs.join(', ')}}`;
    await connection.run(
      `COPY points TO ${sqlText(draft)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${GROUP}, USE_TMP_FILE false${kept})`,
    );
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    release();
    await connection.run('DROP TABLE points');
  }
  return { path, rows: table.rows };
}

/**
 * Whether the file holds the rows of these events, value for value, and no others.
 * @param batches as {@link writeParquet} was given them
 */
export async function holdsRows(
  { connection }: Database,
  path: string,
  batches: Iterable<readonly LoggedEvent[]>,
  hasPlaces: boolean,
): Promise<boolean> {
  const result = await connection.stream(`FROM read_parquet(${sqlText(path)})`);
  const names = result.columnNames();
  const cells = cellsOf(result);
  let wanted: Record<string, number>[] = [];
  const points = rowReader(hasPlaces, row => wanted.push(row));
  const areSame = async (): Promise<boolean> => {
    for (const row of wanted) {
      const { value } = await cells.next();
      if (value === undefined || !isRow(names, value, row)) return false;
    }
    wanted = [];
    return true;
  };
  for (const batch of batches) {
    for (const event of batch) points.take(event);
    if (!(await areSame())) return false;
  }
  points.end();
  return (await areSame()) && (await cells.next()).done === true;
}

async function* cellsOf(result: DuckDBResult): AsyncGenerator<readonly DuckDBValue[], undefined> {
  for await (const rows of result.yieldRows()) yield* rows;
}

function isRow(
  names: readonly string[],
  cells: readonly DuckDBValue[],
  row: Record<string, number>,
): boolean {
  let measured = 0;
  for (const [i, name] of names.entries()) {
    const cell = cells[i]!;
    if (cell === null) {
      if (row[name] !== undefined) return false;
      continue;
    }
    measured++;
    if (!Object.is(Number(cell), row[name])) return false;
  }
  return measured === Object.keys(row).length;
}
