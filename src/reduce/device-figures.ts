/** What follows from one reading alone: worked out for the readings that stay, not for each that passes. */
import type { DeviceMemory, MemoryHistory } from '../contract/index.ts';
import { pressureOf } from './pressure.ts';

/** The reading's point of the device's history. */
export function historyFigures(
  reading: DeviceMemory,
): Record<keyof Omit<MemoryHistory, 'batch' | 'timeMs'>, number | null> {
  const { allocatedBytes = null, reservedBytes = null } = reading;
  const { peakBytes, budgetBytes, pressureFraction } = pressureOf(reading);
  return {
    memoryUsagePercent:
      allocatedBytes !== null && reservedBytes ? (allocatedBytes / reservedBytes) * 100 : null,
    allocatedBytes,
    reservedBytes,
    peakAllocatedBytes: reading.peakAllocatedBytes ?? null,
    peakBytes,
    budgetBytes,
    strandedBytes: reading.inactiveSplitBytes ?? null,
    pressureFraction,
  };
}

/** The device's figures that its newest reading gives. */
export const newestFigures = (reading: DeviceMemory) => ({
  peakAllocatedBytes: reading.peakAllocatedBytes ?? null,
  peakScope: reading.peakScope ?? null,
  pressure: pressureOf(reading),
});
