/** Robust statistics of short lists. */

export const sorted = (values: ArrayLike<number>): Float64Array => new Float64Array(values).sort();

/** Of ascending values, linear between neighbours; NaN for none. */
export function quantileOf(ascending: ArrayLike<number>, q: number): number {
  const at = q * (ascending.length - 1);
  const below = Math.floor(at);
  const low = ascending[below] ?? Number.NaN;
  return low + (at - below) * ((ascending[below + 1] ?? low) - low);
}

export const quantile = (values: ArrayLike<number>, q: number): number => quantileOf(sorted(values), q);
export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

/** Median of a list that is short: sorts it in place. */
export function medianOfFew(values: number[]): number {
  const n = values.length;
  for (let i = 1; i < n; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
    values[at] = value;
  }
  return n % 2 === 1 ? values[n >> 1]! : (values[n / 2 - 1]! + values[n / 2]!) / 2;
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

export function standardDeviation(values: ArrayLike<number>): number {
  const middle = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - middle) ** 2;
  return Math.sqrt(sum / Math.max(1, values.length - 1));
}

/** What the median absolute deviation is multiplied with to estimate a standard deviation. */
const OF_NORMAL = 1.4826;

/** Standard deviation from the bulk of the values: outliers do not move it. */
export function robustDeviation(values: ArrayLike<number>): number {
  const middle = median(values);
  const deviations = new Float64Array(values);
  for (let i = 0; i < deviations.length; i++) deviations[i] = Math.abs(deviations[i]! - middle);
  return OF_NORMAL * median(deviations);
}
