/** Figures in the words of a report: amounts with their unit, shares, ranges with their confidence, times. */
import { GIB, type Interval } from '../contract/index.ts';
import { count, gib, milliseconds, UNKNOWN } from '../records/index.ts';

export const NOT_MEASURED = 'not measured';

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

/** 0–1 as percent: 8%, 0.4%, 12%. */
export function share(fraction: number | null): string {
  if (fraction === null) return NOT_MEASURED;
  const percent = 100 * fraction;
  if (!Number.isFinite(percent)) return UNKNOWN;
  const size = Math.abs(percent);
  if (size === 0) return '0%';
  return `${percent.toFixed(size < 0.995 ? 2 : size < 9.95 ? 1 : 0).replace('-', '−')}%`;
}

/** A pressure, as its record writes it; `isUpperBound`: at most so much. */
export const pressure = (fraction: number | null, isUpperBound = false): string =>
  fraction === null ? NOT_MEASURED : `${isUpperBound ? '≤' : ''}${fraction.toFixed(2)}`;

/** `8% [3%, 11%]`: the likeliest value, and the range that holds the true one. */
export const within = ({ low, mid, high }: Interval, format: (value: number) => string): string =>
  `${format(mid)} [${format(low)}, ${format(high)}]`;

/** `31 to 60`; one number where both round to it. */
export function range({ low, high }: Interval, format: (value: number) => string): string {
  const [from, to] = [format(low), format(high)];
  return from === to ? from : `${from} to ${to}`;
}

/** Milliseconds, which may be fewer than none. */
export const time = (ms: number): string => (ms < 0 ? `−${milliseconds(-ms)}` : milliseconds(ms));

/** How many of what: 1 update, 12 updates. */
export const many = (n: number, one: string, more = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : more}`;

/** Minutes as a person would say: 40 s, 12 min, 3.5 h, 2.1 d. */
export function minutes(value: number): string {
  if (!Number.isFinite(60 * value)) return UNKNOWN;
  if (value < 1.5) return `${Math.round(60 * value)} s`;
  if (value < 120) return `${value.toFixed(value < 9.95 ? 1 : 0)} min`;
  return value < 2880 ? `${(value / 60).toFixed(1)} h` : `${(value / 1440).toFixed(1)} d`;
}

/** `batch 7`, `batches 7–19`. */
export function batches(from: number | null, to: number | null): string {
  if (from === null && to === null) return '';
  const [first, last] = [from ?? to!, to ?? from!];
  return first === last ? `batch ${count(first)}` : `batches ${count(first)}–${count(last)}`;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Date, time of day and zone: 2026-11-23 06:12:03 UTC. `timeZone`: an IANA name; null for this machine’s own. */
export function dateTime(ms: number, timeZone: string | null): string {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return UNKNOWN;
  const key = timeZone ?? '';
  let clock = clocks.get(key);
  if (clock === undefined) {
    const [date, two] = ['numeric', '2-digit'] as const;
    clock = new Intl.DateTimeFormat('sv-SE', {
      ...(timeZone === null ? {} : { timeZone }),
      ...{ year: date, month: two, day: two, hour: two, minute: two, second: two, timeZoneName: 'short' },
    });
    clocks.set(key, clock);
  }
  return clock.format(ms);
}

/** The first letter large: of a sentence that begins with words from elsewhere. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
