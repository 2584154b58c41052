/** Round numbers for an axis: bounds around the data and the ticks between them, in steps of 1, 2 or 5 × 10ⁿ. */

export interface Scale {
  min: number;
  max: number;
  /** From min to max. */
  ticks: number[];
}

/** Around low…high with about `intervals` steps. A single value gets a scale around it. */
export function scaleFor(low: number, high: number, intervals: number): Scale {
  const range = high - low || Math.abs(high) || 1;
  const rough = range / Math.max(1, intervals);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find(factor => factor * power >= rough * 0.999) ?? 10) * power;
  const from = Math.floor(low / step + 1e-9);
  const to = Math.max(from + 1, Math.ceil(high / step - 1e-9));
  // Multiplied, not summed: 3 × 0.1 is one rounding from 0.3, 0.1 + 0.1 + 0.1 three.
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => Number(((from + i) * step).toPrecision(12)));
  return { min: ticks[0]!, max: ticks.at(-1)!, ticks };
}
