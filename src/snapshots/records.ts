/** Dicts and lists of a snapshot become records here, recognised by the keys that are present: no generation has a number. */
import { type Block, type Dump, Events, type Range, type Segment } from './dump.ts';
import {
  BIG,
  BLOCK,
  BOOL,
  DICT,
  EVENT,
  EVENTS,
  FLOAT,
  FRAME,
  FRESH_DICT,
  FRESH_LIST,
  INT,
  LIST,
  NONE,
  SEGMENT,
  STACK,
  TEXT,
  TUPLE,
} from './kinds.ts';
import { Handle, type Plain } from './plain.ts';
import { fillBlock, fillEvent, fillSegment, type Layout, layoutOf, type Values } from './shapes.ts';
import { SequenceTable, TextTable, UnreadableSnapshot } from './tables.ts';

/** Most events, and most items of lists and dicts that are no record. */
const MOST_EVENTS = 2 ** 26;
const MOST_ITEMS = 2 ** 21;
const EMPTY_STACK = 0;

export class Records implements Values {
  readonly texts = new TextTable();
  readonly frames = new SequenceTable();
  readonly stacks = new SequenceTable();
  readonly events: Events;
  readonly blocks: Block[] = [];
  readonly segments: Segment[] = [];
  readonly ranges: Range[] = [];
  /** What the last list or dict became: the number that goes with its kind. */
  made = 0;
  kinds: Uint8Array = new Uint8Array(0);
  values: Float64Array = new Float64Array(0);
  readonly #others: (Plain[] | Map<string, Plain>)[] = [];
  #items = 0;
  readonly #tuples = new SequenceTable();
  readonly #layouts: Layout[] = [];
  readonly #layoutIds = new SequenceTable();
  #last: Layout | null = null;
  #buffer = new Int32Array(4096);

  constructor(size: number | null) {
    // Few events take less than 60 bytes of a file.
    this.events = new Events(Math.min(2 ** 24, Math.max(1024, Math.ceil((size ?? 2 ** 22) / 60))));
    this.stacks.intern(this.#buffer, EMPTY_STACK);
  }

  /** A tuple of the values between `from` and `to`; its number. */
  tuple(kinds: Uint8Array, values: Float64Array, from: number, to: number): number {
    const length = to - from;
    let areInts = length <= 16;
    for (let i = from; areInts && i < to; i++) areInts = kinds[i] === INT && (values[i]! | 0) === values[i];
    if (!areInts) return 2 * this.#other(this.#plains(kinds, values, from, to)) + 1;
    for (let i = 0; i < length; i++) this.#buffer[i] = values[from + i]!;
    return 2 * this.#tuples.intern(this.#buffer, length);
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
        isFresh
          ? this.ranges.push({ first: values[from]!, count: 0, of: item } as Range & { of: number }) - 1
          : value,
        kinds,
        values,
        from,
        to,
      );
    if (!isFresh && kind !== LIST) throw new UnreadableSnapshot('it appends to what is no list');
    const plains = this.#plains(kinds, values, from, to);
    if (isFresh) this.made = this.#other(plains);
    else for (const plain of plains) (this.#others[value] as Plain[]).push(plain);
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
    const range = this.ranges[list]! as Range & { of: number };
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
    if (kind === DICT) map = this.#others[value] as Map<string, Plain>;
    else {
      map = new Map();
      this.made = this.#other(map);
    }
    for (let i = from; i < to; i += 2) {
      if (kinds[i]! > TEXT) throw new UnreadableSnapshot('a key is neither a text nor a number');
      this.#count(1);
      map.set(String(this.#plain(kinds[i]!, values[i]!)), this.#plain(kinds[i + 1]!, values[i + 1]!));
    }
    return DICT;
  }

  #record(layout: Layout, kinds: Uint8Array, values: Float64Array, from: number): number {
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
      this.#count(8);
      if (layout.shape === BLOCK) this.made = this.blocks.push(fillBlock(layout.fields, from, this)) - 1;
      else this.made = this.segments.push(fillSegment(layout.fields, from, this)) - 1;
    }
    return layout.shape;
  }

  #layout(kinds: Uint8Array, values: Float64Array, from: number, to: number): Layout | null {
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
    this.#layouts[id] ??= layoutOf(this.#buffer.slice(0, length), key => this.texts.text(key));
    this.#last = this.#layouts[id]!;
    return this.#last;
  }

  /** A dict that was filled key by key, now used as an item of a list: a record, where its keys are those of one. */
  #seal(kinds: Uint8Array, values: Float64Array, at: number): void {
    const map = this.#others[values[at]!] as Map<string, Plain>;
    if (map.size > 64 || !(map.has('action') || map.has('filename') || map.has('blocks') || map.has('state')))
      return;
    const itemKinds = new Uint8Array(2 * map.size);
    const itemValues = new Float64Array(2 * map.size);
    let i = 0;
    for (const [key, plain] of map) {
      itemKinds[i] = TEXT;
      itemValues[i++] = this.texts.internText(key);
      [itemKinds[i], itemValues[i++]] = this.#handle(plain);
    }
    const layout = this.#layout(itemKinds, itemValues, 0, i);
    if (layout === null || layout.shape === DICT) return;
    kinds[at] = this.#record(layout, itemKinds, itemValues, 0);
    values[at] = this.made;
  }

  // --- values, as the shapes read them ------------------------------------------------------------------

  /** A whole number that is no address; `what` it is, for the error. */
  whole(at: number, what: string): number {
    if (this.kinds[at] !== INT || !Number.isSafeInteger(this.values[at]))
      throw new UnreadableSnapshot(`${what} is no whole number`);
    return this.values[at]!;
  }

  size(at: number, what: string): number {
    const size = this.whole(at, what);
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

  blocksOf(at: number): Block[] {
    const range =
      this.kinds[at] === EVENTS ? (this.ranges[this.values[at]!] as Range & { of: number }) : null;
    if (range === null) {
      if (this.kinds[at] !== FRESH_LIST) throw new UnreadableSnapshot('the blocks of a segment are none');
      return [];
    }
    if (range.of !== BLOCK) throw new UnreadableSnapshot('the blocks of a segment are none');
    return this.blocks.slice(range.first, range.first + range.count);
  }

  plain(at: number): Plain {
    return this.#plain(this.kinds[at]!, this.values[at]!);
  }

  // --- what is no record --------------------------------------------------------------------------------

  #count(items: number): void {
    this.#items += items;
    if (this.#items > MOST_ITEMS)
      throw new UnreadableSnapshot('it has more than two million values that are no events');
  }

  #other(other: Plain[] | Map<string, Plain>): number {
    this.#count(2);
    return this.#others.push(other) - 1;
  }

  #plains(kinds: Uint8Array, values: Float64Array, from: number, to: number): Plain[] {
    this.#count(to - from);
    const plains: Plain[] = [];
    for (let i = from; i < to; i++) plains.push(this.#plain(kinds[i]!, values[i]!));
    return plains;
  }

  #plain(kind: number, value: number): Plain {
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
        return this.texts.text(value);
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

  #handle(plain: Plain): [kind: number, value: number] {
    if (plain instanceof Handle) return [plain.kind, plain.value];
    if (plain === null) return [NONE, 0];
    if (typeof plain === 'boolean') return [BOOL, plain ? 1 : 0];
    if (typeof plain === 'number') return [Number.isInteger(plain) ? INT : FLOAT, plain];
    if (typeof plain === 'string') return [TEXT, this.texts.internText(plain)];
    return Array.isArray(plain)
      ? [plain.length === 0 ? FRESH_LIST : LIST, this.#other(plain)]
      : [DICT, this.#other(plain)];
  }

  // --- the whole ----------------------------------------------------------------------------------------

  /** The snapshot that the value is. Throws where it is none. */
  dump(kind: number, value: number, format: string): Dump {
    const root = this.#plain(kind, value);
    const base = { format, events: this.events, texts: this.texts, frames: this.frames, stacks: this.stacks };
    const list = this.#rangeOf(root, SEGMENT);
    if (list !== null)
      return { ...base, keys: [], segments: this.#slice(list), traces: [], hostSegments: 0, settings: null };
    if (!(root instanceof Map) || !root.has('segments'))
      throw new UnreadableSnapshot('it is no memory snapshot of PyTorch: it has no segments');
    const segments = this.#rangeOf(root.get('segments')!, SEGMENT);
    const traces = root.get('device_traces') ?? [];
    if (segments === null || !Array.isArray(traces))
      throw new UnreadableSnapshot('its segments or its traces are no lists of such');
    const settings = root.get('allocator_settings');
    const host = root.get('host_segments') ?? [];
    return {
      ...base,
      keys: [...root.keys()],
      segments: this.#slice(segments),
      traces: traces.map(trace => {
        const range = this.#rangeOf(trace, EVENT);
        if (range === null) throw new UnreadableSnapshot('a trace is no list of events');
        return { first: range.first, count: range.count };
      }),
      hostSegments: this.#rangeOf(host, SEGMENT)?.count ?? (Array.isArray(host) ? host.length : 0),
      settings: settings instanceof Map ? (objectOf(settings, 0) as Record<string, unknown>) : null,
    };
  }

  #slice({ first, count }: Range): Segment[] {
    return this.segments.slice(first, first + count);
  }

  #rangeOf(plain: Plain, of: number): Range | null {
    if (Array.isArray(plain) && plain.length === 0) return { first: 0, count: 0 };
    if (!(plain instanceof Handle) || plain.kind !== EVENTS) return null;
    const range = this.ranges[plain.value]! as Range & { of: number };
    return range.of === of ? range : null;
  }
}

/** Plain values as JSON has them; what is a record, or nests deeper than settings do, is left out. */
function objectOf(plain: Plain, depth: number): unknown {
  if (plain instanceof Handle || depth > 8) return null;
  if (Array.isArray(plain)) return plain.slice(0, 1000).map(item => objectOf(item, depth + 1));
  if (plain instanceof Map)
    return Object.fromEntries(
      [...plain].slice(0, 1000).map(([key, item]) => [key, objectOf(item, depth + 1)]),
    );
  return plain;
}
