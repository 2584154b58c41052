/** Values of no known shape: what lists, dicts and tuples that are no record hold, with a bound on how much that may be. */
import { BIG, BOOL, DICT, FLOAT, FRESH_DICT, FRESH_LIST, INT, LIST, NONE, TEXT, TUPLE } from './kinds.ts';
import { SequenceTable, type TextTable, UnreadableSnapshot } from './tables.ts';

/** A record inside a list or dict of no known shape. */
export class Handle {
  readonly kind: number;
  readonly value: number;

  constructor(kind: number, value: number) {
    this.kind = kind;
    this.value = value;
  }
}

export type Plain = null | boolean | number | string | Plain[] | Map<string, Plain> | Handle;

/** Most items of lists and dicts that are no events. */
const MOST_ITEMS = 2 ** 21;
/** Numbers of the longest tuple that is kept as numbers. */
const LONGEST_TUPLE = 16;

export class PlainValues {
  readonly #texts: TextTable;
  readonly #others: (Plain[] | Map<string, Plain>)[] = [];
  /** Tuples of small whole numbers; others are lists. */
  readonly #tuples = new SequenceTable();
  readonly #tuple = new Int32Array(LONGEST_TUPLE);
  #items = 0;

  constructor(texts: TextTable) {
    this.#texts = texts;
  }

  /** Throws UnreadableSnapshot where there are too many. */
  count(items: number): void {
    this.#items += items;
    if (this.#items > MOST_ITEMS)
      throw new UnreadableSnapshot('it has more than two million values that are no events');
  }

  /** Keeps a list or dict; the number that goes with its kind. */
  add(other: Plain[] | Map<string, Plain>): number {
    this.count(2);
    return this.#others.push(other) - 1;
  }

  list(value: number): Plain[] {
    return this.#others[value] as Plain[];
  }

  dict(value: number): Map<string, Plain> {
    return this.#others[value] as Map<string, Plain>;
  }

  /** A tuple of the values between `from` and `to`; its number. */
  tuple(kinds: Uint8Array, values: Float64Array, from: number, to: number): number {
    const length = to - from;
    let areInts = length <= LONGEST_TUPLE;
    for (let i = from; areInts && i < to; i++) areInts = kinds[i] === INT && (values[i]! | 0) === values[i];
    if (!areInts) return 2 * this.add(this.several(kinds, values, from, to)) + 1;
    for (let i = 0; i < length; i++) this.#tuple[i] = values[from + i]!;
    return 2 * this.#tuples.intern(this.#tuple, length);
  }

  several(kinds: Uint8Array, values: Float64Array, from: number, to: number): Plain[] {
    this.count(to - from);
    const plains: Plain[] = [];
    for (let i = from; i < to; i++) plains.push(this.of(kinds[i]!, values[i]!));
    return plains;
  }

  of(kind: number, value: number): Plain {
    switch (kind) {
      case NONE:
        return null;
      case BOOL:
        return value === 1;
      case INT:
      case FLOAT:
        return value;
      case BIG:
      case TEXT:
        return this.#texts.text(value);
      case FRESH_LIST:
        return [];
      case FRESH_DICT:
        return new Map();
      case LIST:
      case DICT:
        return this.#others[value]!;
      case TUPLE: {
        if (value % 2 === 1) return this.#others[(value - 1) / 2]!;
        const id = value / 2;
        return Array.from({ length: this.#tuples.length(id) }, (_, i) => this.#tuples.at(id, i));
      }
      default:
        return new Handle(kind, value);
    }
  }

  /** The other way round. */
  handle(plain: Plain): [kind: number, value: number] {
    if (plain instanceof Handle) return [plain.kind, plain.value];
    if (plain === null) return [NONE, 0];
    if (typeof plain === 'boolean') return [BOOL, plain ? 1 : 0];
    if (typeof plain === 'number') return [Number.isInteger(plain) ? INT : FLOAT, plain];
    if (typeof plain === 'string') return [TEXT, this.#texts.internText(plain)];
    return Array.isArray(plain)
      ? [plain.length === 0 ? FRESH_LIST : LIST, this.add(plain)]
      : [DICT, this.add(plain)];
  }
}
