/** What a rule is: the facts of a device's memory → a finding and how much it weighs, or null. */
import type { Evidence, Finding, Interval } from '../../contract/index.ts';
import { count, gib } from '../../records/index.ts';
import type { Facts } from '../facts.ts';
import type { Trend } from '../trend.ts';

export interface Ruling {
  finding: Finding;
  /** Share of the device's memory that it takes (0–1), and 1 more where it explains the end of the process. */
  weight: number;
}

export type Rule = (facts: Facts) => Ruling | null;

type Figures = [id: `TELE-${number}`, ...more: `TELE-${number}`[]];

/** Where in the run, and in which records. */
export const evidence = (
  says: string,
  where: { fromBatch: number | null; toBatch: number | null },
  ...figures: Figures
): Evidence => ({ says, fromBatch: where.fromBatch, toBatch: where.toBatch, figures });

export const GiB = (bytes: number | null): string => `${gib(bytes)} GiB`;
/** Small amounts in MiB. */
export const amount = (bytes: number): string =>
  Math.abs(bytes) < 2 ** 29
    ? `${(bytes / 2 ** 20).toFixed(Math.abs(bytes) < 10 * 2 ** 20 ? 2 : 0)} MiB`
    : GiB(bytes);
/** Both ends of an interval, once where they look the same. */
export const between = ({ low, high }: Interval): string =>
  amount(low) === amount(high) ? `about ${amount(low)}` : `${amount(low)} to ${amount(high)}`;
export const share = (fraction: number): string => `${(100 * fraction).toFixed(fraction < 0.0995 ? 1 : 0)}%`;
export const updates = (n: number): string => `${count(n)} ${n === 1 ? 'update' : 'updates'}`;

export const spanOf = (trend: Trend) => ({ fromBatch: trend.sinceBatch, toBatch: trend.untilBatch });

/** b − a, null where either is. */
export const minus = (b: number | null, a: number | null): number | null =>
  a === null || b === null ? null : b - a;
