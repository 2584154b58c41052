/** Round numbers for an axis: bounds around the data and the ticks between them. */
import { isFlat, multiplesOf, roundStep } from '../base/index.ts';

export interface Scale {
  min: number;
  max: number;
  /** From min to max. */
  ticks: number[];
}

/** Of a step: what is less is rounding. */
const ROUNDING = 1e-9;
/** Numbers nearer to zero than this cannot be divided into steps. */
const ZERO = 1e-200;

/** Around low…high, both finite, with about `intervals` steps. A single value gets a scale around it. */
export function scaleFor(low: number, high: number, intervals: number): Scale {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const spread = high - low;
  if (!Number.isFinite(spread)) return { min: low, max: high, ticks: [low, high] };
  const range = !isFlat(low, high) ? spread : size > ZERO ? size : 1;
  const step = roundStep(range / Math.max(1, intervals));
  const from = Math.floor(low / step + ROUNDING);
  const ticks = multiplesOf(step, from, Math.max(from + 1, Math.ceil(high / step - ROUNDING)));
  return { min: ticks[0]!, max: ticks.at(-1)!, ticks };
}
