/** A run's log from its first event to its last, in bounded memory; how far it is, on a terminal, where that takes long. */
import { lstatSync } from 'node:fs';
import { eventsFile, type LoggedEvent, type ReadReport, RunReader, ranksIn } from '../log/index.ts';

/** Reading that takes longer than this shows its progress, this often. */
const PATIENCE_MS = 500;
const EVERY_MS = 100;

const sizeOf = (folder: string): number =>
  ranksIn(folder).reduce((sum, rank) => sum + lstatSync(eventsFile(folder, rank)).size, 0);

/**
 * Hands every event to `take`, ranks merged by time.
 * @param report counts what is read.
 * Throws the file system's error where the folder cannot be listed.
 */
export function readLog(folder: string, report: ReadReport, take: (event: LoggedEvent) => void): void {
  const reader = new RunReader(folder, report);
  const stderr = process.stderr.isTTY ? process.stderr : null;
  const total = stderr === null ? 0 : sizeOf(folder);
  let next = performance.now() + PATIENCE_MS;
  let shown = false;
  for (const events of reader) {
    for (const event of events) take(event);
    if (stderr === null || performance.now() < next) continue;
    next = performance.now() + EVERY_MS;
    shown = true;
    const read = [...reader.bookmark.values()].reduce((sum, { offset }) => sum + offset, 0);
    stderr.write(`\resper: reading ${Math.min(100, Math.floor((100 * read) / Math.max(1, total)))}%`);
  }
  if (shown) stderr?.write('\r\x1b[K');
}
