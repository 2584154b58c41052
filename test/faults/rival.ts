/** A thread that tries, round after round and at the same moment as its rivals, to take the lock of a log. */
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { lockRank, type WriterLock } from '../../src/log/writer-lock.ts';

export interface RivalData {
  /** Each round has a folder here, named by its number. */
  folder: string;
  rounds: number;
  rivals: number;
  /** How many rivals have come to each barrier, two barriers a round. */
  arrived: Int32Array;
  /** How many won each round. */
  won: Int32Array;
}
const { folder, rounds, rivals, arrived, won } = workerData as RivalData;

function barrier(index: number): void {
  let there = Atomics.add(arrived, index, 1) + 1;
  if (there === rivals) Atomics.notify(arrived, index);
  for (; there < rivals; there = Atomics.load(arrived, index)) Atomics.wait(arrived, index, there);
}

for (let round = 0; round < rounds; round++) {
  let lock: WriterLock | null = null;
  barrier(2 * round);
  try {
    lock = lockRank(join(folder, String(round)), 0);
    Atomics.add(won, round, 1);
  } catch {
    // Refused: another was faster.
  }
  barrier(2 * round + 1);
  lock?.release();
}
