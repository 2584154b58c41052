/** What no log can show: that its writers ended. */
import { readdirSync } from 'node:fs';
import { openRun } from './run-folder.ts';
import { writerState } from './writer-lock.ts';

/** A run that nobody began to write may still be about to: its trainer loads its libraries first. */
const BEGINS_WITHIN_MS = 60_000;

/** Ranks that have a log, or a lock on one, in the folder; none where it cannot be read. */
function writersIn(folder: string): number[] {
  try {
    const ranks = readdirSync(folder).flatMap(
      name => /^events-(\d{1,15})\.(?:jsonl|jsonl\.gz|lock)$/.exec(name)?.[1] ?? [],
    );
    return [...new Set(ranks.map(Number))];
  } catch {
    return [];
  }
}

/**
 * Whether no process can be writing the run: every rank's writer has closed its log or died, or, in a folder made a minute
 * ago and more, none ever began. Its last lines may have come with its going: only a log that is read to its end
 * after this was true has all of them. False where the folder is not there. Never throws.
 */
export function isWriterGone(folder: string, nowMs = Date.now()): boolean {
  const ranks = writersIn(folder);
  if (ranks.length > 0) return ranks.every(rank => ['closed', 'gone'].includes(writerState(folder, rank)));
  const run = openRun(folder);
  return run !== null && nowMs - run.createdMs > BEGINS_WITHIN_MS;
}
