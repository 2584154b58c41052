import { describe, expect, test } from 'vitest';
import { parseOutOfMemory } from '../texts/index.ts';
import { oomCauseOf } from './oom-cause.ts';

const end = (message: string, errorType = 'RuntimeError', devices = 1) =>
  oomCauseOf('cuda:0', {
    failure: {
      timeMs: 0,
      errorType,
      message,
      batch: 7,
      outOfMemory: parseOutOfMemory(message),
      ending: null,
    },
    counted: 'batch',
    allocatorConf: null,
    expandable: { isInUse: false, engineSleeps: false },
    devices,
  });

describe('how a process ended', () => {
  test.each([
    ['CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 8.00 GiB.', 'torch'],
    ["NCCL error in: x.cpp:1\nLast error:\nCuda failure 2 'out of memory'", 'library'],
    ['CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`', 'library'],
    ['CUDA error: out of memory', 'library'],
  ])('%s', (message, by) => {
    expect(end(message)).toMatchObject({ by, batch: 7 });
  });

  test.each([
    'shape mismatch',
    "DefaultCPUAllocator: can't allocate memory: you tried to allocate 4294967296 bytes.",
    'slurmstepd: error: Detected 1 oom-kill event(s) in StepId=1.0.',
    'out of resource: shared memory, Required: 663808, Hardware limit: 101376.',
  ])('no device was full: %s', message => {
    expect(end(message)).toBeNull();
  });

  test('another device of the rank was full', () => {
    const message = 'CUDA out of memory. Tried to allocate 2.00 GiB. GPU 1 has a total capacity of 8.00 GiB.';
    expect(end(message, 'OutOfMemoryError', 2)).toBeNull();
    expect(end(message, 'OutOfMemoryError', 1)).not.toBeNull();
  });
});
