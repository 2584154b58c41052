/** Round numbers for an axis: bounds around the data and the ticks between them, in steps of 1, 2 or 5 × 10ⁿ. */

export interface Scale {
  min: number;
  max: number;
  /** From min to max. */
  ticks: number[];
}

/** Differences below this part of the values themselves are rounding, not range. */
const ROUNDING = 1e-9;
/** Numbers nearer to zero than this cannot be divided into steps. */
const ZERO = 1e-200;

/** Whether low…high is a single value, but for rounding: to be drawn as a line. */
export const isFlat = (low: number, high: number): boolean =>
  high - low <= Math.max(Math.max(Math.abs(low), Math.abs(high)) * ROUNDING, ZERO);

/** Around low…high, both finite, with about `intervals` steps. A single value gets a scale around it. */
export function scaleFor(low: number, high: number, intervals: number): Scale {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const spread = high - low;
  if (!Number.isFinite(spread)) return { min: low, max: high, ticks: [low, high] };
  const range = !isFlat(low, high) ? spread : size > ZERO ? size : 1;
  const rough = range / Math.max(1, intervals);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find(factor => factor * power >= rough * 0.999) ?? 10) * power;
  const from = Math.floor(low / step + ROUNDING);
  const to = Math.max(from + 1, Math.ceil(high / step - ROUNDING));
  // Multiplied, not summed: 3 × 0.1 is one rounding from 0.3, 0.1 + 0.1 + 0.1 three.
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => Number(((from + i) * step).toPrecision(12)));
  return { min: ticks[0]!, max: ticks.at(-1)!, ticks };
}
