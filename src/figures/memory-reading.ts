/**
 * What one reading of a device's memory says: the only formulas of its use, idle share, fragmentation, budget, peak, pressure and headroom.
 * Bytes; null where a part of the figure was not measured. Values that cannot be true are kept: `contradictionOf` names them.
 */
import { torchSize } from '../base/index.ts';
import type { DeviceMemory, PoolPeaks } from '../contract/index.ts';

/** What a process held at its peak, what it could hold at most, and what of that lies in pieces. */
export interface MemoryNeed {
  peakBytes: number | null;
  budgetBytes: number | null;
  /** Free pieces of partly used segments; null under expandable segments. */
  strandedBytes: number | null;
}

type Pool = Pick<DeviceMemory, 'allocatedBytes' | 'reservedBytes'>;

const difference = (a: number | null | undefined, b: number | null | undefined): number | null =>
  a == null || b == null ? null : a - b;

/** TELE-770: allocated / reserved × 100; null where nothing is reserved. Above 100 is kept. */
export const poolUsePercentOf = ({ allocatedBytes, reservedBytes }: Pool): number | null =>
  allocatedBytes == null || !reservedBytes ? null : (allocatedBytes / reservedBytes) * 100;

/** A pool of one segment for small tensors (2 MiB) and one for large ones (20 MiB): PyTorch takes no less than whole segments. */
export const LEAST_POOL_BYTES = 22 * 2 ** 20;

/** TELE-774, at rest: 1 − allocated / reserved; null in a pool of no more than {@link LEAST_POOL_BYTES}, whose idle rest is one segment's. */
export const idleShareOf = ({ allocatedBytes, reservedBytes }: Pool): number | null =>
  allocatedBytes == null || reservedBytes == null || reservedBytes <= LEAST_POOL_BYTES
    ? null
    : 1 - allocatedBytes / reservedBytes;

/** Both peaks of a reading; null where one of them was not read: allocated bytes do not stand for active ones. */
export const poolPeaksOf = ({ peakActiveBytes, peakReservedBytes }: DeviceMemory): PoolPeaks | null =>
  peakActiveBytes == null || peakReservedBytes == null
    ? null
    : { activeBytes: peakActiveBytes, reservedBytes: peakReservedBytes };

/**
 * What was reserved and not in use at the peak, at most: pieces that are free at rest beyond it are cache. Where the peak of what
 * was reserved was not read, what is reserved now stands for it; null where no peak was read.
 */
export function unusedAtPeakBytesOf({
  peakActiveBytes,
  peakAllocatedBytes,
  peakReservedBytes,
  reservedBytes,
}: DeviceMemory): number | null {
  const used = peakActiveBytes ?? peakAllocatedBytes;
  const reserved = peakReservedBytes ?? reservedBytes;
  return used == null || reserved == null ? null : Math.max(0, reserved - used);
}

/** The higher of each peak; the same object as the first where nothing is higher. */
export function higherPeaks(a: PoolPeaks | null, b: PoolPeaks | null): PoolPeaks | null {
  if (a === null || b === null) return a ?? b;
  if (b.activeBytes <= a.activeBytes && b.reservedBytes <= a.reservedBytes) return a;
  return {
    activeBytes: Math.max(a.activeBytes, b.activeBytes),
    reservedBytes: Math.max(a.reservedBytes, b.reservedBytes),
  };
}

/**
 * TELE-777: 1 − peak active / peak reserved; null where not measured, in a pool of no more than {@link LEAST_POOL_BYTES}, and where the
 * peaks cannot both be true: {@link contradictionOf} names those.
 */
export const fragmentationOf = (peaks: PoolPeaks | null): number | null =>
  peaks === null || peaks.reservedBytes <= LEAST_POOL_BYTES || peaks.activeBytes > peaks.reservedBytes
    ? null
    : 1 - peaks.activeBytes / peaks.reservedBytes;

/**
 * What the process could hold at most: what it has reserved and what the device has free, up to its own limit. Null where it has reserved more
 * than there is: one of both is wrong.
 */
function budgetBytesOf({
  deviceTotalBytes: total,
  deviceFreeBytes: free,
  reservedBytes: reserved,
  processFraction,
  resolutionBytes,
}: DeviceMemory): number | null {
  if (total == null || free == null || reserved == null) return null;
  if (reserved - total > (resolutionBytes ?? 0)) return null;
  const limit = Math.floor((processFraction ?? 1) * total);
  return reserved + Math.max(0, Math.min(free, limit - reserved));
}

/** What the process held at its peak: active bytes where they were read, or else allocated ones. */
const peakBytesOf = (reading: DeviceMemory): number | null =>
  reading.peakActiveBytes ?? reading.peakAllocatedBytes ?? null;

/** Whether the peak is that of the whole run, or of unknown scope: an upper bound of this update's. */
export const isPeakOfRun = (reading: DeviceMemory): boolean =>
  peakBytesOf(reading) !== null && reading.peakScope !== 'update';

/** What the process holds now: active bytes where they were read, or else allocated ones. */
export const heldBytesOf = ({ activeBytes, allocatedBytes }: DeviceMemory): number | null =>
  activeBytes ?? allocatedBytes ?? null;

/** In use on the device by everyone, as the process reads it (`mem_get_info`). */
export const deviceUsedBytesOf = ({ deviceTotalBytes, deviceFreeBytes }: DeviceMemory): number | null =>
  difference(deviceTotalBytes, deviceFreeBytes);

/** Peak, budget and stranded bytes of a reading. */
export const needOf = (reading: DeviceMemory): MemoryNeed => ({
  peakBytes: peakBytesOf(reading),
  budgetBytes: budgetBytesOf(reading),
  strandedBytes: reading.inactiveSplitBytes ?? null,
});

/** TELE-760: peak / budget. Above 1 is kept: the peak would not fit any more. */
export const pressureFractionOf = ({
  peakBytes,
  budgetBytes,
}: Pick<MemoryNeed, 'peakBytes' | 'budgetBytes'>): number | null =>
  peakBytes === null || !budgetBytes ? null : peakBytes / budgetBytes;

/** Budget − peak: what is left where every stranded piece can be used. */
export const headroomAtBestBytesOf = ({
  peakBytes,
  budgetBytes,
}: Pick<MemoryNeed, 'peakBytes' | 'budgetBytes'>): number | null => difference(budgetBytes, peakBytes);

/** The same less the stranded bytes: what is left where none of them can be used; null where they were not read. */
export const headroomBytesOf = (need: MemoryNeed): number | null =>
  difference(headroomAtBestBytesOf(need), need.strandedBytes);

/**
 * Why the reading's figures cannot all be true; null where they can. Tagged memory pools can cause the second case. A peak of
 * the whole run may lie above what is to be had now: others may have taken memory since; never above the device's total.
 * Figures that their source rounded may differ by its step.
 */
export function contradictionOf(reading: DeviceMemory): string | null {
  const { allocatedBytes, activeBytes, reservedBytes, deviceTotalBytes: total, deviceFreeBytes } = reading;
  const { peakBytes, budgetBytes } = needOf(reading);
  const step = reading.resolutionBytes ?? 0;
  const used = deviceUsedBytesOf(reading);
  type Bytes = number | null | undefined;
  const exceeds = (what: string, bytes: Bytes, limit: Bytes, of: (size: string) => string) =>
    bytes != null && limit != null && bytes - limit > step
      ? `${what} ${torchSize(bytes)} exceeds ${of(torchSize(limit))}`
      : null;
  const ofDevice = (size: string) => `the device’s ${size}`;
  const ofReserved = (size: string) => `reserved ${size}`;
  return (
    exceeds('allocated', allocatedBytes, reservedBytes, ofReserved) ??
    exceeds('active', activeBytes, reservedBytes, ofReserved) ??
    exceeds('free', deviceFreeBytes, total, ofDevice) ??
    exceeds('reserved', reservedBytes, total, ofDevice) ??
    exceeds('reserved', reservedBytes, used, size => `${size} used on the device`) ??
    exceeds('peak', peakBytes, total, ofDevice) ??
    exceeds('peak reserved', reading.peakReservedBytes, total, ofDevice) ??
    exceeds('peak', peakBytes, reading.peakReservedBytes, size => `peak reserved ${size}`) ??
    (isPeakOfRun(reading) ? null : exceeds('peak', peakBytes, budgetBytes, size => `the budget of ${size}`))
  );
}
