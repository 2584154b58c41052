/**
 * What pickles and JSON build on: a stack of values and a memo, with neither objects nor code of the file. A value is a kind and
 * a number. A dict or list becomes a record (an event, a frame, a stack, …) as soon as its items are set, so that millions of
 * events are columns, never objects. Everything has a bound.
 */
import type { Dump } from './dump.ts';
import { FLOAT, FRESH_DICT, FRESH_LIST, INT, TUPLE } from './kinds.ts';
import { Records } from './records.ts';
import { dumpFrom } from './root.ts';
import { grown, UnreadableSnapshot } from './tables.ts';

const MOST_VALUES = 2 ** 20;
const MOST_MARKS = 256;
const MOST_MEMO = 2 ** 26;
/** Of the memo: an empty list or dict that was fetched from it, and so must stay empty. */
const SHARED = 32;

export class Machine {
  kinds = new Uint8Array(4096);
  values = new Float64Array(4096);
  /** Where each is in the memo; −1 where it is not. */
  #slots = new Int32Array(4096);
  /** How many values are on the stack. */
  top = 0;
  #marks = new Int32Array(MOST_MARKS);
  #depth = 0;
  #memoKinds = new Uint8Array(4096);
  #memoValues = new Uint32Array(4096);
  /** Values in the memo that are no small whole number. */
  readonly #memoNumbers = new Map<number, number>();
  #memoCount = 0;
  readonly records: Records;

  /** @param size bytes of the file, unpacked, as far as known: how much room is set aside. */
  constructor(size: number | null) {
    this.records = new Records(size);
  }

  push(kind: number, value: number): void {
    const at = this.top++;
    if (at >= this.kinds.length) {
      if (at >= MOST_VALUES) throw new UnreadableSnapshot('it piles up more than a million values');
      this.kinds = grown(this.kinds, at + 1);
      this.values = grown(this.values, at + 1);
      this.#slots = grown(this.#slots, at + 1);
    }
    this.kinds[at] = kind;
    this.values[at] = value;
    this.#slots[at] = -1;
  }

  mark(): void {
    if (this.#depth >= MOST_MARKS) throw new UnreadableSnapshot(`it nests deeper than ${MOST_MARKS} levels`);
    this.#marks[this.#depth++] = this.top;
  }

  /** Values above the last mark. */
  sinceMark(): number {
    return this.#depth === 0 ? 0 : this.top - this.#marks[this.#depth - 1]!;
  }

  #popMark(): number {
    if (this.#depth === 0) throw new UnreadableSnapshot('it takes items from a mark that is not there');
    return this.#marks[--this.#depth]!;
  }

  memoize(): void {
    this.put(this.#memoCount);
  }

  put(index: number): void {
    const top = this.#top();
    if (index >= MOST_MEMO) throw new UnreadableSnapshot(`it remembers more than ${MOST_MEMO} values`);
    if (index > this.#memoCount + 1000)
      throw new UnreadableSnapshot('it numbers what it remembers with gaps');
    if (index >= this.#memoKinds.length) {
      this.#memoKinds = grown(this.#memoKinds, index + 1);
      this.#memoValues = grown(this.#memoValues, index + 1);
    }
    for (; this.#memoCount <= index; this.#memoCount++) this.#memoKinds[this.#memoCount] = 255;
    const kind = this.kinds[top]!;
    this.#memoKinds[index] = kind;
    if (kind === INT || kind === FLOAT) this.#memoNumbers.set(index, this.values[top]!);
    else this.#memoValues[index] = this.values[top]!;
    if (this.#memoNumbers.size > 2 ** 20)
      throw new UnreadableSnapshot('it remembers more than a million numbers');
    this.#slots[top] = index;
  }

  get(index: number): void {
    const kind = index < this.#memoCount ? this.#memoKinds[index]! : 255;
    if (kind === 255) throw new UnreadableSnapshot('it fetches a value that it did not remember');
    const plain = kind & ~SHARED;
    if (kind === FRESH_LIST || kind === FRESH_DICT) this.#memoKinds[index] = kind | SHARED;
    this.push(
      plain,
      plain === INT || plain === FLOAT ? this.#memoNumbers.get(index)! : this.#memoValues[index]!,
    );
    this.#slots[this.top - 1] = index;
  }

  #top(): number {
    const least = this.#depth === 0 ? 0 : this.#marks[this.#depth - 1]!;
    if (this.top <= least) throw new UnreadableSnapshot('it takes a value from an empty stack');
    return this.top - 1;
  }

  /** Gives the value at `at` a new meaning, in the memo too. */
  #become(at: number, kind: number, value: number): void {
    const slot = this.#slots[at]!;
    if (slot >= 0) {
      if (this.#memoKinds[slot]! & SHARED)
        throw new UnreadableSnapshot('it fills a list or dict that it used while empty');
      this.#memoKinds[slot] = kind;
      this.#memoValues[slot] = value;
    }
    this.kinds[at] = kind;
    this.values[at] = value;
  }

  /** The values above the mark become a tuple. */
  tuple(): void {
    this.tupleOf(this.top - this.#popMark());
  }

  tupleOf(length: number): void {
    const from = this.top - length;
    if (from < 0 || (this.#depth > 0 && from < this.#marks[this.#depth - 1]!))
      throw new UnreadableSnapshot('it makes a tuple of more than there is');
    const value = this.records.plains.tuple(this.kinds, this.values, from, this.top);
    this.top = from;
    this.push(TUPLE, value);
  }

  append(): void {
    this.#append(this.#top());
  }

  appends(): void {
    this.#append(this.#popMark());
  }

  #append(from: number): void {
    const list = from - 1;
    if (list < 0 || (this.#depth > 0 && list < this.#marks[this.#depth - 1]!))
      throw new UnreadableSnapshot('it appends to what is not there');
    if (this.top > from) {
      const [kind, value] = [this.kinds[list]!, this.values[list]!];
      const becomes = this.records.append(kind, value, this.kinds, this.values, from, this.top);
      if (becomes !== kind || this.records.made !== value) this.#become(list, becomes, this.records.made);
    }
    this.top = from;
  }

  setItem(): void {
    this.#setItems(this.top - 2);
  }

  setItems(): void {
    this.#setItems(this.#popMark());
  }

  #setItems(from: number): void {
    const dict = from - 1;
    if (dict < 0 || (this.#depth > 0 && dict < this.#marks[this.#depth - 1]!) || (this.top - from) % 2 !== 0)
      throw new UnreadableSnapshot('it sets items of what is not there');
    if (this.top > from) {
      const [kind, value] = [this.kinds[dict]!, this.values[dict]!];
      const becomes = this.records.setItems(kind, value, this.kinds, this.values, from, this.top);
      if (becomes !== kind || this.records.made !== value) this.#become(dict, becomes, this.records.made);
    }
    this.top = from;
  }

  /** The one value that is left is the snapshot. */
  stop(format: string): Dump {
    if (this.top !== 1 || this.#depth !== 0) throw new UnreadableSnapshot('it ends with values left over');
    return dumpFrom(this.records, this.records.plains.of(this.kinds[0]!, this.values[0]!), format);
  }
}
