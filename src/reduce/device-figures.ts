/** What follows from one reading alone: worked out for the readings that stay, not for each that passes. */
import type { DeviceMemory, MemoryHistory } from '../contract/index.ts';
import { needOf, poolUsePercentOf, pressureFractionOf } from '../figures/index.ts';
import { pressureOf } from './pressure.ts';

/** The reading's point of the device's history. */
export function historyFigures(
  reading: DeviceMemory,
): Record<keyof Omit<MemoryHistory, 'batch' | 'timeMs'>, number | null> {
  const need = needOf(reading);
  return {
    memoryUsagePercent: poolUsePercentOf(reading),
    allocatedBytes: reading.allocatedBytes ?? null,
    reservedBytes: reading.reservedBytes ?? null,
    peakAllocatedBytes: reading.peakAllocatedBytes ?? null,
    ...need,
    pressureFraction: pressureFractionOf(need),
  };
}

/** The device's figures that its newest reading gives. */
export const newestFigures = (reading: DeviceMemory) => ({
  peakAllocatedBytes: reading.peakAllocatedBytes ?? null,
  peakScope: reading.peakScope ?? null,
  pressure: pressureOf(reading),
});
