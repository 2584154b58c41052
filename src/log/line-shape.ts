/**
 * Lines of a log that differ in their numbers alone have one shape: the text between the numbers. A line of a known shape is held
 * against the line of it before: only the numbers that changed are parsed, at a fifth of what JSON.parse takes. Any other line is
 * parsed as JSON, and checked. What a shape's first line was found to be, each line of it is, as long as its numbers are within the
 * bounds of their fields.
 */

import { isNumberByte, numberEnd, readNumber } from './read-number.ts';

/** A number of a shape: where it stands in the event, and which values its field takes. */
export interface Slot {
  /** Names and list places from the event's root: `data`, `memory`, `0`, `allocatedBytes`. */
  path: readonly string[];
  least: number;
  most: number;
  isWhole: boolean;
}

const [NEWLINE, QUOTE, BACKSLASH, MINUS, ZERO, NINE] = [10, 34, 92, 45, 48, 57];
/** Bytes that are compared at once, as a double: a line that was JSON has no zero bytes, so no two zeros, and what is no number is no match. */
const WORD = 8;
/** Room for lines that are a little longer. */
const SPARE = 64;

/** Numbers of a line at most. */
const SLOTS = 1024;
/** Of the line that is read, those that changed: which, their values, and where they begin and end. */
const changed = new Int32Array(SLOTS);
const changedTo = new Float64Array(SLOTS);
const changedStart = new Int32Array(SLOTS);
const changedEnd = new Int32Array(SLOTS);

/** The bounds of the number that a schema allows at a path; null where the schema does not settle it. */
export type BoundsOf = (path: readonly string[]) => Omit<Slot, 'path'> | null;

/** Lines side by side in memory, and their words. */
export interface Lines {
  bytes: Buffer;
  view: DataView;
}

export const linesIn = (bytes: Buffer): Lines => ({
  bytes,
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
});

export class LineShape {
  readonly slots: readonly Slot[];
  /** The line's value with the place of its slot for each number. */
  readonly marked: unknown;
  /** Numbers of the line that was read last, by slot. */
  readonly values: Float64Array;
  /** That line with its newline, in {@link #lines} from {@link #from} on; a copy of it at first, and where its lines are gone. */
  #lines: Lines;
  /** The copy. */
  #kept: Lines;
  #from = 0;
  #length: number;
  /** Where its numbers begin and end, from its beginning on. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;

  private constructor(
    line: Buffer,
    slots: readonly Slot[],
    marked: unknown,
    places: readonly (readonly [number, number])[],
  ) {
    this.slots = slots;
    this.marked = marked;
    this.#starts = Int32Array.from(places, ([start]) => start);
    this.#ends = Int32Array.from(places, ([, end]) => end);
    this.values = Float64Array.from(places, ([start, end]) => Number(line.toString('latin1', start, end)));
    this.#length = line.length + 1;
    this.#kept = linesIn(Buffer.concat([line, Buffer.of(NEWLINE)]));
    this.#lines = this.#kept;
  }

  /**
   * The shape of a line that JSON.parse takes.
   * @param line its bytes, without the newline
   * @returns null where its numbers cannot be placed: a shape is only of use where each number's field is known
   */
  static of(line: Buffer, boundsOf: BoundsOf): LineShape | null {
    const places = numbersIn(line);
    if (places.length > SLOTS) return null;
    let text = '';
    let from = 0;
    for (const [i, [start, end]] of places.entries()) {
      text += line.toString('utf8', from, start) + i;
      from = end;
    }
    const marked: unknown = JSON.parse(text + line.toString('utf8', from));
    const slots: Slot[] = [];
    let found = 0;
    const place = (value: unknown, path: readonly string[]): boolean => {
      if (typeof value === 'number') {
        const bounds = boundsOf(path);
        if (bounds === null) return false;
        slots[value] = { path, ...bounds };
        found++;
      } else if (typeof value === 'object' && value !== null)
        return Object.entries(value).every(([key, inner]) => place(inner, [...path, key]));
      return true;
    };
    // A number under a name that stands twice in its object is not in the value.
    if (!place(marked, []) || found !== places.length) return null;
    const shape = new LineShape(line, sharedSlots(slots), marked, places);
    // What a number beyond the finite ones means to its field, other lines' numbers do not.
    return shape.values.every(Number.isFinite) ? shape : null;
  }

  /**
   * Reads the line that begins at `from` as one of the shape: {@link values} are its numbers then.
   * @param lines stay as they are until the next call, unless {@link leave} is called before
   * @returns where the next line begins; -1 where the line is of another shape, or a number is beyond its bounds
   */
  read(lines: Lines, from: number): number {
    const { bytes, view } = lines;
    const { bytes: oldBytes, view: oldView } = this.#lines;
    const [starts, ends, slots] = [this.#starts, this.#ends, this.slots];
    const oldFrom = this.#from;
    const oldEnd = oldFrom + this.#length;
    const [lastWords, lastOldWords] = [bytes.length - WORD, oldEnd - WORD];
    let at = from;
    let old = oldFrom;
    let count = 0;
    for (let k = 0; ; k++) {
      // What is equal, two words at a time, then one, then half of one, then byte by byte.
      const steps = Math.min(lastOldWords - old, lastWords - at);
      const end = old + steps;
      const shift = at - old;
      while (
        old <= end - WORD &&
        oldView.getFloat64(old, true) === view.getFloat64(old + shift, true) &&
        oldView.getFloat64(old + WORD, true) === view.getFloat64(old + shift + WORD, true)
      )
        old += 2 * WORD;
      if (old <= end && oldView.getFloat64(old, true) === view.getFloat64(old + shift, true)) old += WORD;
      if (old <= end + 4 && oldView.getInt32(old) === view.getInt32(old + shift)) old += 4;
      at = old + shift;
      while (old < oldEnd && oldBytes[old] === bytes[at]) {
        old++;
        at++;
      }
      if (old === oldEnd) break;
      // The number that the difference stands in, or right after.
      while (k < slots.length && oldFrom + ends[k]! < old) k++;
      if (k === slots.length || old < oldFrom + starts[k]!) return -1;
      const start = at - (old - oldFrom - starts[k]!);
      const value = readNumber(bytes, start);
      if (Number.isNaN(value)) return -1;
      at = numberEnd;
      const { least, most, isWhole } = slots[k]!;
      if (value < least || value > most || (isWhole && !Number.isInteger(value))) return -1;
      changed[count] = k;
      changedTo[count] = value;
      changedStart[count] = start - from;
      changedEnd[count++] = at - from;
      old = oldFrom + ends[k]!;
    }
    this.#accept(count);
    this.#lines = lines;
    this.#from = from;
    this.#length = at - from;
    return at;
  }

  /** Its lines are about to change: the line that was read last is kept by itself. */
  leave(lines: Lines): void {
    if (this.#lines !== lines) return;
    if (this.#kept.bytes.length < this.#length)
      this.#kept = linesIn(Buffer.allocUnsafeSlow(this.#length + SPARE));
    lines.bytes.copy(this.#kept.bytes, 0, this.#from, this.#from + this.#length);
    this.#lines = this.#kept;
    this.#from = 0;
  }

  /** What stands between numbers that changed has moved by their lengths. */
  #accept(count: number): void {
    const [starts, ends, values] = [this.#starts, this.#ends, this.values];
    let moved = 0;
    for (let i = 0, k = 0; i <= count; i++) {
      const next = i < count ? changed[i]! : starts.length;
      if (moved === 0) k = next;
      for (; k < next; k++) {
        starts[k]! += moved;
        ends[k]! += moved;
      }
      if (i === count) break;
      values[k] = changedTo[i]!;
      moved = changedEnd[i]! - ends[k]!;
      starts[k] = changedStart[i]!;
      ends[k++] = changedEnd[i]!;
    }
  }
}

/** Slots that are kept: the ranks of a run, and its runs, have the same few. */
const SHARED = 256;
const shared = new Map<string, readonly Slot[]>();

/** The same list for lines of the same fields: of thousands of ranks each would have its own. */
function sharedSlots(slots: readonly Slot[]): readonly Slot[] {
  const key = JSON.stringify(slots);
  const known = shared.get(key);
  if (known !== undefined) return known;
  if (shared.size >= SHARED) shared.clear();
  shared.set(key, slots);
  return slots;
}

/** Where the numbers of a line of JSON begin and end. */
function numbersIn(line: Buffer): [start: number, end: number][] {
  const places: [number, number][] = [];
  for (let i = 0, isText = false; i < line.length; i++) {
    const byte = line[i]!;
    if (isText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
      const start = i;
      while (i < line.length && isNumberByte(line[i]!)) i++;
      places.push([start, i--]);
    }
  }
  return places;
}
