/** Round numbers for axes: steps of 1, 2 or 5 × 10ⁿ, the multiples of one, and their words, no two alike. */

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

/** Differences below this part of the values themselves are rounding, not range. */
const ROUNDING = 1e-9;
/** Numbers nearer to zero than this cannot be divided into steps. */
const ZERO = 1e-200;

/** Whether low…high is a single value, but for rounding: to be drawn as a line. */
export const isFlat = (low: number, high: number): boolean =>
  high - low <= Math.max(Math.max(Math.abs(low), Math.abs(high)) * ROUNDING, ZERO);

const SCALES: readonly [number, string][] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];
/** Sizes of an axis that are written out; others have a letter or an exponent. */
const [LEAST, MOST, LETTERED] = [1e-3, 1e15, 1e4];
/** Digits after the point that a number can have at most. */
const DIGITS = 17;

/** Without digits that add nothing: `0.50` is 0.5, `2.00k` is 2k. */
const trimmed = (text: string): string => text.replace(/(\.\d*?)0+(?=\D|$)/, '$1').replace(/\.(?=\D|$)/, '');

/**
 * How the numbers of an axis are written: in one scale, with as many digits as tell them apart, none more. 8, 0.5, 1.25k.
 * @param ticks of the axis, finite
 */
export function tickFormat(ticks: readonly number[]): (value: number) => string {
  const size = Math.max(0, ...ticks.map(Math.abs));
  const sorted = [...new Set(ticks)].sort((a, b) => a - b);
  const step = Math.min(...sorted.slice(1).map((tick, i) => tick - sorted[i]!), size || 1);
  const [unit, letter] = size >= LETTERED && size < MOST ? SCALES.find(([least]) => size >= least)! : [1, ''];
  const isPower = size > 0 && (size < LEAST || size >= MOST);
  const write = (value: number, digits: number): string => {
    if (value === 0) return '0';
    return trimmed(isPower ? value.toExponential(digits) : `${(value / unit).toFixed(digits)}${letter}`);
  };
  /** Whether it is written as itself, to a part of a step. */
  const isExact = (value: number, digits: number, part: number): boolean => {
    const text = write(value, digits);
    const number = letter === '' ? Number(text) : Number(text.replace(letter, '')) * unit;
    return Math.abs(number - value) <= step * part;
  };
  let digits = 0;
  while (digits < DIGITS && !sorted.every(tick => isExact(tick, digits, 1 / 1000))) digits++;
  return value => {
    // A guide between two ticks is not one of them.
    let own = digits;
    while (own < DIGITS && !isExact(value, own, 1 / 20)) own++;
    return write(value, own);
  };
}
