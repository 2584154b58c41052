/** DuckDB for a command; where it is not installed, one sentence on how to. */
import { type Database, DuckDbMissingError, openDatabase } from '../query/index.ts';
import { CommandError } from './command-error.ts';

/** @param what needs it, as the beginning of a sentence. Throws a CommandError. */
export async function openedDatabase(what: string): Promise<Database> {
  try {
    return await openDatabase(what);
  } catch (error) {
    throw error instanceof DuckDbMissingError ? new CommandError(error.message) : error;
  }
}
