/** A thread that reads a rank's log, so many batches ahead of the one that takes them. */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { lineBatches } from './line-batches.ts';

const AHEAD = 4;

let [handed, taken] = [0, 0];
parentPort!.on('message', () => taken++);
for (const batch of lineBatches((workerData as { path: string }).path)) {
  parentPort!.postMessage({ batch }, [
    batch.numbers.buffer as ArrayBuffer,
    batch.order.buffer as ArrayBuffer,
  ]);
  handed++;
  while (handed - taken >= AHEAD) await once(parentPort!, 'message');
}
parentPort!.postMessage({ batch: null });
parentPort!.close();
