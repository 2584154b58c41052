/**
 * Memory pressure of one reading: how much of what the process could have at most it needed at its peak. What it
 * could have is what it has reserved and what the device has free, up to the process's own limit.
 */
import type { DeviceMemory, MemoryPressure } from '../contract/index.ts';
import { judge, limits } from '../records/index.ts';

const minus = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a - b;

/** Bytes that the process could have at most; null where the device's totals or the pool are unknown. */
function budgetOf({
  deviceTotalBytes: total,
  deviceFreeBytes: free,
  reservedBytes: reserved,
  processFraction,
}: DeviceMemory): number | null {
  if (total == null || free == null || reserved == null) return null;
  const limit = Math.floor((processFraction ?? 1) * total);
  return reserved + Math.max(0, Math.min(free, limit - reserved));
}

/** Each figure is null where what it is made of is unknown. Above 1 is kept: the peak would not fit any more. */
export function pressureOf(reading: DeviceMemory): MemoryPressure {
  const budgetBytes = budgetOf(reading);
  const peakBytes = reading.peakActiveBytes ?? reading.peakAllocatedBytes ?? null;
  const pressureFraction = budgetBytes && peakBytes !== null ? peakBytes / budgetBytes : null;
  const headroomAtBestBytes = minus(budgetBytes, peakBytes);
  return {
    budgetBytes,
    peakBytes,
    pressureFraction,
    headroomBytes: minus(headroomAtBestBytes, reading.inactiveSplitBytes ?? null),
    headroomAtBestBytes,
    isUpperBound: peakBytes !== null && reading.peakScope !== 'update',
    status: judge(limits.memoryPressure, pressureFraction),
  };
}
