/** The shapes of a snapshot's dicts, by the keys that are present, and how each fills its record. Every key may be missing. */
import {
  ACTIONS,
  type BlockState,
  type DumpBlock,
  type DumpSegment,
  type Events,
  UNKNOWN_ACTION,
} from './dump.ts';
import { BLOCK, DICT, EVENT, FRAME, INT, SEGMENT } from './kinds.ts';
import type { Plain } from './plain.ts';
import { UnreadableSnapshot } from './tables.ts';

/** Keys of one kind of dict in their order, and which field of its record each one is; 0 is none. */
export interface DictLayout {
  keys: Int32Array;
  shape: number;
  fields: Uint8Array;
}

/** The values of a dict's items, by their place. */
export interface Values {
  kinds: Uint8Array;
  values: Float64Array;
  size(at: number, what: string): number;
  address(at: number): number;
  stack(at: number): number;
  text(at: number): string | null;
  textId(at: number): number;
  isTrue(at: number): boolean;
  blocksOf(at: number): DumpBlock[];
  plain(at: number): Plain;
}

const FRAME_KEYS = ['filename', 'name', 'line'];
const EVENT_KEYS = ['action', 'addr', 'size', 'time_us', 'frames', 'device_free'];
export function dictLayoutOf(keys: Int32Array, textOf: (key: number) => string): DictLayout {
  const names = [...keys].map(textOf);
  const has = (name: string) => names.includes(name);
  const layout = (shape: number, of: string[]): DictLayout => ({
    keys,
    shape,
    fields: Uint8Array.from(names, name => of.indexOf(name) + 1),
  });
  if (has('blocks') && (has('total_size') || has('address')))
    return layout(SEGMENT, Object.keys(segmentKeys));
  if (has('action')) return layout(EVENT, EVENT_KEYS);
  if (has('filename') && (has('name') || has('line'))) return layout(FRAME, FRAME_KEYS);
  if (has('state') && has('size')) return layout(BLOCK, Object.keys(blockKeys));
  return layout(DICT, []);
}

/** Adds an event; its number. */
export function fillEvent(events: Events, fields: Uint8Array, from: number, of: Values): number {
  const event = events.add();
  for (let i = 0, at = from + 1; i < fields.length; i++, at += 2) {
    switch (fields[i]) {
      case 1:
        events.action[event] = actionOf(events, of, at);
        break;
      case 2:
        events.address[event] = of.address(at);
        break;
      case 3:
        events.bytes[event] = of.size(at, 'the size of an event');
        break;
      case 4:
        if (of.kinds[at] === INT) events.timeUs[event] = of.values[at]!;
        break;
      case 5:
        events.stack[event] = of.stack(at);
        break;
      case 6:
        events.deviceFreeBytes.set(event, of.size(at, 'the free memory of an event'));
        break;
    }
  }
  return event;
}

function actionOf(events: Events, of: Values, at: number): number {
  const id = of.textId(at);
  const action = events.actionCodes.get(id);
  if (action !== undefined) return action;
  const text = of.text(at);
  if (text === null) throw new UnreadableSnapshot('the action of an event is no text');
  const index = (ACTIONS as readonly string[]).indexOf(text);
  if (index < 0 && events.unknownActions.size < 32) events.unknownActions.add(text.slice(0, 64));
  const code = index < 0 ? UNKNOWN_ACTION : index;
  events.actionCodes.set(id, code);
  return code;
}

const STATES: ReadonlyMap<string | null, BlockState> = new Map([
  ['active_allocated', 'allocated'],
  ['active_pending_free', 'pending'],
  ['active_awaiting_free', 'pending'],
  ['inactive', 'free'],
]);

/** What each key sets in its record; the fields of a layout are the places of these. */
type Keys<Made> = Readonly<Record<string, (made: Made, of: Values, at: number) => void>>;

const blockKeys: Keys<DumpBlock> = {
  address(block, of, at) {
    block.address = of.address(at);
  },
  size(block, of, at) {
    block.bytes = of.size(at, 'the size of a block');
  },
  requested_size(block, of, at) {
    block.requestedBytes = of.size(at, 'the requested size of a block');
  },
  state(block, of, at) {
    const state = STATES.get(of.text(at));
    if (state === undefined) throw new UnreadableSnapshot(`a block has an unknown state`);
    block.state = state;
  },
  frames(block, of, at) {
    if (of.stack(at) > 0) block.stack = of.stack(at);
  },
  history(block, of, at) {
    readHistory(of.plain(at), block);
  },
};

const segmentKeys: Keys<DumpSegment> = {
  device(segment, of, at) {
    segment.device = of.size(at, 'the device of a segment');
  },
  address(segment, of, at) {
    segment.address = of.address(at);
  },
  total_size(segment, of, at) {
    segment.bytes = of.size(at, 'the size of a segment');
  },
  allocated_size(segment, of, at) {
    segment.allocatedBytes = of.size(at, 'the allocated size of a segment');
  },
  active_size(segment, of, at) {
    segment.activeBytes = of.size(at, 'the active size of a segment');
  },
  requested_size(segment, of, at) {
    segment.requestedBytes = of.size(at, 'the requested size of a segment');
  },
  segment_type(segment, of, at) {
    segment.isSmall = of.text(at) === 'small';
  },
  is_expandable(segment, of, at) {
    segment.isExpandable = of.isTrue(at);
  },
  blocks(segment, of, at) {
    segment.blocks = of.blocksOf(at);
  },
};

function fill<Made>(made: Made, keys: Keys<Made>, fields: Uint8Array, from: number, of: Values): void {
  const setters = Object.values(keys);
  for (let i = 0, at = from + 1; i < fields.length; i++, at += 2)
    if (fields[i]! > 0) setters[fields[i]! - 1]!(made, of, at);
}

export function fillBlock(fields: Uint8Array, from: number, of: Values): DumpBlock {
  const block: DumpBlock = { address: Number.NaN, bytes: 0, requestedBytes: -1, state: 'free', stack: 0 };
  fill(block, blockKeys, fields, from, of);
  if (block.state === 'free') block.requestedBytes = 0;
  else if (block.requestedBytes < 0) block.requestedBytes = block.bytes;
  return block;
}

/** Dumps of 2022 and 2023 keep size and frames of a block in its `history`, the last allocation first. */
function readHistory(history: Plain, block: DumpBlock): void {
  const entry = Array.isArray(history) ? history[0] : undefined;
  if (!(entry instanceof Map)) return;
  const [real, frames] = [entry.get('real_size'), entry.get('frames')];
  if (block.requestedBytes < 0 && typeof real === 'number' && Number.isSafeInteger(real) && real >= 0)
    block.requestedBytes = real;
  if (frames !== null && typeof frames === 'object' && 'value' in frames && block.stack === 0)
    block.stack = frames.value;
}

export function fillSegment(fields: Uint8Array, from: number, of: Values): DumpSegment {
  const segment: DumpSegment = {
    device: 0,
    address: Number.NaN,
    bytes: -1,
    allocatedBytes: null,
    activeBytes: null,
    requestedBytes: null,
    isSmall: false,
    isExpandable: false,
    blocks: [],
  };
  fill(segment, segmentKeys, fields, from, of);
  return placed(segment);
}

/** Blocks without an address lie one behind the other. */
function placed(segment: DumpSegment): DumpSegment {
  if (segment.device > 1024) throw new UnreadableSnapshot('a segment is of a device beyond 1024');
  let next = segment.address;
  for (const block of segment.blocks) {
    if (Number.isNaN(block.address)) block.address = next;
    next = block.address + block.bytes;
  }
  if (segment.bytes < 0) segment.bytes = segment.blocks.reduce((sum, { bytes }) => sum + bytes, 0);
  return segment;
}
