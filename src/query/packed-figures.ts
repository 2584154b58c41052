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
import type { PointColumns } from './point-columns.ts';

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

  /** Throws DuckDB's error where the file was changed meanwhile. @param names of {@link names}; others are left out */
  async *columns(names: readonly string[]): AsyncGenerator<PointColumns> {
    const known = names.filter(name => this.names.includes(name));
    const asked = ['firstSeq', 'lastSeq', 'batch', 'timeMs', ...known].map(
      name => `coalesce(${sqlName(name)}::DOUBLE, 'NaN'::DOUBLE)`,
    );
    const { connection } = this.#database;
    const result = await connection.stream(
      `SELECT ${asked.join(', ')} FROM read_parquet(${sqlText(this.#file)})`,
    );
    for await (const chunk of result) {
      const column = (i: number) => (chunk.getColumnVector(i) as unknown as { items: Float64Array }).items;
      yield {
        firstSeq: column(0),
        seq: column(1),
        batch: column(2),
        timeMs: column(3),
        figures: new Map(known.map((name, i) => [name, column(4 + i)])),
        counters: [],
      };
    }
  }

  close(): void {
    this.#database.close();
  }
}
