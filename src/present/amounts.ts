/** Amounts as in a sentence: with their unit, as a share, counted. */
import { count, NOT_MEASURED, UNKNOWN } from '../base/index.ts';
import type { Interval } from '../contract/index.ts';

/** 0–1 as percent: 8%, 0.4%, 12%. */
export function share(fraction: number | null): string {
  if (fraction === null) return NOT_MEASURED;
  const percent = 100 * fraction;
  if (!Number.isFinite(percent)) return UNKNOWN;
  const size = Math.abs(percent);
  if (size === 0) return '0%';
  return `${percent.toFixed(size < 0.995 ? 2 : size < 9.95 ? 1 : 0).replace('-', '−')}%`;
}

/** Reports that a log does not number: how far it is. */
export const uncountedSteps = (reports: number): string =>
  `${many(reports, 'report')} of ${reports === 1 ? 'an unknown step' : 'unknown steps'}`;

/** How many of what: 1 update, 12 updates. */
export const many = (n: number, one: string, more = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : more}`;

/** `31 to 60`, or with another word between; one number where both round to it. */
export function interval(
  { low, high }: Pick<Interval, 'low' | 'high'>,
  format: (value: number) => string,
  between = ' to ',
): string {
  const [from, to] = [format(low), format(high)];
  if (from === to) return from;
  // `4.1–4.9 min`: a dash joins numbers, so that a unit which both have is written once.
  const unit = between === '–' ? / \D+$/.exec(from)?.[0] : undefined;
  return unit !== undefined && to.endsWith(unit)
    ? `${from.slice(0, -unit.length)}${between}${to}`
    : `${from}${between}${to}`;
}

/** Minutes as a person would write them: 40 s, 12 min, 3.5 h, 2.1 d. */
export function minutes(value: number): string {
  if (!Number.isFinite(60 * value)) return UNKNOWN;
  if (value < 1.5) return `${Math.round(60 * value)} s`;
  if (value < 120) return `${value.toFixed(value < 9.95 ? 1 : 0)} min`;
  return value < 2880 ? `${(value / 60).toFixed(1)} h` : `${(value / 1440).toFixed(1)} d`;
}
