/**
 * The last change point: where a series last broke, by a step (a larger batch) or a bend (a leak
 * that sets in). One line is held against two; two must explain much more than chance lets them.
 */

import { inertiaOf } from './theil-sen.ts';

/** Points that each side of a break must have. */
const LEAST = 4;

/** Median of five: single outliers go, steps stay. */
function withoutSpikes(y: ArrayLike<number>): Float64Array {
  const n = y.length;
  const smooth = new Float64Array(n);
  const five = new Float64Array(Math.min(5, n));
  for (let i = 0; i < n; i++) {
    const from = Math.max(0, Math.min(i - 2, n - 5));
    for (let k = 0; k < five.length; k++) {
      const value = y[from + k]!;
      let at = k;
      for (; at > 0 && five[at - 1]! > value; at--) five[at] = five[at - 1]!;
      five[at] = value;
    }
    smooth[i] = five[five.length >> 1]!;
  }
  return smooth;
}

interface Line {
  /** Sum of squared residuals. */
  error: number;
  slope: number;
  /** The centre of the points, on the line. */
  x: number;
  y: number;
}

/** Sums that give the best line through any stretch at once. */
class Sums {
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #xx: Float64Array;
  readonly #xy: Float64Array;
  readonly #yy: Float64Array;

  constructor(x: ArrayLike<number>, y: ArrayLike<number>) {
    const summed = (term: (i: number) => number) => {
      const sums = new Float64Array(x.length + 1);
      for (let i = 0; i < x.length; i++) sums[i + 1] = sums[i]! + term(i);
      return sums;
    };
    this.#x = summed(i => x[i]!);
    this.#y = summed(i => y[i]!);
    this.#xx = summed(i => x[i]! ** 2);
    this.#xy = summed(i => x[i]! * y[i]!);
    this.#yy = summed(i => y[i]! ** 2);
  }

  /** The line through the points from `from` to before `to`. */
  line(from: number, to: number): Line {
    const n = to - from;
    const sx = this.#x[to]! - this.#x[from]!;
    const sy = this.#y[to]! - this.#y[from]!;
    const vx = this.#xx[to]! - this.#xx[from]! - (sx * sx) / n;
    const vxy = this.#xy[to]! - this.#xy[from]! - (sx * sy) / n;
    const slope = vx > 0 ? vxy / vx : 0;
    const error = Math.max(0, this.#yy[to]! - this.#yy[from]! - (sy * sy) / n - slope * vxy);
    return { error, slope, x: sx / n, y: sy / n };
  }
}

const valueOn = (line: Line, x: number): number => line.y + line.slope * (x - line.x);

/** How much more often by chance two lines fit better than one: twice the logarithm of the odds that a break needs. */
const PENALTY = 12;

/**
 * Index of the first point after the last change point; 0 where nothing broke.
 * @param x ascending
 */
export function lastChangePoint(x: readonly number[], y: readonly number[]): number {
  const n = x.length;
  // Centred and scaled: sums of squares of bytes would lose their last digits.
  const [x0 = 0, y0 = 0] = [x[0], y[0]];
  const span = Math.max(1, x[n - 1]! - x0);
  const height = Math.max(...y.map(value => Math.abs(value - y0))) || 1;
  const xs = x.map(value => (value - x0) / span);
  const ys = y.map(value => (value - y0) / height);
  const sums = new Sums(xs, withoutSpikes(ys));
  let from = 0;
  while (n - from >= 2 * LEAST) {
    const whole = sums.line(from, n).error;
    let best = { at: from, error: whole };
    for (let at = from + LEAST; at <= n - LEAST; at++) {
      const error = sums.line(from, at).error + sums.line(at, n).error;
      if (error < best.error) best = { at, error };
    }
    if (best.at === from) return from;
    const [left, right] = [sums.line(from, best.at), sums.line(best.at, n)];
    const rest = Float64Array.from({ length: n - from }, (_, i) => {
      const at = from + i;
      return ys[at]! - valueOn(at < best.at ? left : right, xs[at]!);
    });
    // What is left after a true break is mere scatter. In a random walk neighbours stay alike, and are worth less.
    const inertia = inertiaOf(rest, MATERIAL);
    const effective = ((n - from) / 2) * ((1 - inertia) / (1 + inertia));
    const immaterial = TINY + (n - from) * MATERIAL ** 2;
    const gain = effective * Math.log((whole + immaterial) / (best.error + immaterial));
    if (gain < PENALTY + 4 * Math.log(n - from)) return from;
    from = best.at;
  }
  return from;
}

/** Errors below this are those of the arithmetic. */
const TINY = 1e-12;
/** Share of a series' whole range that no break is made of: segments and rounded sizes bend a straight line by so much. */
const MATERIAL = 0.01;
