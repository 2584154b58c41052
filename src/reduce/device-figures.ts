/** What follows from one reading alone: worked out for the readings that stay, not for each that passes. */
import type { DeviceMemory, DeviceState, MemoryHistory } from '../contract/index.ts';
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
    peakReservedBytes: reading.peakReservedBytes ?? null,
    ...need,
    pressureFraction: pressureFractionOf(need),
  };
}

/** Gives the device the figures of its newest reading. */
export function putNewest(device: DeviceState, reading: DeviceMemory): void {
  device.peakAllocatedBytes = reading.peakAllocatedBytes ?? null;
  device.peakScope = reading.peakScope ?? null;
  device.pressure = pressureOf(reading);
}
