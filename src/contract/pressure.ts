/** What memory pressure is made of: one formula for the reducer and for a trainer that watches its own. */
import type { DeviceMemory } from './memory.ts';

/** Bytes that the process could have at most; null where the device's totals or the pool are unknown. */
export function budgetBytesOf({
  deviceTotalBytes: total,
  deviceFreeBytes: free,
  reservedBytes: reserved,
  processFraction,
}: DeviceMemory): number | null {
  if (total == null || free == null || reserved == null) return null;
  const limit = Math.floor((processFraction ?? 1) * total);
  return reserved + Math.max(0, Math.min(free, limit - reserved));
}

/** Bytes that the process held at its peak; null where no peak was read. */
export const peakBytesOf = (reading: DeviceMemory): number | null =>
  reading.peakActiveBytes ?? reading.peakAllocatedBytes ?? null;
