/**
 * A segment is a range of addresses; its blocks tile it from the lowest address to the highest, as a doubly linked list.
 * Two neighbouring blocks are never both free, nor both unmapped.
 */
import { insertByAddress } from './addresses.ts';
import { FreeBlocks } from './free-blocks.ts';
import type { Pool } from './sizes.ts';

export class Segment {
  readonly address: number;
  readonly bytes: number;
  readonly stream: number;
  readonly pool: BlockPool;
  /** Of an expandable segment, whose memory is mapped page by page, bytes; null for one that the device handed out whole. */
  readonly pageBytes: number | null;
  /** Its place in the order in which segments were taken; 0 for all where that order decides nothing. */
  readonly order: number;
  /** The block at the segment's address: it outlives every split and merge. */
  readonly head: Block;

  /** A segment that is one block: free, or unmapped where it has pages. */
  constructor(
    address: number,
    bytes: number,
    stream: number,
    pool: BlockPool,
    pageBytes: number | null = null,
    order = 0,
  ) {
    this.address = address;
    this.bytes = bytes;
    this.stream = stream;
    this.pool = pool;
    this.pageBytes = pageBytes;
    this.order = order;
    this.head = newBlock(this, address, bytes, pageBytes === null ? 'free' : 'unmapped');
  }
}

export interface Block {
  readonly segment: Segment;
  readonly address: number;
  bytes: number;
  /** What its tensor asked for, before rounding; 0 for a free block. */
  requestedBytes: number;
  /**
   * awaited: freed by the program, but work queued on another stream may still use it; unmapped: addresses of an expandable
   * segment that no memory is behind.
   */
  state: 'free' | 'allocated' | 'awaited' | 'unmapped';
  /** Other streams that use the block; null for none. */
  streams: Set<number> | null;
  /** Searches of its pool when it was put into the free list: its age for garbage collection. */
  idleSince: number;
  previous: Block | null;
  next: Block | null;
}

function newBlock(segment: Segment, address: number, bytes: number, state: Block['state']): Block {
  return {
    segment,
    address,
    bytes,
    requestedBytes: 0,
    state,
    streams: null,
    idleSince: 0,
    previous: null,
    next: null,
  };
}

/** Whether the block is only a part of its segment. */
export const isSplit = (block: Block): boolean => block.previous !== null || block.next !== null;

/** Shortens the block to `bytes` and returns what was cut off its end. */
export function split(block: Block, bytes: number, state: Block['state'] = 'free'): Block {
  const rest = newBlock(block.segment, block.address + bytes, block.bytes - bytes, state);
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

/** A pool of blocks: small or large ones, of all programs or of a private pool (a CUDA graph's, a MemPool's). */
export class BlockPool {
  /** Its name in the statistics. */
  readonly name: Pool;
  /** Null for the pools that everything shares. */
  readonly owner: PrivatePool | null;
  readonly free = new FreeBlocks<Block>();
  /** Unmapped parts of expandable segments, by stream, in order of address. */
  readonly #unmapped = new Map<number, Block[]>();
  /** Searches so far, counted while garbage collection is on. */
  searches = 0;

  constructor(name: Pool, owner: PrivatePool | null = null) {
    this.name = name;
    this.owner = owner;
  }

  get isSmall(): boolean {
    return this.name === 'small_pool';
  }

  /** Puts a block into the free list; its age begins again. */
  addFree(block: Block): void {
    block.state = 'free';
    block.idleSince = this.searches;
    this.free.add(block);
  }

  unmapped(stream: number): readonly Block[] {
    return this.#unmapped.get(stream) ?? [];
  }

  addUnmapped(block: Block): void {
    block.state = 'unmapped';
    const blocks = this.#unmapped.get(block.segment.stream) ?? [];
    insertByAddress(blocks, block);
    this.#unmapped.set(block.segment.stream, blocks);
  }

  removeUnmapped(block: Block): void {
    const blocks = this.#unmapped.get(block.segment.stream)!;
    blocks.splice(blocks.indexOf(block), 1);
  }
}

/** Memory that only allocations routed to it may use; it is kept from the others until nothing needs the pool. */
export class PrivatePool {
  readonly small_pool = new BlockPool('small_pool', this);
  readonly large_pool = new BlockPool('large_pool', this);
  /** Graphs and programs that need the pool; at 0 its cache may go back to the device. */
  uses = 0;
  /** Segments, or mapped ranges, that it holds. */
  held = 0;
}
