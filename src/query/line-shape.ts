/**
 * Lines of a log that differ in their numbers alone have one shape: the text between the numbers. A line of a known shape is read
 * by comparing that text and parsing the numbers, at half of what JSON.parse takes; any other line is parsed as JSON, and checked.
 * What a shape's first line was found to be, each line of it is, as long as its numbers are within the bounds of their fields.
 */

/** A number of a shape: where it stands in the event, and which values its field takes. */
export interface Slot {
  /** Names and list places from the event's root: `data`, `memory`, `0`, `allocatedBytes`. */
  path: readonly string[];
  least: number;
  most: number;
  isWhole: boolean;
}

export interface LineShape {
  /** All text between numbers, joined, and where each piece of it ends. */
  text: Uint8Array;
  view: DataView;
  ends: Int32Array;
  slots: readonly Slot[];
}

const [NEWLINE, QUOTE, BACKSLASH, MINUS, PLUS, POINT, ZERO, NINE, E, SMALL_E] = [
  10, 34, 92, 45, 43, 46, 48, 57, 69, 101,
];
/** Bytes that are compared at once. */
const WORD = 4;
/** Digits that a double holds exactly, and powers of ten that it does: their quotient is the number that the digits mean. */
const EXACT_DIGITS = 15;
const powers = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => 10 ** i);

const isNumberByte = (byte: number): boolean =>
  (byte >= ZERO && byte <= NINE) ||
  byte === MINUS ||
  byte === PLUS ||
  byte === POINT ||
  byte === E ||
  byte === SMALL_E;

/** The bounds of the number that a schema allows at a path; null where the schema does not settle it. */
export type BoundsOf = (path: readonly string[]) => Omit<Slot, 'path'> | null;

/**
 * The shape of a line that JSON.parse has taken.
 * @param line its bytes, without the newline
 * @returns null where its numbers cannot be placed: a shape is only of use where each number's field is known
 */
export function shapeOf(line: Buffer, value: unknown, boundsOf: BoundsOf): LineShape | null {
  const paths = numberPaths(value);
  // What a number beyond the finite ones means to its field, other lines' numbers do not.
  if (paths === null) return null;
  const pieces: Buffer[] = [];
  let from = 0;
  for (let i = 0, isText = false; i < line.length; i++) {
    const byte = line[i]!;
    if (isText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
      pieces.push(line.subarray(from, i));
      while (i < line.length && isNumberByte(line[i]!)) i++;
      from = i--;
    }
  }
  pieces.push(line.subarray(from));
  // A name that stands twice in an object, or a whole number as a name, which JavaScript sorts: the text is in another order.
  if (paths.length !== pieces.length - 1) return null;
  const slots: Slot[] = [];
  for (const path of paths) {
    const bounds = boundsOf(path);
    if (bounds === null) return null;
    slots.push({ path, ...bounds });
  }
  const ends = new Int32Array(pieces.length);
  let end = 0;
  for (const [i, piece] of pieces.entries()) {
    end += piece.length;
    ends[i] = end;
  }
  const text = new Uint8Array(Buffer.concat(pieces));
  return { text, view: new DataView(text.buffer), ends, slots };
}

/** Paths of all numbers, in the order of the text; null where one is not finite. */
function numberPaths(
  value: unknown,
  at: readonly string[] = [],
  found: (readonly string[])[] = [],
): (readonly string[])[] | null {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return null;
    found.push(at);
  } else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value))
      if (numberPaths(inner, [...at, key], found) === null) return null;
  return found;
}

/**
 * Reads the line that begins at `from` as one of the shape.
 * @param view of the same bytes
 * @param values gets its numbers
 * @returns where the next line begins; -1 where the line is of another shape, or a number is beyond its bounds
 */
export function readShape(
  bytes: Buffer,
  view: DataView,
  from: number,
  { text, view: textView, ends, slots }: LineShape,
  values: Float64Array,
): number {
  const last = bytes.length - WORD;
  let at = from;
  let piece = 0;
  for (let k = 0; ; k++) {
    const end = ends[k]!;
    for (; piece + WORD <= end && at <= last; piece += WORD, at += WORD)
      if (view.getInt32(at) !== textView.getInt32(piece)) return -1;
    for (; piece < end; piece++, at++) if (bytes[at] !== text[piece]) return -1;
    if (k === slots.length) return bytes[at] === NEWLINE ? at + 1 : -1;
    const start = at;
    let byte = bytes[at]!;
    const isBelow = byte === MINUS;
    if (isBelow) byte = bytes[++at]!;
    const first = at;
    let value = 0;
    while (byte >= ZERO && byte <= NINE) {
      value = value * 10 + (byte - ZERO);
      byte = bytes[++at]!;
    }
    let digits = at - first;
    // JSON writes no number that begins with a zero and goes on with digits, and none without digits.
    if (digits === 0 || (digits > 1 && bytes[first] === ZERO)) return -1;
    let places = 0;
    if (byte === POINT) {
      const point = at;
      byte = bytes[++at]!;
      while (byte >= ZERO && byte <= NINE) {
        value = value * 10 + (byte - ZERO);
        byte = bytes[++at]!;
      }
      places = at - point - 1;
      if (places === 0) return -1;
      digits += places;
    }
    if (digits > EXACT_DIGITS || byte === SMALL_E || byte === E) {
      while (isNumberByte(bytes[at]!)) at++;
      value = Number(bytes.toString('latin1', start, at));
      if (!Number.isFinite(value)) return -1;
    } else {
      value /= powers[places]!;
      if (isBelow) value = -value;
    }
    const slot = slots[k]!;
    if (value < slot.least || value > slot.most || (slot.isWhole && !Number.isInteger(value))) return -1;
    values[k] = value;
  }
}
