/**
 * DuckDB: an optional dependency of some 70 MB, loaded by the commands that need it and by nothing else. A database lives in memory,
 * takes a bounded amount of it, and what does not fit goes to a folder of its own that is removed in the end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';

export type DuckDb = typeof import('@duckdb/node-api');

/** The version that this package is tested with; package.json pins the same. */
export const DUCKDB_VERSION = '1.5.6-r.1';

/** One sentence on what to install. */
export class DuckDbMissingError extends Error {
  override name = 'DuckDbMissingError';
}

/** @param what needs it. Throws a {@link DuckDbMissingError} where it is not installed. */
async function loadDuckDb(what: string): Promise<DuckDb> {
  if (process.env.ESPER_DUCKDB !== 'off')
    try {
      return await import('@duckdb/node-api');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND' && code !== 'ERR_DLOPEN_FAILED')
        throw error;
    }
  throw new DuckDbMissingError(
    `${what} needs DuckDB, which is not installed here: npm install @duckdb/node-api@${DUCKDB_VERSION}.`,
  );
}

export interface Database {
  duckdb: DuckDb;
  connection: DuckDBConnection;
  /** From here on nothing reads or writes a file, and no setting can be changed. */
  lock(): Promise<void>;
  close(): void;
}

/** Most that the database keeps in memory, MiB: an eighth of the machine's, from 256 to 2,048. */
const memoryMiB = (): number => Math.round(Math.min(2048, Math.max(256, totalmem() / 2 ** 20 / 8)));

/** An empty database in memory. Nothing is downloaded. Throws a {@link DuckDbMissingError}. */
export async function openDatabase(what: string): Promise<Database> {
  const duckdb = await loadDuckDb(what);
  const spill = mkdtempSync(join(tmpdir(), 'esper-query-'));
  let instance: InstanceType<DuckDb['DuckDBInstance']> | null = null;
  const close = () => {
    instance?.closeSync();
    rmSync(spill, { recursive: true, force: true });
  };
  try {
    instance = await duckdb.DuckDBInstance.create(':memory:', {
      memory_limit: `${memoryMiB()}MiB`,
      temp_directory: spill,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    return {
      duckdb,
      connection,
      lock: async () => {
        await connection.run("SET TimeZone = 'UTC'");
        await connection.run('SET enable_external_access = false');
        await connection.run('SET lock_configuration = true');
      },
      close: () => {
        connection.closeSync();
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** A name, or a text, as SQL has it. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
