/**
 * `figures.parquet` in a run's folder: every update with its figures, beside the log that it was made of. Its metadata has the
 * size of that log: a reader does without the log only while both agree.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { learnerFields, resumedAt } from '../contract/index.ts';
import { eventsFile, type LoggedEvent, lookAtLog, type RunFolder, ranksIn, readRun } from '../log/index.ts';
import { type Database, openDatabase, sqlName, sqlText } from './duckdb.ts';
import { holdsRows, type ParquetFile, writeParquet } from './parquet.ts';

const FIGURES = 'figures.parquet';
/** Names of the metadata: an object of the bytes of text of each rank's log; and whether a chart can be drawn from the rows alone. */
const LOGS = 'esper_logs';
const DRAWN = 'esper_drawn';

export const figuresFile = (folder: string): string => join(folder, FIGURES);

const sizesOf = (folder: string): string =>
  JSON.stringify(
    Object.fromEntries(ranksIn(folder).map(rank => [rank, lookAtLog(eventsFile(folder, rank))?.size ?? 0])),
  );

/** Writes the file and holds it against the log. Throws as {@link writeParquet}, and an Error where the two differ: then it is removed. */
export async function packFigures(database: Database, { path }: RunFolder): Promise<ParquetFile> {
  const sizes = sizesOf(path);
  let isResumed = false;
  function* noted(): Generator<LoggedEvent[]> {
    for (const events of readRun(path)) {
      isResumed ||= events.some(event => resumedAt(event) !== null);
      yield events;
    }
  }
  const written = await writeParquet(database, figuresFile(path), noted(), {
    metadata: isFolded => ({ [LOGS]: sizes, [DRAWN]: String(!isResumed && !isFolded) }),
    hasPlaces: true,
  });
  if (sizes === sizesOf(path) && (await holdsRows(database, written.path, readRun(path), true)))
    return written;
  rmSync(written.path);
  throw new Error('its log changed meanwhile, or what was written could not be read back');
}

/** The file's metadata; empty where there is no such file, or it cannot be read. */
async function metadataOf({ connection }: Database, folder: string): Promise<ReadonlyMap<string, string>> {
  try {
    const reader = await connection.runAndReadAll(
      `SELECT decode(key), decode(value) FROM parquet_kv_metadata(${sqlText(figuresFile(folder))})`,
    );
    return new Map(reader.getRows() as [string, string][]);
  } catch {
    return new Map();
  }
}

/** Whether the folder has figures that were made of the log as it is. False where they cannot be read. */
export const areFiguresCurrent = async (database: Database, folder: string): Promise<boolean> =>
  (await metadataOf(database, folder)).get(LOGS) === sizesOf(folder);

const places = new Set(['rank', 'batch', 'timeMs', 'seq', 'firstSeq', 'lastSeq']);
const isDrawn = (name: string): boolean =>
  !places.has(name) &&
  (!Object.hasOwn(learnerFields, name) || 'history' in learnerFields[name as keyof typeof learnerFields]);

/** Consecutive points of a packed run, block by block; all columns have one length. */
export interface PackedBlocks {
  points: number;
  /** Points of a block; the last may have fewer. */
  span: number;
  /** The first event of the block's first point, and the last of its last. */
  seq: Float64Array;
  seqEnd: Float64Array;
  batch: Float64Array;
  batchEnd: Float64Array;
  /** Of the first point, and the latest of them. */
  timeMs: Float64Array;
  timeEndMs: Float64Array;
  /** NaN: not measured in the block. */
  figures: Map<string, { min: Float64Array; max: Float64Array }>;
}

/** The points of a packed run of one rank, by the figures that are asked for. */
export class PackedPoints {
  /** Series that there are. */
  readonly names: readonly string[];
  readonly #database: Database;
  readonly #file: string;

  private constructor(database: Database, file: string, names: readonly string[]) {
    this.#database = database;
    this.#file = file;
    this.names = names;
  }

  /** Null where the run is not packed, its log has grown since, rows do not have all of a chart, or DuckDB is not installed. */
  static async open(folder: string): Promise<PackedPoints | null> {
    const file = figuresFile(folder);
    if (!existsSync(file)) return null;
    let database: Database;
    try {
      database = await openDatabase('a packed run');
    } catch {
      return null;
    }
    const metadata = await metadataOf(database, folder);
    if (metadata.get(LOGS) !== sizesOf(folder) || metadata.get(DRAWN) !== 'true') {
      database.close();
      return null;
    }
    const described = await database.connection.runAndReadAll(`DESCRIBE FROM read_parquet(${sqlText(file)})`);
    const names = described.getRows().map(([name]) => name as string);
    return new PackedPoints(database, file, names.filter(isDrawn));
  }

  /**
   * Blocks of consecutive points, in their order: as many as there is room for, each of `span` points, a power of two. DuckDB finds
   * their extremes, in threads of its own. Throws its error where the file was changed meanwhile.
   * @param names of {@link names}; others are left out
   * @param capacity most blocks
   */
  async blocks(names: readonly string[], capacity: number): Promise<PackedBlocks> {
    const { connection } = this.#database;
    const from = `FROM read_parquet(${sqlText(this.#file)}, file_row_number = true)`;
    const [[count]] = (await connection.runAndReadAll(`SELECT count(*) ${from}`)).getRows() as [[bigint]];
    const points = Number(count);
    let span = 1;
    while (Math.ceil(points / span) > capacity) span *= 2;
    const known = names.filter(name => this.names.includes(name));
    const asked = [
      ...['firstSeq', 'batch', 'timeMs'].map(name => `arg_min(${name}, file_row_number)`),
      ...['lastSeq', 'batch'].map(name => `arg_max(${name}, file_row_number)`),
      'max(timeMs)',
      ...known.flatMap(name => [`min(${sqlName(name)})`, `max(${sqlName(name)})`]),
    ].map(value => `coalesce(${value}::DOUBLE, 'NaN'::DOUBLE)`);
    const reader = await connection.runAndReadAll(
      `SELECT ${asked.join(', ')} ${from} GROUP BY file_row_number // ${span} ORDER BY file_row_number // ${span}`,
    );
    const [seq, batch, timeMs, seqEnd, batchEnd, timeEndMs, ...columns] = reader
      .getColumns()
      .map(column => Float64Array.from(column as number[]));
    const none = new Float64Array(0);
    return {
      points,
      span,
      ...{ seq: seq ?? none, seqEnd: seqEnd ?? none, batch: batch ?? none, batchEnd: batchEnd ?? none },
      ...{ timeMs: timeMs ?? none, timeEndMs: timeEndMs ?? none },
      figures: new Map(
        known.map((name, i) => [name, { min: columns[2 * i] ?? none, max: columns[2 * i + 1] ?? none }]),
      ),
    };
  }

  close(): void {
    this.#database.close();
  }
}
