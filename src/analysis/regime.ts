/**
 * Where the present regime begins: the last place at which a series broke, by a step (a larger batch) or a bend (a leak
 * that sets in). One line is held against two; two must explain much more than chance lets them.
 */

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

  error(from: number, to: number): number {
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
    return Math.max(0, syy - (sy * sy) / n - (vx > 0 ? (vxy * vxy) / vx : 0));
  }
}

/**
 * Index of the first point of the present regime; 0 where nothing broke.
 * @param x ascending
 */
export function presentRegime(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const n = x.length;
  let from = 0;
  // Centred and scaled: sums of squares of bytes would lose their last digits.
  const smooth = withoutSpikes(y);
  const [x0, y0] = [x[0] ?? 0, smooth[0] ?? 0];
  const span = Math.max(1, (x[n - 1] ?? 1) - x0);
  const height = smooth.reduce((most, value) => Math.max(most, Math.abs(value - y0)), 0) || 1;
  const sums = new Sums(
    Float64Array.from(x, value => (value - x0) / span),
    smooth.map(value => (value - y0) / height),
  );
  while (n - from >= 2 * LEAST) {
    const whole = sums.error(from, n);
    let best = { at: from, error: whole };
    for (let at = from + LEAST; at <= n - LEAST; at++) {
      const error = sums.error(from, at) + sums.error(at, n);
      if (error < best.error) best = { at, error };
    }
    // Smoothing makes neighbours alike: about half of the points count.
    const effective = (n - from) / 2;
    const gain = effective * Math.log((whole + 1e-12) / (best.error + 1e-12));
    if (best.at === from || gain < PENALTY + 4 * Math.log(effective)) return from;
    from = best.at;
  }
  return from;
}

/** Twice the logarithm of the odds that a break needs. */
const PENALTY = 12;
