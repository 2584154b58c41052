/** What no log can show: that its writers ended. */
import { readdirSync } from 'node:fs';
import { openRun } from './run-folder.ts';
import { writerState } from './writer-lock.ts';

/** A run that nobody began to write may still be about to: its trainer loads its libraries first. */
const BEGINS_WITHIN_MS = 60_000;

/** Ranks with a lock on their log, and whether any rank has a log or a lock; none where the folder cannot be read. */
function writersIn(folder: string): { locked: number[]; began: boolean } {
  try {
    const found = readdirSync(folder).flatMap(name =>
      [/^events-(\d{1,15})\.(jsonl|jsonl\.gz|lock)$/.exec(name)].filter(match => match !== null),
    );
    const locked = found.filter(([, , what]) => what === 'lock').map(([, rank]) => Number(rank));
    return { locked, began: found.length > 0 };
  } catch {
    return { locked: [], began: false };
  }
}

/**
 * Whether no process can be writing the run: every rank's writer has closed its log or died, or, in a folder made a minute
 * ago and more, none ever began. Its last lines may have come with its going: only a log that is read to its end
 * after this was true has all of them. False where the folder is not there. Never throws.
 */
export function isWriterGone(folder: string, nowMs = Date.now()): boolean {
  const { locked, began } = writersIn(folder);
  // A log without a lock is closed: of thousands of ranks only the locks that there are are opened.
  if (began) return locked.every(rank => ['closed', 'gone'].includes(writerState(folder, rank)));
  const run = openRun(folder);
  return run !== null && nowMs - run.createdMs > BEGINS_WITHIN_MS;
}
