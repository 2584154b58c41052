/**
 * Where the present regime begins: the last place at which a series broke, by a step (a larger batch) or a bend (a leak
 * that sets in). One line is held against two; two must explain much more than chance lets them.
 */

import { inertiaOf } from './theil-sen.ts';

/** Points that each side of a break must have. */
const LEAST = 4;

/** Median of five: single outliers go, steps stay. */
function withoutSpikes(y: ArrayLike<number>): Float64Array {
  const n = y.length;
  return Float64Array.from({ length: n }, (_, i) => {
    const from = Math.max(0, Math.min(i - 2, n - 5));
    const five = Array.from({ length: Math.min(5, n) }, (_, k) => y[from + k]!).sort((a, b) => a - b);
    return five[five.length >> 1]!;
  });
}

/** Sums that give the squared error of the best line through any stretch at once. */
class Sums {
  readonly #s: Float64Array[];

  constructor(x: ArrayLike<number>, y: ArrayLike<number>) {
    const terms = (i: number) => [1, x[i]!, y[i]!, x[i]! ** 2, x[i]! * y[i]!, y[i]! ** 2];
    this.#s = Array.from({ length: 6 }, () => new Float64Array(x.length + 1));
    for (let i = 0; i < x.length; i++)
      terms(i).forEach((term, k) => {
        this.#s[k]![i + 1] = this.#s[k]![i]! + term;
      });
  }

  /** Squared error of the line through the points from `from` to before `to`, and its values there. */
  line(from: number, to: number): { error: number; at: (x: number) => number } {
    const [n, sx, sy, sxx, sxy, syy] = this.#s.map(s => s[to]! - s[from]!) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const vx = sxx - (sx * sx) / n;
    const vxy = sxy - (sx * sy) / n;
    const slope = vx > 0 ? vxy / vx : 0;
    return {
      error: Math.max(0, syy - (sy * sy) / n - slope * vxy),
      at: value => sy / n + slope * (value - sx / n),
    };
  }
}

/** How much more often by chance two lines fit better than one: twice the logarithm of the odds that a break needs. */
const PENALTY = 12;

/**
 * Index of the first point of the present regime; 0 where nothing broke.
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
      return ys[at]! - (at < best.at ? left : right).at(xs[at]!);
    });
    // What is left after a true break is mere scatter. Of a course that wanders, neighbours stay alike, and say less.
    const inertia = inertiaOf(rest);
    const effective = ((n - from) / 2) * ((1 - inertia) / (1 + inertia));
    const gain = effective * Math.log((whole + TINY) / (best.error + TINY));
    if (gain < PENALTY + 4 * Math.log(n - from)) return from;
    from = best.at;
  }
  return from;
}

/** Errors below this are those of the arithmetic. */
const TINY = 1e-12;
