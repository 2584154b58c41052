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

/** Of few values sorting them is no slower. */
const FEW = 8;
/** Rounds of a selection after which the rest is sorted: of no order that was met. */
const ROUNDS = 64;
let room = new Float64Array(0);

/** What `quantile(values, 0.5)` is of finite values, without a list of its own and in linear time; NaN for none. */
export function median(values: ArrayLike<number>): number {
  const { length } = values;
  if (length > room.length) room = new Float64Array(2 * length);
  const own = room;
  for (let i = 0; i < length; i++) {
    own[i] = values[i]!;
    if (Number.isNaN(own[i])) return quantile(values, 0.5);
  }
  const below = (length - 1) >> 1;
  if (length <= FEW) own.subarray(0, length).sort();
  else select(own, length, below);
  const low = own[below] ?? Number.NaN;
  if (length % 2 === 1 || length === 0) return low + 0;
  let next = own[below + 1]!;
  for (let i = below + 2; i < length; i++) if (own[i]! < next) next = own[i]!;
  return low + 0.5 * (next - low);
}

/** Brings the value that sorting would bring there to its place; before it are none above it, after it none below. */
function select(values: Float64Array, length: number, place: number): void {
  let [from, to] = [0, length - 1];
  for (let round = 0; from < to; round++) {
    if (round > ROUNDS || to - from < FEW) {
      values.subarray(from, to + 1).sort();
      return;
    }
    const [a, b, c] = [values[from]!, values[(from + to) >> 1]!, values[to]!];
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let [left, right] = [from, to];
    while (left <= right) {
      while (values[left]! < pivot) left++;
      while (values[right]! > pivot) right--;
      if (left > right) break;
      const value = values[left]!;
      values[left++] = values[right]!;
      values[right--] = value;
    }
    if (place <= right) to = right;
    else if (place >= left) from = left;
    else return;
  }
}

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
let deviations = new Float64Array(0);

/** Standard deviation from the bulk of the values: outliers do not move it. */
export function robustDeviation(values: ArrayLike<number>): number {
  const middle = median(values);
  const { length } = values;
  if (length > deviations.length) deviations = new Float64Array(2 * length);
  for (let i = 0; i < length; i++) deviations[i] = Math.abs(values[i]! - middle);
  return OF_NORMAL * median(deviations.subarray(0, length));
}
