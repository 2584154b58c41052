/**
 * Follows a run while it is written: what is there, then what comes. The folder, a rank's file or the rest of a
 * line may come later; a file that is truncated or replaced is read again from its start, and reported.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { FolderWatch } from './folder-watch.ts';
import { mergeRanks } from './merge-ranks.ts';
import { chunkOf, RankFile } from './rank-file.ts';
import type { LoggedEvent } from './rank-lines.ts';
import { emptyReport, noteProblem, type ReadReport } from './read-report.ts';
import { eventsFile, ranksIn } from './run-folder.ts';

/** Where the kernel reports no change (network folders), this often we look ourselves. */
const POLL_MS = 250;
/** A burst of lines is read at once: the first of it without delay, the rest not more often than this. */
const GATHER_MS = 20;
/** Each round looks at every file: of many ranks, where something always comes, two milliseconds each, up to this. */
const EACH_MS = 2;
const LONGEST_MS = 1000;
/** Where the next round is as far off as this and something always comes, no notice of each line is taken. */
const BUSY_MS = 100;

export interface TailOptions {
  /** Ends the iteration. */
  signal?: AbortSignal;
  /** Counts what is read as it is read; `torn` counts what a restart or, once it is over, the last writer left behind. */
  report?: ReadReport;
  /** Called each time all that the files held has been yielded; true: look again at once. */
  caughtUp?: () => boolean | undefined;
  /** Asked at the end of the iteration: whether nobody writes any more. */
  isOver?: () => boolean;
}

/**
 * Yields batches of events for as long as the caller iterates, the ranks of each round merged by time (see
 * {@link mergeRanks}). Ends when the signal aborts, never by itself. Does not throw.
 */
export async function* tailRun(
  folder: string,
  { signal = new AbortController().signal, report = emptyReport(), caughtUp, isOver }: TailOptions = {},
): AsyncGenerator<LoggedEvent[]> {
  const files = new Map<number, RankFile>();
  const ranks = new RanksThere(folder, report);
  const watch = new FolderWatch(folder, signal);
  try {
    let isBusy = false;
    while (!signal.aborted) {
      if (isBusy) watch.rest();
      else watch.begin();
      const there = ranks.list();
      for (const rank of there)
        if (!files.has(rank))
          files.set(rank, new RankFile(eventsFile(folder, rank), report, chunkOf(there.length)));
      for (const file of files.values()) file.open();
      const began = performance.now();
      let came = 0;
      const merged = mergeRanks([...files.values()]);
      // No batch is held while nothing comes: of many ranks a second's events would outlive collections of garbage.
      for (let next = merged.next(); next.done !== true; next = merged.next()) {
        came += next.value.length;
        if (next.value.length > 0) yield next.value;
        // Catching up must not keep timers, keys and signals waiting.
        await setImmediate();
        if (signal.aborted) return;
      }
      if (caughtUp?.() === true) continue;
      const gatherMs = Math.min(LONGEST_MS, Math.max(GATHER_MS, EACH_MS * files.size));
      isBusy = came > 0 && gatherMs >= BUSY_MS;
      await setTimeout(Math.max(0, began + gatherMs - performance.now()), null, { signal }).catch(() => {});
      if (!isBusy) await watch.change(POLL_MS);
    }
  } finally {
    watch.end();
    for (const file of files.values()) {
      if (isOver?.() === true) file.finish();
      file.close();
    }
  }
}

/** The ranks of a folder that may not be made yet, or be deleted and perhaps made again. */
class RanksThere {
  readonly #folder: string;
  readonly #report: ReadReport;
  #refusal: string | null = null;

  constructor(folder: string, report: ReadReport) {
    this.#folder = folder;
    this.#report = report;
  }

  /** None where it cannot be listed: a problem in the report, once, unless the folder is not there. */
  list(): number[] {
    try {
      return ranksIn(this.#folder);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || message === this.#refusal) return [];
      if (this.#refusal === null) this.#report.unreadable++;
      this.#refusal = message;
      noteProblem(this.#report, this.#folder, null, message);
      return [];
    }
  }
}
