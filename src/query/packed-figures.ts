/**
 * `figures.parquet` in a run's folder: every update with its figures, beside the log that it was made of. Its metadata has the
 * size of that log: a reader does without the log only while both agree.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventsFile, lookAtLog, type RunFolder, ranksIn, readRun } from '../log/index.ts';
import { type Database, sqlText } from './duckdb.ts';
import { holdsRows, type ParquetFile, writeParquet } from './parquet.ts';

const FIGURES = 'figures.parquet';
/** Name of the metadata: an object of the bytes of text of each rank's log. */
const LOGS = 'esper_logs';

export const figuresFile = (folder: string): string => join(folder, FIGURES);

const sizesOf = (folder: string): string =>
  JSON.stringify(
    Object.fromEntries(ranksIn(folder).map(rank => [rank, lookAtLog(eventsFile(folder, rank))?.size ?? 0])),
  );

/** Writes the file and holds it against the log. Throws as {@link writeParquet}, and an Error where the two differ: then it is removed. */
export async function packFigures(database: Database, { path }: RunFolder): Promise<ParquetFile> {
  const metadata = { [LOGS]: sizesOf(path) };
  const written = await writeParquet(database, figuresFile(path), readRun(path), {
    metadata,
    hasPlaces: true,
  });
  if (metadata[LOGS] === sizesOf(path) && (await holdsRows(database, written.path, readRun(path), true)))
    return written;
  rmSync(written.path);
  throw new Error('its log changed meanwhile, or what was written could not be read back');
}

/** Whether the folder has figures that were made of the log as it is. False where they cannot be read. */
export async function areFiguresCurrent({ connection }: Database, folder: string): Promise<boolean> {
  try {
    const reader = await connection.runAndReadAll(
      `SELECT decode(value) FROM parquet_kv_metadata(${sqlText(figuresFile(folder))}) WHERE decode(key) = '${LOGS}'`,
    );
    return reader.getRows()[0]?.[0] === sizesOf(folder);
  } catch {
    return false;
  }
}
