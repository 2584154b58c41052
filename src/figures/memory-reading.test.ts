import { expect, test } from 'vitest';
import { GIB } from '../base/index.ts';
import { SHARED_SEGMENT, SMALL_SEGMENT } from '../workloads/allocator/sizes.ts';
import {
  contradictionOf,
  fragmentationOf,
  headroomAtBestBytesOf,
  headroomBytesOf,
  higherPeaks,
  idleShareOf,
  isPeakOfRun,
  LEAST_POOL_BYTES,
  poolPeaksOf,
  poolUsePercentOf,
} from './memory-reading.ts';

const pool = (allocatedBytes: number | null, reservedBytes: number | null) => ({
  allocatedBytes,
  reservedBytes,
});

test('use and idle share are one ratio from both ends; nothing reserved is neither', () => {
  const quarters = pool(3 * GIB, 4 * GIB);
  expect([poolUsePercentOf(quarters), idleShareOf(quarters)]).toEqual([75, 0.25]);
  for (const none of [pool(0, 0), pool(null, 4), pool(3, null), {}])
    expect([poolUsePercentOf(none), idleShareOf(none)]).toEqual([null, null]);
  expect(poolUsePercentOf(pool(6, 4))).toBe(150);
});

test('a pool of one segment of each kind is neither idle nor fragmented, however empty it is', () => {
  expect(LEAST_POOL_BYTES).toBe(SMALL_SEGMENT + SHARED_SEGMENT);
  for (const reserved of [1, SMALL_SEGMENT, SHARED_SEGMENT, LEAST_POOL_BYTES]) {
    expect(idleShareOf(pool(22_528, reserved))).toBeNull();
    expect(poolUsePercentOf(pool(22_528, reserved))).not.toBeNull();
  }
  expect(idleShareOf(pool(0, LEAST_POOL_BYTES + SMALL_SEGMENT))).toBe(1);
  expect(fragmentationOf({ activeBytes: 1, reservedBytes: LEAST_POOL_BYTES })).toBeNull();
});

test('fragmentation is what was reserved and not needed at the peaks, not what is idle at rest', () => {
  const device = 'cuda:0';
  const rest = { device, allocatedBytes: 17 * GIB, reservedBytes: 23.4 * GIB };
  const peaks = { peakActiveBytes: 22.5 * GIB, peakReservedBytes: 23.4 * GIB };
  expect(idleShareOf(rest)).toBeCloseTo(0.27, 2);
  expect(fragmentationOf(poolPeaksOf({ ...rest, ...peaks }))).toBeCloseTo(0.038, 3);
  const allocated = { peakAllocatedBytes: 22 * GIB, peakReservedBytes: 23.4 * GIB };
  for (const more of [{}, allocated, { peakActiveBytes: 22.5 * GIB }])
    expect(poolPeaksOf({ ...rest, ...more })).toBeNull();
  // Over several readings: the highest of each.
  const [one, other] = [
    { activeBytes: 10 * GIB, reservedBytes: 12 * GIB },
    { activeBytes: 8 * GIB, reservedBytes: 16 * GIB },
  ];
  expect(fragmentationOf(higherPeaks(one, other))).toBe(1 - 10 / 16);
  expect([higherPeaks(null, one), higherPeaks(one, null), higherPeaks(null, null)]).toEqual([one, one, null]);
});

test('peaks that cannot both be true are named, and make no fragmentation', () => {
  const reading = (peakActiveBytes: number) => ({
    device: 'cuda:0',
    peakActiveBytes,
    peakReservedBytes: 10 * GIB,
    resolutionBytes: 1,
  });
  expect(fragmentationOf(poolPeaksOf(reading(10 * GIB)))).toBe(0);
  expect(fragmentationOf(poolPeaksOf(reading(12 * GIB)))).toBeNull();
  expect(contradictionOf(reading(12 * GIB))).toBe('peak 12.00 GiB exceeds peak reserved 10.00 GiB');
  expect(contradictionOf({ ...reading(0), peakActiveBytes: null, peakAllocatedBytes: 12 * GIB })).toMatch(
    /^peak /,
  );
  expect(contradictionOf(reading(10 * GIB + 1))).toBeNull();
});

test('headroom without a stranded reading is not measured, at best it is', () => {
  const need = { peakBytes: 5, budgetBytes: 8, strandedBytes: null };
  expect([headroomBytesOf(need), headroomAtBestBytesOf(need)]).toEqual([null, 3]);
  expect(headroomBytesOf({ ...need, strandedBytes: 1 })).toBe(2);
});

test('a peak of unknown scope is an upper bound', () => {
  const device = 'cuda:0';
  expect(isPeakOfRun({ device, peakActiveBytes: 1 })).toBe(true);
  expect(isPeakOfRun({ device, peakActiveBytes: 1, peakScope: 'update' })).toBe(false);
  expect(isPeakOfRun({ device })).toBe(false);
});

test('what cannot be true is named', () => {
  const device = 'cuda:0';
  expect(contradictionOf({ device, ...pool(5, 4) })).toMatch(/allocated .* exceeds reserved/);
  expect(contradictionOf({ device, ...pool(3, 4), deviceTotalBytes: 8, deviceFreeBytes: 5 })).toMatch(
    /exceeds .* used/,
  );
  expect(contradictionOf({ device, ...pool(3, 4), deviceTotalBytes: 8, deviceFreeBytes: 4 })).toBeNull();
});

test('a peak that was not to be had is named; one of the whole run may lie above what is to be had now', () => {
  const reading = (peakActiveBytes: number, peakScope: 'update' | 'run') => ({
    device: 'cuda:0',
    ...pool(3, 4),
    deviceTotalBytes: 10,
    deviceFreeBytes: 2,
    peakActiveBytes,
    peakScope,
  });
  expect(contradictionOf(reading(11, 'update'))).toMatch(/^peak .* exceeds the device’s/);
  expect(contradictionOf(reading(11, 'run'))).toMatch(/^peak .* exceeds the device’s/);
  expect(contradictionOf(reading(7, 'update')), 'pressure above 1, headroom below 0').toMatch(
    /^peak .* exceeds the budget of/,
  );
  expect(contradictionOf(reading(7, 'run'))).toBeNull();
  expect(contradictionOf(reading(6, 'update'))).toBeNull();
});

test('what is above the device, or above the pool, is named whichever figure it is', () => {
  const device = { device: 'cuda:0', deviceTotalBytes: 10 };
  const says = (own: object) => contradictionOf({ ...device, ...own });
  expect(says({ deviceFreeBytes: 11 })).toBe('free 11 bytes exceeds the device’s 10 bytes');
  expect(says({ reservedBytes: 11 })).toBe('reserved 11 bytes exceeds the device’s 10 bytes');
  expect(says({ peakReservedBytes: 11 })).toBe('peak reserved 11 bytes exceeds the device’s 10 bytes');
  expect(says({ activeBytes: 5, reservedBytes: 4 })).toBe('active 5 bytes exceeds reserved 4 bytes');
  expect(says({ deviceFreeBytes: 10, reservedBytes: 0, peakReservedBytes: 10 })).toBeNull();
});

test('figures that their source rounded may differ by its step', () => {
  const rounded = { device: 'cuda:0', ...pool(801, 800), resolutionBytes: 1 };
  expect(contradictionOf(rounded)).toBeNull();
  expect(contradictionOf({ ...rounded, ...pool(802, 800) })).toMatch(/^allocated/);
});
