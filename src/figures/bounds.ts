/** When a figure is healthy, a warning or critical. Its declaration holds the bounds; all judge here. */
import type { Health, SanctumSnapshot } from '../contract/index.ts';
import type { PathOf } from './path.ts';

export type Bound = { atLeast: number } | { above: number } | { below: number };
export type Level = 'healthy' | 'warning' | 'critical';
/** How a figure looks on a terminal. */
export type BoundStyle =
  | 'plain'
  | 'dim'
  | 'bold'
  | 'yellow'
  | 'red'
  | 'bold green'
  | 'bold yellow'
  | 'bold red';

/** A level whose bound is null does not exist for the figure. */
export interface Thresholds {
  warning: Bound | null;
  critical: Bound | null;
}

export interface RecordThresholds extends Thresholds {
  /** How far on the better side of its bound a value must be before an alarm is cleared. */
  margin?: number;
  /** What each level means; a level without a bound has no meaning. */
  meaning: Partial<Record<Level, string>>;
  /** Where the reducer's judgement is found in the snapshot; null where the view judges, given the time. */
  judgedAt: PathOf<SanctumSnapshot> | null;
  /** What shows the level, and how each level looks there; null where the bound is advice that nobody shows. */
  widget: string | null;
  styles: Partial<Record<Level, BoundStyle>>;
  /** Every bound from both sides: a value, its level, and what stands there; null where nothing does. */
  examples: readonly (readonly [value: number, level: Level, form: string | null])[];
}

/** Whether the value meets the bound. */
const meets = (bound: Bound | null, value: number): boolean => {
  if (bound === null) return false;
  if ('atLeast' in bound) return value >= bound.atLeast;
  return 'above' in bound ? value > bound.above : value < bound.below;
};

/** The number at which a bound begins: where charts draw its line. */
export const edge = (bound: Bound): number =>
  'atLeast' in bound ? bound.atLeast : 'above' in bound ? bound.above : bound.below;

/** `unmeasured` for null; otherwise the worst level whose bound the value meets. */
export function judge(thresholds: Thresholds, value: number | null): Health {
  if (value === null) return 'unmeasured';
  if (meets(thresholds.critical, value)) return 'critical';
  return meets(thresholds.warning, value) ? 'warning' : 'healthy';
}
