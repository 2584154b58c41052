/**
 * Numbers as a log prints them. What was rounded away is not known: a figure of two digits is known to half of the
 * second, and scaling it must not add digits of its own.
 */
import type { NonFinite } from '../contract/index.ts';

export interface Printed {
  value: number | NonFinite;
  /** As printed, without what wraps it. */
  text: string;
  /** The unit behind it, where one was printed: `s`, `ms`, `%`, `GiB`. */
  unit?: string;
}

const UNITS = 'ms|s|%|[KMGT]i?B|[KMGT]|B|it\\/s|steps\\/s';
const UNITED = new RegExp(`^([-+.,\\deE]{1,40}?) ?(${UNITS})$`);
const THOUSANDS = /^\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,9})?$/;

/** Reads what `printed` does, and numbers with commas or with a unit behind them: `455,760`, `1.34 s`, `3961M`, `44.32%`. */
export function printedFigure(raw: string): Printed | null {
  const plain = printed(raw);
  if (plain !== null) return plain;
  const text = raw.trim();
  if (THOUSANDS.test(text)) return printed(text.replaceAll(',', ''));
  const united = UNITED.exec(text);
  const number = united === null ? null : printed(united[1]!);
  return number === null || typeof number.value === 'string'
    ? null
    : { value: number.value, text: number.text, unit: united![2]! };
}

/** Whether a value can be a number of things: a whole one that a float holds exactly. */
export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

const OF_TEN = ' of ten';
/** Bytes of a unit; trainers print powers of two, whatever they call them. */
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  ...Object.fromEntries(
    ['K', 'M', 'G', 'T'].flatMap((letter, i) =>
      [letter, `${letter}B`, `${letter}iB`].map(unit => [unit, 1024 ** (i + 1)]),
    ),
  ),
  // Composer’s, OLMo’s, MLX’s and YOLOv5’s, in powers of ten.
  'B of ten': 1,
  'GB of ten': 1e9,
  'MB of ten': 1e6,
  'G of ten': 1e9,
};

/**
 * An amount as printed, in its own unit or else in `unit` → bytes and the step they were rounded to, null where the print was
 * exact to the byte. null for what is no amount, or more than can be counted.
 */
export function bytesOf(
  { value, text, unit: own }: Printed,
  unit: string,
): { bytes: number; resolutionBytes: number | null } | null {
  const of = BYTES[own !== undefined && unit.endsWith(OF_TEN) ? own + OF_TEN : (own ?? unit)];
  if (of === undefined || typeof value === 'string' || value < 0) return null;
  const bytes = Math.round(value * of);
  const digits = decimals(text);
  const step = digits === null ? 0 : of / 10 ** digits;
  return Number.isSafeInteger(bytes) ? { bytes, resolutionBytes: step <= 1 ? null : Math.round(step) } : null;
}

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;
const WRAPPED = /^(?:np\.\w+|tensor|Array)\(([^(),]+)(?:,[^()]*)?\)$|^\[\s*(\S+)\s*\]$|^'([^']*)'$/;
const NON_FINITE: Record<string, NonFinite> = {
  nan: 'NaN',
  NaN: 'NaN',
  inf: 'Infinity',
  '-inf': '-Infinity',
  Infinity: 'Infinity',
  '-Infinity': '-Infinity',
};

/** Reads `0.25`, `1e-05`, `nan`, `np.float64(0.25)`, `tensor(0.25)`, `Array(0.25, dtype=float32)`, `[0.25]`, `'0.25'`; null for anything else. */
export function printed(raw: string): Printed | null {
  const decimal = shortDecimal(raw);
  if (!Number.isNaN(decimal)) return { value: decimal, text: raw };
  const text = raw.trim();
  if (NUMBER.test(text)) {
    // As Number, of such a text, and quicker.
    const value = Number.parseFloat(text);
    return Number.isFinite(value) ? { value, text } : null;
  }
  if (Object.hasOwn(NON_FINITE, text)) return { value: NON_FINITE[text]!, text };
  const wrapped = WRAPPED.exec(text);
  return wrapped === null ? null : printed(wrapped[1] ?? wrapped[2] ?? wrapped[3]!);
}

const [PLUS, MINUS, POINT, ZERO] = [43, 45, 46, 48];
/** Digits of which every number is one that a float holds exactly. */
const MOST_EXACT = 15;
const POWERS = Array.from({ length: MOST_EXACT + 1 }, (_, power) => 10 ** power);

/** The number, times 10^power, of a text that has nothing but a sign, a few digits and a point: most figures of a log do. NaN for any other text. */
function shortDecimal(text: string, power = 0): number {
  const sign = text.charCodeAt(0);
  const from = sign === MINUS || sign === PLUS ? 1 : 0;
  const { length } = text;
  let point = -1;
  let units = 0;
  if (length - from > MOST_EXACT + 1) return Number.NaN;
  for (let i = from; i < length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit >= 0 && digit <= 9) units = units * 10 + digit;
    else if (digit === POINT - ZERO && point === -1) point = i;
    else return Number.NaN;
  }
  const digits = length - from - (point === -1 ? 0 : 1);
  if (digits < 1 || digits > MOST_EXACT) return Number.NaN;
  // Both are exact, so that what comes of them is the nearest float.
  const exponent = power - (point === -1 ? 0 : length - point - 1);
  if (Math.abs(exponent) > MOST_EXACT) return Number.NaN;
  const size = exponent < 0 ? units / POWERS[-exponent]! : units * POWERS[exponent]!;
  return sign === MINUS ? -size : size;
}

/** The figure times 10^power, right to its last printed digit: 14.302 s are 14302 ms and nothing beside. */
export function scaledNumber({ value, text }: Printed, power: number): number | NonFinite {
  if (power === 0 || typeof value === 'string') return value;
  const scaled = shortDecimal(text, power);
  if (!Number.isNaN(scaled)) return scaled;
  if (!/e/i.test(text)) return Number(`${text}e${power}`);
  const [digits, exponent] = text.toLowerCase().split('e');
  return Number(`${digits}e${Number(exponent) + power}`);
}

/** Digits after the point of a number; null where there is an exponent. */
export function decimals(text: string): number | null {
  for (let i = text.length - 1; i >= 0; i--) {
    const code = text.charCodeAt(i);
    if (code === POINT) return text.length - i - 1;
    if (code === 101 || code === 69) return null;
  }
  return 0;
}

/** GiB as printed → bytes as of {@link bytesOf}; null for text that is no amount. */
export function gibBytes(text: string): { bytes: number; resolutionBytes: number | null } | null {
  const amount = printed(text);
  return amount === null ? null : bytesOf(amount, 'GiB');
}

/** A rate that a rounded print swallowed whole (`0.000` of 1e-6) is not zero: it is not known. */
export const roundedAway = (text: string): boolean => /^-?0\.0{2,}$/.test(text);
