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
const DEVICE = 'device memory used/total (GB): ';
const HOST = 'cpu_memory: ';

const HUNDREDTH = Math.round(2 ** 30 / 100);
/** null of what is more than can be counted. */
const inBytes = (gib: number): number | null => {
  const bytes = Math.round(gib * 2 ** 30);
  return Number.isSafeInteger(bytes) ? bytes : null;
};

/** A device's memory by the amounts that begin at `at` with those of `ALLOCATED`; null where one is missing or cut. */
export const memoryAt = (text: string, at: number, device: string): DeviceMemory | null =>
  wholeMemory(text, at, device) ?? anyMemory(text.slice(at + 2), device);

/** What stands before each amount of a line as nearly all are, and the amounts of the newest. */
const WHOLE = [ALLOCATED, ', memory reserved (GB): ', `, ${DEVICE}`, '/'];
const gib = new Float64Array(WHOLE.length);

/** null for any other line. */
function wholeMemory(text: string, at: number, device: string): DeviceMemory | null {
  for (let i = 0; i < WHOLE.length; i++) {
    const head = WHOLE[i]!;
    // Found where it is looked for, it is found at once.
    if (text.indexOf(head, at) !== at) return null;
    const from = at + head.length;
    const point = text.indexOf('.', from);
    gib[i] = (wholeNumber(text, from, point) * 100 + wholeNumber(text, point + 1, point + 3)) / 100;
    if (Number.isNaN(gib[i])) return null;
    at = point + 3;
  }
  if (at !== text.length && text.indexOf(`, ${HOST}`, at) !== at) return null;
  const allocatedBytes = inBytes(gib[0]!);
  const reservedBytes = inBytes(gib[1]!);
  const used = inBytes(gib[2]!);
  const deviceTotalBytes = inBytes(gib[3]!);
  const resolutionBytes = HUNDREDTH;
  const free = freeOf(used, deviceTotalBytes);
  return free === null
    ? { device, allocatedBytes, reservedBytes, deviceTotalBytes, resolutionBytes }
    : { device, allocatedBytes, reservedBytes, deviceTotalBytes, deviceFreeBytes: free, resolutionBytes };
}

/** Of a device that reports more use than it has only the total is kept. */
const freeOf = (used: number | null, total: number | null): number | null =>
  used !== null && total !== null && used <= total ? total - used : null;

/** The digits of a text; NaN where they are none, or more than nine. */
function wholeNumber(text: string, from: number, to: number): number {
  if (to <= from || to - from > 9) return Number.NaN;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

type Amounts = Partial<Record<(typeof AMOUNTS)[keyof typeof AMOUNTS] | 'used' | 'total', string>>;

/** Of all verl's versions, the text's lines without what stands before the amounts. */
function anyMemory(text: string, device: string): DeviceMemory | null {
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
