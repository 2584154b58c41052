/** A run's log from its first event to its last, in bounded memory; how far it is, on a terminal, where that takes long. */
import { type LoggedEvent, logBytes, longLog, type ReadReport, RunReader, readAhead } from '../log/index.ts';
import { readingProgress } from './progress.ts';

/**
 * The run's events in batches, ranks merged by time.
 * @param report counts what is read.
 * Throws the file system's error where the folder cannot be listed.
 */
export function* readLogParts(folder: string, report: ReadReport): Generator<LoggedEvent[]> {
  const reader = new RunReader(folder, report);
  const progress = readingProgress(() => logBytes(folder));
  const read = () => [...reader.bookmark.values()].reduce((sum, { offset }) => sum + offset, 0);
  for (const events of reader) {
    yield events;
    progress.show(read);
  }
  progress.end();
}

/** Hands on every event of {@link readLogParts}. */
export function readLog(folder: string, report: ReadReport, take: (event: LoggedEvent) => void): void {
  for (const events of readLogParts(folder, report)) for (const event of events) take(event);
}

/** As {@link readLog}; a long log of one rank is read by a thread meanwhile. */
export async function readLongLog(
  folder: string,
  report: ReadReport,
  take: (event: LoggedEvent) => void,
): Promise<void> {
  const path = longLog(folder);
  if (path !== null) {
    const progress = readingProgress(() => logBytes(folder));
    const isRead = await readAhead(path, report, take, bytes => progress.show(() => bytes));
    progress.end();
    if (isRead) return;
  }
  readLog(folder, report, take);
}
