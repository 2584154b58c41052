import { expect, test } from 'vitest';
import type { TelemetryEvent } from '../../contract/index.ts';
import { analyseRun } from '../index.ts';

/** Two ranks that fail, the second so long after the first. */
const saysOf = (laterMs: number): string | undefined => {
  const failed = (rank: number, timeMs: number, more: object) => [
    { v: '1.0', seq: 0, timeMs: 1e12, run: 'r', rank, type: 'TRAINING_STARTED', data: {} },
    { v: '1.0', seq: 1, timeMs, run: 'r', rank, type: 'TRAINING_FAILED', data: more },
  ];
  const events = [
    ...failed(1, 1e12 + 5000, {
      errorType: 'OutOfMemoryError',
      message: 'CUDA out of memory.',
      outOfMemory: { device: 'cuda:1' },
    }),
    ...failed(0, 1e12 + 5000 + laterMs, { errorType: 'DistBackendError', message: 'NCCL error' }),
  ] as TelemetryEvent[];
  return analyseRun([events]).acrossRanks?.find(({ kind }) => kind === 'first failure')?.says;
};

test('how soon others fell stands there where a clock shows it', () => {
  expect(saysOf(12_000)).toMatch(/Rank 1 failed first .*: rank 0 fell with it within 12 s\./);
  // Lines without a time, or of one moment.
  expect(saysOf(0)).toMatch(/Rank 1 failed first .*: rank 0 fell with it\.$/);
});
