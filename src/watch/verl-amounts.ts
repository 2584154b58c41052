/**
 * The amounts of verl's memory lines: `…, memory allocated (GB): 41.21, memory reserved (GB): 43.39, device memory used/total (GB):
 * 45.00/79.11`, in GiB of two digits, or of all there are.
 */
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

const inBytes = (gib: number): number | null => {
  const bytes = Math.round(gib * 2 ** 30);
  return Number.isSafeInteger(bytes) ? bytes : null;
};

/** Bytes; null of what is more than can be counted. `areHundredths`: all are printed with two digits. */
export interface Amounts
  extends Partial<Record<(typeof AMOUNTS)[keyof typeof AMOUNTS] | 'used' | 'total', number | null>> {
  areHundredths: boolean;
}

/** What stands before each amount of a line as nearly all are. */
const WHOLE = [ALLOCATED, ', memory reserved (GB): ', `, ${DEVICE}`, '/'];

/** The amounts of such a line, which begin at `at`; null for any other line. */
function wholeAmounts(text: string, at: number): Amounts | null {
  const amounts: (number | null)[] = [];
  for (const head of WHOLE) {
    if (text.indexOf(head, at) !== at) return null;
    const from = at + head.length;
    const point = text.indexOf('.', from);
    const gib = (wholeNumber(text, from, point) * 100 + wholeNumber(text, point + 1, point + 3)) / 100;
    if (Number.isNaN(gib)) return null;
    amounts.push(inBytes(gib));
    at = point + 3;
  }
  if (at !== text.length && !text.startsWith(`, ${HOST}`, at)) return null;
  const [allocated, reserved, used, total] = amounts;
  return { allocated, reserved, used, total, areHundredths: true };
}

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

/** The amounts that begin at `at` with those of `ALLOCATED`; null where one is missing or cut. */
export const amountsAt = (text: string, at: number): Amounts | null =>
  wholeAmounts(text, at) ?? amountsOf(text.slice(at + 2));

function amountsOf(text: string): Amounts | null {
  const printed: Partial<Record<keyof Amounts, string>> = {};
  for (const part of text.split(', ')) {
    // Of the host, and the last.
    if (part.startsWith(HOST)) break;
    if (part.startsWith(DEVICE)) {
      [printed.used, printed.total] = part.slice(DEVICE.length).trim().split('/');
      if (printed.total === undefined) return null;
      continue;
    }
    const colon = part.indexOf(': ');
    const name = part.slice(0, Math.max(0, colon));
    if (!Object.hasOwn(AMOUNTS, name)) return null;
    printed[AMOUNTS[name as keyof typeof AMOUNTS]] = part.slice(colon + 2).trim();
  }
  const twoDigits = Object.values(printed).some(amount => decimals(amount) === 2);
  const areWhole = Object.values(printed).every(
    amount => AMOUNT.test(amount) && (!twoDigits || decimals(amount) === 2),
  );
  if (!areWhole || printed.allocated === undefined || printed.reserved === undefined) return null;
  const amounts = Object.entries(printed).map(([name, gib]) => [name, inBytes(Number(gib))]);
  return { ...Object.fromEntries(amounts), areHundredths: twoDigits };
}
