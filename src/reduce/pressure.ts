/**
 * Memory pressure of one reading: how much of what the process could have at most it needed at its peak. What it
 * could have is what it has reserved and what the device has free, up to the process's own limit.
 */
import { budgetBytesOf, type DeviceMemory, type MemoryPressure, peakBytesOf } from '../contract/index.ts';
import { judge, limits } from '../records/index.ts';

const minus = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a - b;

/** Each figure is null where what it is made of is unknown. Above 1 is kept: the peak would not fit any more. */
export function pressureOf(reading: DeviceMemory): MemoryPressure {
  const budgetBytes = budgetBytesOf(reading);
  const peakBytes = peakBytesOf(reading);
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
