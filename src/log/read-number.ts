/** A number of JSON among bytes, as JSON.parse reads it: the double that is nearest to what its digits mean. */

const [MINUS, PLUS, POINT, ZERO, NINE, E, SMALL_E] = [45, 43, 46, 48, 57, 69, 101];
/** Powers of ten that a double holds exactly. */
const powers = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const LARGEST_POWER = powers.length - 1;
/** Digits that a double holds exactly. */
const EXACT_DIGITS = 15;
/** Splits a double into halves whose products are exact. */
const SPLIT = 2 ** 27 + 1;
/** Far more than what a quotient of two doubles' sum is off by, and far less than what parts two doubles: shares of it. */
const DOUBT = 2 ** -90;

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;
export const isNumberByte = (byte: number): boolean =>
  isDigit(byte) || byte === MINUS || byte === PLUS || byte === POINT || byte === E || byte === SMALL_E;

/** Where the number that {@link readNumber} read last ends. */
export let numberEnd = 0;

/** @returns NaN where no finite number begins at `start` */
export function readNumber(bytes: Buffer, start: number): number {
  let at = start;
  let byte = bytes[at]!;
  const isBelow = byte === MINUS;
  if (isBelow) byte = bytes[++at]!;
  const first = at;
  let digits = 0;
  while (byte >= ZERO && byte <= NINE) {
    digits = digits * 10 + (byte - ZERO);
    byte = bytes[++at]!;
  }
  // JSON writes no number that begins with a zero and goes on with digits, and none without digits.
  if (at === first || (at - first > 1 && bytes[first] === ZERO)) return Number.NaN;
  let places = 0;
  if (byte === POINT) {
    const point = at;
    byte = bytes[++at]!;
    while (byte >= ZERO && byte <= NINE) {
      digits = digits * 10 + (byte - ZERO);
      byte = bytes[++at]!;
    }
    places = at - point - 1;
    if (places === 0) return Number.NaN;
  }
  const last = at;
  if (byte === SMALL_E || byte === E) {
    byte = bytes[++at]!;
    const isSmall = byte === MINUS;
    if (isSmall || byte === PLUS) byte = bytes[++at]!;
    if (!isDigit(byte)) return Number.NaN;
    let exponent = 0;
    while (byte >= ZERO && byte <= NINE) {
      exponent = exponent * 10 + (byte - ZERO);
      byte = bytes[++at]!;
    }
    places += isSmall ? exponent : -exponent;
  }
  numberEnd = at;
  let value = Number.NaN;
  if (places >= 0 && places <= LARGEST_POWER)
    value =
      digits <= Number.MAX_SAFE_INTEGER
        ? digits / powers[places]!
        : quotientOf(bytes, first, last, powers[places]!);
  if (Number.isNaN(value)) {
    value = Number(bytes.toString('latin1', first, at));
    if (!Number.isFinite(value)) return Number.NaN;
  }
  return isBelow ? -value : value;
}

/** What these digits are over a power of ten; NaN where it is too near to the middle of two doubles to be decided so. */
function quotientOf(bytes: Buffer, first: number, last: number, power: number): number {
  let [head, tail, headDigits, tailDigits] = [0, 0, 0, 0];
  for (let at = first; at < last; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0) continue;
    if (headDigits < EXACT_DIGITS) {
      head = head * 10 + digit;
      if (head > 0) headDigits++;
    } else {
      tail = tail * 10 + digit;
      tailDigits++;
    }
  }
  if (tailDigits > EXACT_DIGITS) return Number.NaN;
  // head × scale + tail, as a double and what it is off by.
  const scale = powers[tailDigits]!;
  const product = head * scale;
  const sum = product + tail;
  const added = sum - product;
  const off = product - (sum - added) + (tail - added) + productError(head, scale, product);
  const near = sum / power;
  const back = near * power;
  const correction = (sum - back - productError(near, power, back) + off) / power;
  const doubt = near * DOUBT;
  const value = near + (correction - doubt);
  return value === near + (correction + doubt) ? value : Number.NaN;
}

/** a × b − product, exactly. */
function productError(a: number, b: number, product: number): number {
  const [splitA, splitB] = [a * SPLIT, b * SPLIT];
  const highA = splitA - (splitA - a);
  const highB = splitB - (splitB - b);
  const [lowA, lowB] = [a - highA, b - highB];
  return highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
}
