/**
 * A segment is what the device handed out; its blocks tile it from the lowest address to the highest, as a
 * doubly linked list. Two neighbouring blocks are never both free.
 */
import type { Pool } from './sizes.ts';

export class Segment {
  readonly address: number;
  readonly bytes: number;
  readonly stream: number;
  readonly pool: Pool;
  /** The block at the segment's address: it outlives every split and merge. */
  readonly head: Block;

  /** A segment that is one free block. */
  constructor(address: number, bytes: number, stream: number, pool: Pool) {
    this.address = address;
    this.bytes = bytes;
    this.stream = stream;
    this.pool = pool;
    this.head = newBlock(this, address, bytes);
  }
}

export interface Block {
  readonly segment: Segment;
  readonly address: number;
  bytes: number;
  /** What its tensor asked for, before rounding; 0 for a free block. */
  requestedBytes: number;
  /** awaited: freed by the program, but work queued on another stream may still use it. */
  state: 'free' | 'allocated' | 'awaited';
  /** Other streams that use the block; null for none. */
  streams: Set<number> | null;
  previous: Block | null;
  next: Block | null;
}

function newBlock(segment: Segment, address: number, bytes: number): Block {
  return {
    segment,
    address,
    bytes,
    requestedBytes: 0,
    state: 'free',
    streams: null,
    previous: null,
    next: null,
  };
}

/** Whether the block is only a part of its segment. */
export const isSplit = (block: Block): boolean => block.bytes !== block.segment.bytes;

/** Shortens the block to `bytes` and returns what was cut off its end, free. */
export function split(block: Block, bytes: number): Block {
  const rest = newBlock(block.segment, block.address + bytes, block.bytes - bytes);
  rest.previous = block;
  rest.next = block.next;
  if (rest.next) rest.next.previous = rest;
  block.next = rest;
  block.bytes = bytes;
  return rest;
}

/** Makes the block and its next neighbour one; the neighbour is no block any more. */
export function absorbNext(block: Block): void {
  const absorbed = block.next!;
  block.bytes += absorbed.bytes;
  block.next = absorbed.next;
  if (block.next) block.next.previous = block;
}

/** The block and those at higher addresses. */
export function* blocksFrom(head: Block): Generator<Block> {
  for (let block: Block | null = head; block; block = block.next) yield block;
}
