import { expect, test } from 'vitest';
import { backendOf } from './device-names.ts';
import { explain } from './explanation.ts';

test.each([
  ['cuda:0', null, '', 'cuda'],
  ['cuda:0', 'hip', '', 'hip'],
  ['xpu:1', null, '', 'xpu'],
  ['standin:0', 'pytorch', '', 'cuda'],
  ['sim:3', null, '', 'cuda'],
  [null, null, 'HIP out of memory.', 'hip'],
])('the backend of %s, by %s, %j: %s', (device, by, message, backend) => {
  expect(backendOf({ device, by } as never, message, null)).toBe(backend);
});

test('a refusal on the stand-in device has the advice of one on CUDA', () => {
  const [onCuda, onStandin] = ['cuda:0', 'standin:0'].map(device =>
    explain({
      errorType: 'OutOfMemoryError',
      message: 'CUDA out of memory. Tried to allocate 1024.00 MiB.',
      outOfMemory: {
        device,
        ...{ triedBytes: 2 ** 30, totalBytes: 8 * 2 ** 30, freeBytes: 2 ** 28, processBytes: 7.7 * 2 ** 30 },
        ...{ allocatedBytes: 5 * 2 ** 30, reservedUnallocatedBytes: 2.4 * 2 ** 30, by: 'pytorch' },
      },
      ending: null,
    }),
  );
  expect(onStandin!.kind).toBe('fragmentation');
  expect(onStandin!.next).toEqual(onCuda!.next);
});
