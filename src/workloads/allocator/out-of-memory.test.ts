import { expect, test } from 'vitest';
import { torchSize } from '../../base/index.ts';
import { CachingAllocator } from './allocator.ts';
import { Device } from './device.ts';
import { OutOfMemoryError } from './out-of-memory.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

test.each([
  [0, '0 bytes'],
  [1024, '1024 bytes'],
  [1025, '1.00 KiB'],
  [1536, '1.50 KiB'],
  [MIB, '1024.00 KiB'],
  [20 * MIB, '20.00 MiB'],
  [GIB, '1024.00 MiB'],
  [GIB + 1, '1.00 GiB'],
  [80 * GIB, '80.00 GiB'],
  // half-way cases go to the even digit
  [1.125 * GIB, '1.12 GiB'],
  [1.375 * GIB, '1.38 GiB'],
  [1.625 * GIB, '1.62 GiB'],
  [7.875 * GIB, '7.88 GiB'],
  [1.125 * GIB + 512, '1.13 GiB'],
])('%d bytes are printed as %s', (bytes, text) => {
  expect(torchSize(bytes)).toBe(text);
});

function refusal(prepare: (allocator: CachingAllocator) => void, device = 'sim:0'): OutOfMemoryError {
  const allocator = new CachingAllocator({
    device: new Device({ name: device, totalBytes: 8 * GIB, contextBytes: 450 * MIB }),
  });
  try {
    prepare(allocator);
  } catch (error) {
    if (error instanceof OutOfMemoryError) return error;
    throw error;
  }
  throw new Error('it did not run out of memory');
}

test('the text is torch’s, and the figures are those of the text', () => {
  const error = refusal(allocator => {
    allocator.malloc(6 * GIB);
    allocator.malloc(5 * MIB);
    allocator.malloc(2 * GIB - 1);
  });
  expect(error.name).toBe('OutOfMemoryError');
  // what the message gives as tried is the segment, not the tensor
  expect(error.message).toBe(
    'CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 8.00 GiB of which 1.54 GiB is free. ' +
      'Including non-PyTorch memory, this process has 6.46 GiB memory in use. ' +
      'Of the allocated memory 6.00 GiB is allocated by PyTorch, and 15.00 MiB is reserved by PyTorch but unallocated. ' +
      'If reserved but unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.  ' +
      'See documentation for Memory Management  (https://docs.pytorch.org/docs/stable/notes/cuda.html#optimizing-memory-usage-with-pytorch-cuda-alloc-conf)',
  );
  expect(error.outOfMemory).toEqual({
    device: 'sim:0',
    triedBytes: 2 * GIB,
    totalBytes: 8 * GIB,
    freeBytes: 2 * GIB - 470 * MIB,
    processBytes: 6 * GIB + 470 * MIB,
    allocatedBytes: 6 * GIB + 5 * MIB,
    privatePoolBytes: null,
    reservedUnallocatedBytes: 15 * MIB,
  });
});

test('neighbours and the process fraction are named where there are any', () => {
  const error = refusal(allocator => {
    allocator.device.setNeighbourBytes(3 * GIB);
    allocator.setProcessFraction(0.5);
    allocator.malloc(5 * GIB);
  }, 'sim:3');
  expect(error.message).toContain('GPU 3 has a total capacity of 8.00 GiB of which 4.56 GiB is free. ');
  expect(error.message).toMatch(
    /is free\. Process \d+ has 3\.00 GiB memory in use\. Including non-PyTorch memory,/,
  );
  expect(error.message).toContain(
    'this process has 450.00 MiB memory in use. 4.00 GiB allowed; Of the allocated memory 0 bytes is allocated',
  );
  expect(error.outOfMemory.device).toBe('sim:3');
});

test('reading the text gives the figures back, to the digits it has', () => {
  const error = refusal(allocator => {
    for (let mib = 1; ; mib = (mib * 7) % 311) allocator.malloc(mib * MIB + mib);
  });
  const units: Record<string, number> = { bytes: 1, KiB: 2 ** 10, MiB: MIB, GiB: GIB };
  const sizes = [...error.message.matchAll(/([\d.]+) (bytes|KiB|MiB|GiB)/g)].map(([, amount, unit]) => ({
    bytes: Number(amount) * units[unit!]!,
    precision: 0.005 * units[unit!]! + 1,
  }));
  const { outOfMemory: figures } = error;
  const inOrder = [
    figures.triedBytes,
    figures.totalBytes,
    figures.freeBytes,
    figures.processBytes,
    figures.allocatedBytes,
    figures.reservedUnallocatedBytes,
  ];
  expect(sizes).toHaveLength(inOrder.length);
  for (const [i, { bytes, precision }] of sizes.entries())
    expect(Math.abs(bytes - inOrder[i]!)).toBeLessThanOrEqual(precision);
});
