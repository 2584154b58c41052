/** A long log of one rank, read by a thread while its events are taken here: on two processors in little more than half of the time. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { BatchEvents, type LineBatch } from './line-batches.ts';
import { lookAtLog } from './log-file.ts';
import type { LoggedEvent } from './rank-lines.ts';
import type { ReadReport } from './read-report.ts';
import { eventsFile, ranksIn } from './run-folder.ts';

/** A thread takes a tenth of a second to begin: shorter logs are read by then. */
const LEAST_BYTES = 32 * 2 ** 20;

/** The log that a thread is worth of; null: the run is read as well here. Throws the file system's error. */
export function longLog(folder: string): string | null {
  // From the sources there is no file that a thread could load.
  if (import.meta.url.endsWith('.ts') || availableParallelism() < 2) return null;
  const ranks = ranksIn(folder);
  if (ranks.length !== 1) return null;
  const path = eventsFile(folder, ranks[0]!);
  return (lookAtLog(path)?.size ?? 0) < LEAST_BYTES ? null : path;
}

/**
 * Hands on every event of a rank's log, as a `RunReader` of it would.
 * @param report counts what is read
 * @param look called now and then, with the bytes that are read
 * @returns false where no thread could be started: then nothing was handed on
 */
export async function readAhead(
  path: string,
  report: ReadReport,
  take: (event: LoggedEvent) => void,
  look: (bytes: number) => void = () => {},
): Promise<boolean> {
  const worker = new Worker(new URL('../log/reading-thread.js', import.meta.url), { workerData: { path } });
  const events = new BatchEvents();
  const came: (LineBatch | null)[] = [];
  worker.on('message', ({ batch }: { batch: LineBatch | null }) => came.push(batch));
  let hasBegun = false;
  try {
    for (;;) {
      if (came.length === 0) await once(worker, 'message');
      const batch = came.shift()!;
      if (batch === null) return true;
      hasBegun = true;
      worker.postMessage(null);
      events.read(batch, take);
      Object.assign(report, batch.report);
      look(batch.offset);
    }
  } catch (error) {
    if (hasBegun) throw error;
    return false;
  } finally {
    await worker.terminate();
  }
}
