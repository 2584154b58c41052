/**
 * JSON as bytes, as `JSON.stringify` writes it, for events that come by the hundred thousand: names and texts that were met are
 * copied, digits are written in place, and no string is made.
 */

/** JSON whose bytes are copied again and again, four at once: the last few of them are no part of it. */
export interface JsonPiece {
  fours: Int32Array;
  /** Of its bytes. */
  length: number;
}

/** A name or a text that was met. */
interface Known {
  text: string;
  json: JsonPiece;
  /** The name that came after this one last: mostly it does again. */
  next: Known | null;
}

/** Longest name or text whose bytes are kept, and how many are. */
const LONGEST_KEPT = 80;
const MOST_KEPT = 4096;
/** Below it, decimals of so few digits that make a number are the ones that JSON.stringify finds. */
const EXACT = 1e15;
const MOST_DECIMALS = 4;
const PARTS = 10 ** MOST_DECIMALS;
const LONGEST_NUMBER = 20;
/** The digits of 0 to 99, two each. */
const PAIRS = Buffer.from(Array.from({ length: 100 }, (_, i) => `${i}`.padStart(2, '0')).join(''));
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const [OPENS_LIST, CLOSES_LIST, OPENS, CLOSES] = [91, 93, 123, 125] as const;

export class JsonBytes {
  /** What was written is the first `length` of these. */
  bytes = Buffer.allocUnsafe(4096);
  length = 0;
  #view = viewOf(this.bytes);
  #names = new Map<string, Known>();
  #texts = new Map<string, Known>();
  #newest: Known = { text: '', json: pieceOf(''), next: null };

  /**
   * Writes a value made of plain objects, arrays, texts, numbers, booleans and null. Throws what `JSON.stringify` throws; what was
   * written until then stands.
   */
  value(value: unknown): void {
    if (typeof value === 'number') this.number(value);
    else if (typeof value === 'string')
      this.copy((this.#texts.get(value) ?? keep(this.#texts, value, JSON.stringify(value))).json);
    else if (Array.isArray(value)) this.#array(value);
    else if (typeof value === 'object' && value !== null) this.#object(value as Record<string, unknown>);
    else this.copy(pieceOf(JSON.stringify(value) ?? 'null'));
  }

  number(value: number): void {
    const size = Math.abs(value);
    if (size < EXACT && Math.floor(size) === size) {
      this.#decimal(value < 0, size, 0);
      return;
    }
    let units = Math.round(size * PARTS);
    if (units < EXACT && units / PARTS === size) {
      let decimals = MOST_DECIMALS;
      for (let fewer = Math.floor(units / 10); fewer * 10 === units; fewer = Math.floor(units / 10)) {
        units = fewer;
        decimals--;
      }
      this.#decimal(value < 0, units, decimals);
      return;
    }
    // As JSON.stringify writes it.
    this.#ascii(Number.isFinite(value) ? `${value}` : 'null');
  }

  /** Writes what is JSON already. */
  copy({ fours, length }: JsonPiece): void {
    // What is written behind it is written over.
    this.#reserve(4 * fours.length);
    const view = this.#view;
    const at = this.length;
    for (let i = 0; i < fours.length; i++) view.setInt32(at + 4 * i, fours[i]!, true);
    this.length = at + length;
  }

  #ascii(text: string): void {
    this.#reserve(text.length);
    const { bytes, length: at } = this;
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
    this.length = at + text.length;
  }

  #array(values: readonly unknown[]): void {
    this.#byte(OPENS_LIST);
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.#byte(COMMA);
      this.value(values[i]);
    }
    this.#byte(CLOSES_LIST);
  }

  #object(values: Record<string, unknown>): void {
    const start = this.length;
    for (const name in values) {
      const value = values[name];
      if (value === undefined) continue;
      let known = this.#newest.next;
      if (known === null || known.text !== name) {
        known = this.#names.get(name) ?? keep(this.#names, name, `,${JSON.stringify(name)}:`);
        this.#newest.next = known;
      }
      this.#newest = known;
      this.copy(known.json);
      this.value(value);
    }
    if (this.length === start) this.#byte(COMMA);
    this.bytes[start] = OPENS;
    this.#byte(CLOSES);
  }

  /** A number of wholes, of tenths, of hundredths … */
  #decimal(isNegative: boolean, units: number, decimals: number): void {
    this.#reserve(LONGEST_NUMBER);
    const { bytes } = this;
    if (isNegative) bytes[this.length++] = MINUS;
    const high = Math.floor(units / 1e8);
    const low = units - high * 1e8;
    let count = high === 0 ? digitsOf(low) : digitsOf(high) + 8;
    if (count <= decimals) count = decimals + 1;
    const from = this.length;
    const end = from + count;
    if (high === 0) writeDigits(bytes, from, end, low);
    else {
      writeDigits(bytes, from, end - 8, high);
      writeDigits(bytes, end - 8, end, low);
    }
    this.length = end;
    if (decimals === 0) return;
    for (let i = end; i > end - decimals; i--) bytes[i] = bytes[i - 1]!;
    bytes[end - decimals] = POINT;
    this.length++;
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.bytes[this.length++] = byte;
  }

  #reserve(more: number): void {
    if (this.length + more > this.bytes.length) this.#grow(more);
  }

  #grow(more: number): void {
    const bytes = Buffer.allocUnsafe(2 * (this.length + more));
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

const viewOf = ({ buffer, byteOffset, length }: Uint8Array) => new DataView(buffer, byteOffset, length);

/** JSON as a piece, for {@link JsonBytes.copy}. */
export function pieceOf(json: string): JsonPiece {
  const bytes = Buffer.from(`${json}   `);
  const length = bytes.length - 3;
  const fours = new Int32Array((length + 3) >> 2);
  for (let i = 0; i < fours.length; i++) fours[i] = bytes.readInt32LE(4 * i);
  return { fours, length };
}

function keep(of: Map<string, Known>, text: string, json: string): Known {
  const known = { text, json: pieceOf(json), next: null };
  if (of.size >= MOST_KEPT) of.clear();
  if (text.length <= LONGEST_KEPT) of.set(text, known);
  return known;
}

/** Digits of a number below 10^8. */
function digitsOf(whole: number): number {
  let count = 1;
  for (let power = 10; power <= whole; power *= 10) count++;
  return count;
}

/** Writes a whole number below 10^8 in the place that is given, zeros in front. */
function writeDigits(bytes: Uint8Array, from: number, to: number, whole: number): void {
  let rest = whole | 0;
  let at = to;
  while (at - from >= 2) {
    const next = (rest / 100) | 0;
    const pair = (rest - next * 100) * 2;
    bytes[--at] = PAIRS[pair + 1]!;
    bytes[--at] = PAIRS[pair]!;
    rest = next;
  }
  if (at > from) bytes[from] = ZERO + rest;
}
