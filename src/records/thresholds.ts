/** When a figure is healthy, a warning or critical. The record of the figure holds its thresholds; all judge here. */
import type { Health } from '../contract/index.ts';

export type Bound = { atLeast: number } | { above: number } | { below: number };

/** A level whose bound is null does not exist for the figure. */
export interface Thresholds {
  warning: Bound | null;
  critical: Bound | null;
}

/** Whether the value meets the bound. */
export const meets = (bound: Bound | null, value: number): boolean => {
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
