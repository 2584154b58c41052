/** What a rule is: the facts of a device's memory → a finding and how much it weighs, or null. */
import { amount } from '../../base/index.ts';
import type { Evidence, Finding, Interval } from '../../contract/index.ts';
import { many } from '../../present/index.ts';
import type { DeviceAnalysis } from '../device-analysis.ts';
import type { Trend } from '../trend.ts';

export interface Ruling {
  finding: Finding;
  /** Share of the device's memory that it takes (0–1), and 1 more where it explains the end of the process. */
  weight: number;
}

export type Rule = (facts: DeviceAnalysis) => Ruling | null;

/** What to try where no stacks were recorded. */
export const NAME_THE_LINE =
  'Find the line, in PyTorch: `npx esper run --lines -- python train.py` records stacks, and the verdict names it.';

type Figures = [id: `TELE-${number}`, ...more: `TELE-${number}`[]];

/** Where in the run, and in which records. */
export const evidence = (
  says: string,
  where: { fromBatch: number | null; toBatch: number | null },
  ...figures: Figures
): Evidence => ({ says, fromBatch: where.fromBatch, toBatch: where.toBatch, figures });

/** Both ends of an interval, once where they look the same. */
export const between = ({ low, high }: Interval): string =>
  amount(low) === amount(high) ? `about ${amount(low)}` : `${amount(low)} to ${amount(high)}`;
export const updates = (n: number): string => many(n, 'update');

export const spanOf = (trend: Trend) => ({ fromBatch: trend.sinceBatch, toBatch: trend.untilBatch });

/** b − a, null where either is. */
export const minus = (b: number | null, a: number | null): number | null =>
  a === null || b === null ? null : b - a;
