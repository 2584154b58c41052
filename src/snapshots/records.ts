/** Dicts and lists of a snapshot become records here, recognised by the keys that are present: no generation has a number. */
import { type DumpBlock, type DumpSegment, Events, type Range } from './dump.ts';
import {
  BIG,
  BLOCK,
  BOOL,
  DICT,
  EVENT,
  EVENTS,
  FRAME,
  FRESH_DICT,
  FRESH_LIST,
  INT,
  LIST,
  SEGMENT,
  STACK,
  TEXT,
} from './kinds.ts';
import { type Plain, PlainValues } from './plain.ts';
import { type DictLayout, dictLayoutOf, fillBlock, fillEvent, fillSegment, type Values } from './shapes.ts';
import { SequenceTable, TextTable, UnreadableSnapshot } from './tables.ts';

const MOST_EVENTS = 2 ** 26;
const EMPTY_STACK = 0;

/** A list of records of one kind, which follow one another. */
export interface RecordRange extends Range {
  of: number;
}

export class Records implements Values {
  readonly texts = new TextTable();
  readonly frames = new SequenceTable();
  readonly stacks = new SequenceTable();
  readonly events: Events;
  readonly blocks: DumpBlock[] = [];
  readonly segments: DumpSegment[] = [];
  /** Lists of events, of blocks or of segments. */
  readonly ranges: RecordRange[] = [];
  /** What is no record. */
  readonly plains = new PlainValues(this.texts);
  /** What the last list or dict became: the number that goes with its kind. */
  made = 0;
  kinds: Uint8Array = new Uint8Array(0);
  values: Float64Array = new Float64Array(0);
  readonly #layouts: DictLayout[] = [];
  readonly #layoutIds = new SequenceTable();
  #last: DictLayout | null = null;
  #buffer = new Int32Array(4096);

  constructor(size: number | null) {
    // Few events take less than 60 bytes of a file.
    this.events = new Events(Math.min(2 ** 24, Math.max(1024, Math.ceil((size ?? 2 ** 22) / 60))));
    this.stacks.intern(this.#buffer, EMPTY_STACK);
  }

  /** Appends values to a list; what it is then, with its number in `made`. */
  append(
    kind: number,
    value: number,
    kinds: Uint8Array,
    values: Float64Array,
    from: number,
    to: number,
  ): number {
    for (let i = from; i < to; i++) if (kinds[i] === DICT) this.#seal(kinds, values, i);
    const item = kinds[from]!;
    const isFresh = kind === FRESH_LIST;
    this.made = value;
    if (isFresh ? item === FRAME : kind === STACK)
      return this.#appendFrames(isFresh ? EMPTY_STACK : value, kinds, values, from, to);
    if (isFresh ? item === EVENT || item === BLOCK || item === SEGMENT : kind === EVENTS)
      return this.#appendRecords(
        isFresh ? this.ranges.push({ first: values[from]!, count: 0, of: item }) - 1 : value,
        kinds,
        values,
        from,
        to,
      );
    if (!isFresh && kind !== LIST) throw new UnreadableSnapshot('it appends to what is no list');
    const plains = this.plains.several(kinds, values, from, to);
    if (isFresh) this.made = this.plains.add(plains);
    else for (const plain of plains) this.plains.list(value).push(plain);
    return LIST;
  }

  #appendFrames(stack: number, kinds: Uint8Array, values: Float64Array, from: number, to: number): number {
    const before = this.stacks.length(stack);
    const length = before + to - from;
    if (length > 2 ** 16) throw new UnreadableSnapshot('it has a stack of more than 65536 frames');
    if (length > this.#buffer.length) this.#buffer = new Int32Array(2 * length);
    const buffer = this.#buffer;
    for (let i = 0; i < before; i++) buffer[i] = this.stacks.at(stack, i);
    for (let i = from; i < to; i++) {
      if (kinds[i] !== FRAME) throw new UnreadableSnapshot('a stack holds something that is no frame');
      buffer[before + i - from] = values[i]!;
    }
    this.made = this.stacks.intern(buffer, length);
    return STACK;
  }

  #appendRecords(list: number, kinds: Uint8Array, values: Float64Array, from: number, to: number): number {
    const range = this.ranges[list]!;
    for (let i = from; i < to; i++) {
      if (kinds[i] !== range.of || values[i] !== range.first + range.count)
        throw new UnreadableSnapshot('a list mixes events, blocks or segments with others, or repeats one');
      range.count++;
    }
    this.made = list;
    return EVENTS;
  }

  /** Sets items of a dict; what it is then, with its number in `made`. Keys and values alternate. */
  setItems(
    kind: number,
    value: number,
    kinds: Uint8Array,
    values: Float64Array,
    from: number,
    to: number,
  ): number {
    this.made = value;
    if (kind !== FRESH_DICT && kind !== DICT)
      throw new UnreadableSnapshot('it sets items of what is no dict, or of one already used');
    if (kind === FRESH_DICT && to - from > 2) {
      const layout = this.#layout(kinds, values, from, to);
      if (layout !== null && layout.shape !== DICT) return this.#record(layout, kinds, values, from);
    }
    let map: Map<string, Plain>;
    if (kind === DICT) map = this.plains.dict(value);
    else {
      map = new Map();
      this.made = this.plains.add(map);
    }
    for (let i = from; i < to; i += 2) {
      if (kinds[i]! > TEXT) throw new UnreadableSnapshot('a key is neither a text nor a number');
      this.plains.count(1);
      map.set(String(this.plains.of(kinds[i]!, values[i]!)), this.plains.of(kinds[i + 1]!, values[i + 1]!));
    }
    return DICT;
  }

  #record(layout: DictLayout, kinds: Uint8Array, values: Float64Array, from: number): number {
    this.kinds = kinds;
    this.values = values;
    if (layout.shape === EVENT) {
      if (this.events.count >= MOST_EVENTS)
        throw new UnreadableSnapshot(`it has more than ${MOST_EVENTS} events`);
      this.made = fillEvent(this.events, layout.fields, from, this);
    } else if (layout.shape === FRAME) {
      const { fields } = layout;
      this.#buffer.fill(this.texts.internText(''), 0, 2);
      this.#buffer[2] = 0;
      for (let i = 0; i < fields.length; i++) {
        const at = from + 2 * i + 1;
        if (fields[i]! > 0 && kinds[at] === (fields[i] === 3 ? INT : TEXT))
          this.#buffer[fields[i]! - 1] = values[at]!;
      }
      this.made = this.frames.intern(this.#buffer, 3);
    } else {
      this.plains.count(8);
      if (layout.shape === BLOCK) this.made = this.blocks.push(fillBlock(layout.fields, from, this)) - 1;
      else this.made = this.segments.push(fillSegment(layout.fields, from, this)) - 1;
    }
    return layout.shape;
  }

  #layout(kinds: Uint8Array, values: Float64Array, from: number, to: number): DictLayout | null {
    const length = (to - from) / 2;
    const last = this.#last;
    let isLast = last !== null && last.keys.length === length;
    for (let i = 0; isLast && i < length; i++)
      isLast = values[from + 2 * i] === last!.keys[i] && kinds[from + 2 * i] === TEXT;
    if (isLast) return last;
    if (length > 64) return null;
    for (let i = 0; i < length; i++) {
      if (kinds[from + 2 * i] !== TEXT) return null;
      this.#buffer[i] = values[from + 2 * i]!;
    }
    const id = this.#layoutIds.intern(this.#buffer, length);
    this.#layouts[id] ??= dictLayoutOf(this.#buffer.slice(0, length), key => this.texts.text(key));
    this.#last = this.#layouts[id]!;
    return this.#last;
  }

  /** A dict that was filled key by key, now used as an item of a list: a record, where its keys are those of one. */
  #seal(kinds: Uint8Array, values: Float64Array, at: number): void {
    const map = this.plains.dict(values[at]!);
    if (map.size > 64 || !(map.has('action') || map.has('filename') || map.has('blocks') || map.has('state')))
      return;
    const itemKinds = new Uint8Array(2 * map.size);
    const itemValues = new Float64Array(2 * map.size);
    let i = 0;
    for (const [key, plain] of map) {
      itemKinds[i] = TEXT;
      itemValues[i++] = this.texts.internText(key);
      [itemKinds[i], itemValues[i++]] = this.plains.handle(plain);
    }
    const layout = this.#layout(itemKinds, itemValues, 0, i);
    if (layout === null || layout.shape === DICT) return;
    kinds[at] = this.#record(layout, itemKinds, itemValues, 0);
    values[at] = this.made;
  }

  // --- values, as the shapes read them ------------------------------------------------------------------

  /** A whole number that is no address; `what` it is, for the error. */
  size(at: number, what: string): number {
    const size = this.values[at]!;
    if (this.kinds[at] !== INT || !Number.isSafeInteger(size))
      throw new UnreadableSnapshot(`${what} is no whole number`);
    if (size < 0) throw new UnreadableSnapshot(`${what} is negative`);
    return size;
  }

  /** Addresses that a double cannot hold are the negative numbers of their texts. */
  address(at: number): number {
    if (this.kinds[at] === BIG) return -1 - this.values[at]!;
    if (this.kinds[at] === INT) return this.values[at]!;
    return Number.NaN;
  }

  stack(at: number): number {
    return this.kinds[at] === STACK ? this.values[at]! : EMPTY_STACK;
  }

  text(at: number): string | null {
    return this.kinds[at] === TEXT ? this.texts.text(this.values[at]!) : null;
  }

  textId(at: number): number {
    return this.kinds[at] === TEXT ? this.values[at]! : -1;
  }

  isTrue(at: number): boolean {
    return this.kinds[at] === BOOL && this.values[at] === 1;
  }

  blocksOf(at: number): DumpBlock[] {
    if (this.kinds[at] === FRESH_LIST) return [];
    const range = this.kinds[at] === EVENTS ? this.ranges[this.values[at]!]! : null;
    if (range?.of !== BLOCK) throw new UnreadableSnapshot('the blocks of a segment are none');
    return this.blocks.slice(range.first, range.first + range.count);
  }

  plain(at: number): Plain {
    return this.plains.of(this.kinds[at]!, this.values[at]!);
  }
}
