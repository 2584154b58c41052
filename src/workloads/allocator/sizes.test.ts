import { expect, test } from 'vitest';
import { blockSize, isWorthSplitting, poolOf, segmentSize } from './sizes.ts';

const MIB = 2 ** 20;

test.each([
  // requested, block, pool, segment
  [1, 512, 'small_pool', 2 * MIB],
  [512, 512, 'small_pool', 2 * MIB],
  [513, 1024, 'small_pool', 2 * MIB],
  [MIB, MIB, 'small_pool', 2 * MIB],
  [MIB + 1, MIB + 512, 'large_pool', 20 * MIB],
  [10 * MIB - 512, 10 * MIB - 512, 'large_pool', 20 * MIB],
  [10 * MIB - 511, 10 * MIB, 'large_pool', 10 * MIB],
  [10 * MIB + 1, 10 * MIB + 512, 'large_pool', 12 * MIB],
  [100 * MIB, 100 * MIB, 'large_pool', 100 * MIB],
  [5 * 1024 * MIB + 1, 5 * 1024 * MIB + 512, 'large_pool', 5122 * MIB],
])('%d bytes become a block of %d in the %s, cut from a segment of %d', (bytes, block, pool, segment) => {
  expect(blockSize(bytes)).toBe(block);
  expect(poolOf(block)).toBe(pool);
  expect(segmentSize(block)).toBe(segment);
});

test.each([
  ['small_pool', 512, 0, false],
  ['small_pool', 512, 512, true],
  ['large_pool', 5 * MIB, MIB, false],
  ['large_pool', 5 * MIB, MIB + 512, true],
  ['large_pool', 32 * MIB - 512, 8 * MIB, true],
  ['large_pool', 32 * MIB, 8 * MIB, false],
] as const)(
  'with max_split_size 32 MiB, %s: a request of %d that leaves %d splits: %s',
  (pool, size, rest, splits) => {
    expect(isWorthSplitting(pool, size, rest, 32 * MIB)).toBe(splits);
  },
);
