/** A thread that reads parts of a rank's log to columns, one a message. */
import { parentPort, workerData } from 'node:worker_threads';
import { type PartOfLog, PartReader } from './log-parts.ts';

const reader = new PartReader(workerData as { path: string; rank: number });

parentPort!.on('message', (part: PartOfLog) => {
  try {
    const columns = reader.read(part);
    const { seq, batch, timeMs, figures, counters } = columns;
    const buffers = new Set(
      [
        seq,
        batch,
        timeMs,
        ...figures.values(),
        ...counters.flatMap(({ isCounted, allocRetries, ooms }) => [isCounted, allocRetries, ooms]),
      ].map(({ buffer }) => buffer as ArrayBuffer),
    );
    parentPort!.postMessage({ columns }, [...buffers]);
  } catch (error) {
    parentPort!.postMessage({ refusal: (error as Error).message });
  }
});
