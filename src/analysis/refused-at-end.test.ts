import { expect, test } from 'vitest';
import type { Payload, TelemetryEvent } from '../contract/index.ts';
import { analyseRun } from './index.ts';

type Step = { [T in TelemetryEvent['type']]: { type: T; data: Payload<T> } }[TelemetryEvent['type']];
const GIB = 2 ** 30;

const memory = (ooms: number) => [
  { device: 'cuda:0', allocatedBytes: 20 * GIB, reservedBytes: 21 * GIB, deviceTotalBytes: 24 * GIB, ooms },
];
const step = (number: number): Step => ({
  type: 'STEP_COMPLETED',
  data: { step: number, loss: 1, memory: memory(0) },
});
const refused = (ooms: number): Step => ({
  type: 'MEMORY_SAMPLED',
  data: { phase: 'update', memory: memory(ooms) },
});
const completed: Step = { type: 'TRAINING_COMPLETED', data: { reason: 'finished' } };
const failed: Step = {
  type: 'TRAINING_FAILED',
  data: { errorType: 'OutOfMemoryError', message: 'CUDA out of memory.', outOfMemory: { device: 'cuda:0' } },
};

const refusalsOf = (...steps: Step[]) => {
  const events = steps.map(
    ({ type, data }, seq) =>
      ({ v: '1.0', seq, timeMs: 1e12 + 1000 * seq, run: 'r', rank: 0, type, data }) as TelemetryEvent,
  );
  const [device] = analyseRun([events]).devices;
  return [device?.ooms, device?.updatesAtTheWall];
};

test('refusals behind the last update count once the training has completed', () => {
  expect(refusalsOf(step(1), step(2), refused(2), completed)).toEqual([2, 1]);
  expect(refusalsOf(step(1), refused(1), step(2), completed)).toEqual([1, 1]);
});

test('the refusal that ended a training was not survived', () => {
  expect(refusalsOf(step(1), step(2), refused(1), failed)).toEqual([0, 0]);
});
