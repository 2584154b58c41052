/**
 * The amounts of verl's memory lines: `…, memory allocated (GB): 41.21, memory reserved (GB): 43.39, device memory used/total (GB):
 * 45.00/79.11`, in GiB of two digits, or of all there are.
 */
import type { DeviceMemory } from '../contract/index.ts';
import { decimals } from './printed.ts';

export const ALLOCATED = ', memory allocated (GB): ';
const AMOUNT = /^\d{1,9}\.\d{1,20}$/;
/** Names of a worker's figures, with their fields here; `used/total` is two of them. */
const AMOUNTS = {
  'memory allocated (GB)': 'allocated',
  'max memory allocated (GB)': 'peakAllocated',
  'memory reserved (GB)': 'reserved',
  'max memory reserved (GB)': 'peakReserved',
} as const;
export const RESERVED = ', memory reserved (GB): ';
export const DEVICE = 'device memory used/total (GB): ';
const HOST = 'cpu_memory: ';

/** Of amounts of two digits, the step that they were rounded to. */
export const HUNDREDTH = Math.round(2 ** 30 / 100);
/** null of what is more than can be counted. */
export const inBytes = (gib: number): number | null => {
  const bytes = Math.round(gib * 2 ** 30);
  return Number.isSafeInteger(bytes) ? bytes : null;
};

/** Of a device that reports more use than it has only the total is kept. */
export const freeOf = (used: number | null, total: number | null): number | null =>
  used !== null && total !== null && used <= total ? total - used : null;

type Amounts = Partial<Record<(typeof AMOUNTS)[keyof typeof AMOUNTS] | 'used' | 'total', string>>;

/**
 * A device's memory by the amounts of a line of any of verl's versions, without what stands before them; null where one is missing or
 * cut.
 */
export function workerMemory(text: string, device: string): DeviceMemory | null {
  const amounts: Amounts = {};
  for (const part of text.split(', ')) {
    // Of the host, and the last.
    if (part.startsWith(HOST)) break;
    if (part.startsWith(DEVICE)) {
      [amounts.used, amounts.total] = part.slice(DEVICE.length).trim().split('/');
      if (amounts.total === undefined) return null;
      continue;
    }
    const colon = part.indexOf(': ');
    const name = part.slice(0, Math.max(0, colon));
    if (!Object.hasOwn(AMOUNTS, name)) return null;
    amounts[AMOUNTS[name as keyof typeof AMOUNTS]] = part.slice(colon + 2).trim();
  }
  const printed = Object.values(amounts);
  const twoDigits = printed.some(amount => decimals(amount) === 2);
  const areWhole = printed.every(amount => AMOUNT.test(amount) && (!twoDigits || decimals(amount) === 2));
  const { allocated, peakAllocated, reserved, peakReserved, used, total } = amounts;
  if (!areWhole || allocated === undefined || reserved === undefined) return null;
  const bytes = (amount: string) => inBytes(Number(amount));
  const free = used === undefined || total === undefined ? null : freeOf(bytes(used), bytes(total));
  return {
    device,
    allocatedBytes: bytes(allocated),
    reservedBytes: bytes(reserved),
    ...(peakAllocated !== undefined && { peakAllocatedBytes: bytes(peakAllocated) }),
    ...(peakAllocated !== undefined && { peakScope: 'run' as const }),
    ...(peakReserved !== undefined && { peakReservedBytes: bytes(peakReserved), peakScope: 'run' as const }),
    ...(total !== undefined && { deviceTotalBytes: bytes(total) }),
    ...(free !== null && { deviceFreeBytes: free }),
    ...(twoDigits && { resolutionBytes: HUNDREDTH }),
  };
}
