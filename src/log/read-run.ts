/** A run from its first event to its last, in bounded memory. */
import { mergeRanks } from './merge-ranks.ts';
import { chunkOf, type FilePosition, RankFile } from './rank-file.ts';
import type { LoggedEvent } from './rank-lines.ts';
import { emptyReport, type ReadReport } from './read-report.ts';
import { eventsFile, ranksIn } from './run-folder.ts';

/** Where reading may begin again, by file. */
export type Bookmark = ReadonlyMap<string, FilePosition>;

/** Reads a run's events in batches, the ranks merged by time (see {@link mergeRanks}), unknown events among them. */
export class RunReader {
  #files: RankFile[];

  /**
   * @param source a run's folder, or files of events.
   * @param report counts what is read as it is read.
   * @param from a bookmark of an earlier reader of the same source; null for the beginning.
   * Throws where the folder cannot be listed; whatever is wrong inside is counted in the report instead.
   */
  constructor(
    source: string | readonly string[],
    report: ReadReport = emptyReport(),
    from: Bookmark | null = null,
  ) {
    const paths = typeof source === 'string' ? ranksIn(source).map(rank => eventsFile(source, rank)) : source;
    const chunk = chunkOf(paths.length);
    this.#files = paths.map(path => new RankFile(path, report, chunk, from?.get(path)));
  }

  /** Everything after the batches that were yielded so far. */
  get bookmark(): Bookmark {
    return new Map(this.#files.map(file => [file.path, file.place]));
  }

  /** Once; stop by leaving the loop. A batch may be empty (see {@link mergeRanks}). */
  *[Symbol.iterator](): Generator<LoggedEvent[]> {
    try {
      for (const file of this.#files) file.open();
      yield* mergeRanks(this.#files);
      for (const file of this.#files) file.finish();
    } finally {
      for (const file of this.#files) file.close();
    }
  }
}

/** The batches of a {@link RunReader} from the beginning. */
export const readRun = (source: string | readonly string[], report?: ReadReport): Iterable<LoggedEvent[]> =>
  new RunReader(source, report);
