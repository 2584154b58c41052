/** A run's log from its first event to its last, in bounded memory; how far it is, on a terminal, where that takes long. */
import { type LoggedEvent, logBytes, type ReadReport, RunReader } from '../log/index.ts';
import { readingProgress } from './progress.ts';

/**
 * Hands every event to `take`, ranks merged by time.
 * @param report counts what is read.
 * Throws the file system's error where the folder cannot be listed.
 */
export function readLog(folder: string, report: ReadReport, take: (event: LoggedEvent) => void): void {
  const reader = new RunReader(folder, report);
  const progress = readingProgress(() => logBytes(folder));
  const read = () => [...reader.bookmark.values()].reduce((sum, { offset }) => sum + offset, 0);
  for (const events of reader) {
    for (const event of events) take(event);
    progress.show(read);
  }
  progress.end();
}
