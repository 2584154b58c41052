/** Round numbers for axes: steps of 1, 2 or 5 × 10ⁿ, and the multiples of one. */

/** The smallest such step that is not below `rough`, a positive finite number. */
export function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find(factor => factor * power >= rough * 0.999) ?? 10) * power;
}

/** `from` to `to` times the step; multiplied, not summed: 3 × 0.1 is one rounding from 0.3, 0.1 + 0.1 + 0.1 three. At most 1000. */
export const multiplesOf = (step: number, from: number, to: number): number[] =>
  Array.from({ length: Math.min(1000, to - from + 1) }, (_, i) =>
    Number(((from + i) * step).toPrecision(12)),
  );
