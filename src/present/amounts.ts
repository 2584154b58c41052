/** Amounts as a sentence says them: with their unit, as a share, counted. */
import { GIB } from '../contract/index.ts';
import { count, gib, UNKNOWN } from './figure-text.ts';

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

/** How many of what: 1 update, 12 updates. */
export const many = (n: number, one: string, more = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : more}`;
