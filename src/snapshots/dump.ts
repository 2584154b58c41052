/** A memory snapshot as it was read: segments with their blocks, and the timeline of each device in columns. */
import { grown, type SequenceTable, type TextTable } from './tables.ts';

export const ACTIONS = [
  'alloc',
  'free_requested',
  'free_completed',
  'segment_alloc',
  'segment_free',
  'segment_map',
  'segment_unmap',
  'snapshot',
  'oom',
  'annotate',
  'user_defined',
] as const;
export const [
  ALLOC,
  FREE_REQUESTED,
  FREE_COMPLETED,
  SEGMENT_ALLOC,
  SEGMENT_FREE,
  SEGMENT_MAP,
  SEGMENT_UNMAP,
] = [0, 1, 2, 3, 4, 5, 6] as const;
export const OOM = 8;
/** An action of a PyTorch that is newer than this reader: kept, and without effect. */
export const UNKNOWN_ACTION = 255;

/** Allocated, freed and still awaited by a stream, or free. */
export type BlockState = 'allocated' | 'pending' | 'free';

export interface DumpBlock {
  address: number;
  /** Bytes that it takes of its segment. */
  bytes: number;
  /** Bytes that were asked for; 0 where it is free. */
  requestedBytes: number;
  state: BlockState;
  /** Where it was allocated; the empty stack where nothing was recorded. */
  stack: number;
}

export interface DumpSegment {
  device: number;
  address: number;
  bytes: number;
  /** What the allocator itself counted in it; null where the dump has no such key. */
  allocatedBytes: number | null;
  activeBytes: number | null;
  requestedBytes: number | null;
  isSmall: boolean;
  isExpandable: boolean;
  blocks: DumpBlock[];
}

/** Columns of events, in the order of the file. One event takes 29 bytes. */
export class Events {
  count = 0;
  action: Uint8Array;
  address: Float64Array;
  bytes: Float64Array;
  /** Microseconds since 1970; NaN where the dump has no times. */
  timeUs: Float64Array;
  stack: Int32Array;
  /** What the device had free, of each refused request. */
  readonly deviceFreeBytes = new Map<number, number>();
  readonly unknownActions = new Set<string>();
  /** Code of each action, by the number of its text. */
  readonly actionCodes = new Map<number, number>();

  /** @param room events for which there is room without copying; what is not touched costs no memory. */
  constructor(room: number) {
    this.action = new Uint8Array(room);
    this.address = new Float64Array(room);
    this.bytes = new Float64Array(room);
    this.timeUs = new Float64Array(room);
    this.stack = new Int32Array(room);
  }

  /** Room for one more, with the values of an event of which nothing is known; its number. */
  add(): number {
    const i = this.count++;
    if (i >= this.action.length) {
      this.action = grown(this.action, i + 1);
      this.address = grown(this.address, i + 1);
      this.bytes = grown(this.bytes, i + 1);
      this.timeUs = grown(this.timeUs, i + 1);
      this.stack = grown(this.stack, i + 1);
    }
    this.action[i] = UNKNOWN_ACTION;
    this.address[i] = Number.NaN;
    this.timeUs[i] = Number.NaN;
    return i;
  }
}

/** Part of the events, in their order: the timeline of one device. */
export interface Range {
  first: number;
  count: number;
}

export interface Frame {
  function: string;
  file: string;
  line: number;
}

export interface Dump {
  /** What it was: `a pickle of protocol 4`, `JSON`. */
  format: string;
  /** Keys at its top, in their order: they show its generation. */
  keys: string[];
  segments: DumpSegment[];
  events: Events;
  /** By index of the device. */
  traces: Range[];
  /** Pinned memory of the host, which newer ones have; counted, not explained. */
  hostSegments: number;
  settings: Record<string, unknown> | null;
  texts: TextTable;
  /** Frames as (text of file, text of function, line). */
  frames: SequenceTable;
  /** Stacks of frames, innermost first. */
  stacks: SequenceTable;
}

function frameOf({ frames, texts }: Pick<Dump, 'frames' | 'texts'>, frame: number): Frame {
  return {
    file: texts.text(frames.at(frame, 0)),
    function: texts.text(frames.at(frame, 1)),
    line: frames.at(frame, 2),
  };
}

/** Frames of a stack, innermost first. */
export function framesOf(dump: Pick<Dump, 'frames' | 'texts' | 'stacks'>, stack: number): Frame[] {
  return Array.from({ length: dump.stacks.length(stack) }, (_, i) => frameOf(dump, dump.stacks.at(stack, i)));
}
