/** Counts and bytes in words, the same on every screen: the digits that the size deserves, never a number where nothing was measured. */

/** Bytes in a GiB: what the seed's `Gb` fields and PyTorch's "GB" divide by. */
export const GIB = 1024 ** 3;
export const MIB = 1024 ** 2;

const BINARY = /^([\d.]{1,20}) ?(?:([BKMGTP])i?B?)?$/i;

/** Bytes of a printed amount in powers of two: `62.7G`, `310.4 MiB`, `412420K`; without a unit in that of the letter `without`. null for any other text. */
export function printedBytes(printed: string, without: 'B' | 'K' | 'M' | 'G' | 'T' = 'B'): number | null {
  const [, number, letter = without] = BINARY.exec(printed) ?? [];
  const bytes = Number(number) * 1024 ** 'BKMGTP'.indexOf(letter.toUpperCase());
  return Number.isFinite(bytes) ? bytes : null;
}

/** What stands where a figure was not measured. */
export const UNKNOWN = '–';

/** The same in a sentence. */
export const NOT_MEASURED = 'not measured';

/** A whole count with thousands separated: 86,016. */
export function count(value: number | null): string {
  if (value === null) return UNKNOWN;
  const whole = Math.round(value);
  // Intl takes milliseconds and megabytes of a start-up: only for what has no plain digits.
  return Number.isSafeInteger(whole)
    ? String(whole).replace(/\B(?=(?:\d{3})+$)/g, ',')
    : whole.toLocaleString('en-US');
}

/** Bytes as GiB with the digits that the size deserves, no unit. */
export const gib = (bytes: number | null): string => gibRounded(bytes, null);

/**
 * Bytes as GiB, which their source rounded to steps of `resolutionBytes` (null: it did not): with `digits` after the
 * point, else those that the size deserves, and never more than the source had. No unit.
 */
export function gibRounded(bytes: number | null, resolutionBytes: number | null, digits?: number): string {
  if (bytes === null) return UNKNOWN;
  const size = bytes / GIB;
  const wanted = digits ?? (Math.abs(size) < 9.995 ? 2 : Math.abs(size) < 999.5 ? 1 : 0);
  // A step of a hundredth is no whole number of bytes: its logarithm is not quite −2.
  const known = resolutionBytes === null ? wanted : Math.floor(Math.log10(GIB / resolutionBytes) + 1e-6);
  return size.toFixed(Math.max(0, Math.min(wanted, known)) || 0);
}

const UNITS: readonly [number, string][] = [
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
];

/** Bytes with their unit: 7.10 GiB, 253 MiB, 512 B. */
export function amount(bytes: number | null): string {
  if (bytes === null) return NOT_MEASURED;
  const size = Math.abs(bytes);
  if (bytes < 0) return `−${amount(size)}`;
  if (size >= 0.9995 * GIB) return `${gib(size)} GiB`;
  const unit = UNITS.find(([least]) => size >= 0.9995 * least);
  if (unit === undefined) return `${count(size)} B`;
  const value = size / unit[0];
  return `${value.toFixed(value < 99.95 ? 1 : 0)} ${unit[1]}`;
}

/** The same with its sign: +2.10 GiB. */
export const signed = (bytes: number): string =>
  `${bytes > 0 ? '+' : bytes < 0 ? '−' : ''}${amount(Math.abs(bytes))}`;

/** Half-way cases go to the even digit, as in C++ streams: segments are whole MiB, so they do occur. */
function twoDecimals(bytes: number, unit: number): string {
  const exact = (bytes * 100) / unit;
  const floor = Math.floor(exact);
  const rest = exact - floor;
  const hundredths = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  return (hundredths / 100).toFixed(2);
}

/** Bytes as torch prints them in its messages: `512 bytes`, `20.00 MiB`, `1.50 GiB`. */
export function torchSize(bytes: number): string {
  if (bytes <= 2 ** 10) return `${bytes} bytes`;
  if (bytes <= 2 ** 20) return `${twoDecimals(bytes, 2 ** 10)} KiB`;
  if (bytes <= 2 ** 30) return `${twoDecimals(bytes, 2 ** 20)} MiB`;
  return `${twoDecimals(bytes, GIB)} GiB`;
}
