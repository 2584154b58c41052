/**
 * What the allocator has reserved of the device: segments that the device hands out whole, and expandable ones, a range of
 * addresses a pool and stream into which memory is mapped page by page. Every change is counted in the statistics here.
 */

import { absorbNext, type Block, type BlockPool, isSplit, Segment, split } from './block.ts';
import type { Device } from './device.ts';
import type { AllocatorSettings } from './settings.ts';
import { pageSize, roundUp, segmentSize } from './sizes.ts';
import { type MemoryStats, move, movePooled } from './stats.ts';

export class Reserved {
  readonly device: Device;
  readonly settings: AllocatorSettings;
  readonly stats: MemoryStats;
  readonly segments = new Set<Segment>();
  /** Segments taken so far. */
  #taken = 0;
  /** Limit of the process, a share of the device; null where not set. */
  processFraction: number | null;

  constructor(device: Device, settings: AllocatorSettings, stats: MemoryStats) {
    this.device = device;
    this.settings = settings;
    this.stats = stats;
    this.processFraction = settings.processFraction;
  }

  /** Bytes that the process may reserve; null where no limit is set. */
  get allowedBytes(): number | null {
    return this.processFraction === null ? null : Math.floor(this.processFraction * this.device.totalBytes);
  }

  get bytes(): number {
    return this.stats.reserved_bytes.all.current;
  }

  /** New memory for a block of `size` bytes, in no free list; null when the limit or the device refuses. */
  take(pool: BlockPool, size: number, stream: number): Block | null {
    const bytes = segmentSize(size);
    const allowed = this.allowedBytes;
    if (allowed !== null && this.bytes + bytes > allowed) return null;
    const block = this.settings.expandableSegments
      ? this.#grow(pool, size, stream)
      : this.#whole(pool, bytes, stream);
    if (block !== null && pool.owner !== null) pool.owner.held++;
    return block;
  }

  /** Takes over a segment that is in use already, as one free block in no free list. */
  takeOver(address: number, bytes: number, stream: number, pool: BlockPool): Block {
    this.device.occupy(address, bytes);
    return this.#segment(address, bytes, stream, pool);
  }

  #whole(pool: BlockPool, bytes: number, stream: number): Block | null {
    const address = this.device.malloc(bytes);
    if (address === null) return null;
    this.stats.num_device_alloc++;
    return this.#segment(address, bytes, stream, pool);
  }

  #segment(address: number, bytes: number, stream: number, pool: BlockPool): Block {
    const segment = new Segment(address, bytes, stream, pool, null, this.#order());
    this.segments.add(segment);
    movePooled(this.stats.segment, pool.name, 1);
    movePooled(this.stats.reserved_bytes, pool.name, bytes);
    if (bytes >= this.settings.maxSplitSize) move(this.stats.oversize_segments, 1);
    return segment.head;
  }

  #order(): number {
    return this.settings.tieBreak === 'lowest address' ? 0 : ++this.#taken;
  }

  /** Gives the segment of a free block that is all of it, and in no free list, back to the device. */
  giveBack({ segment, bytes }: Block): void {
    const { pool } = segment;
    this.segments.delete(segment);
    this.device.free(segment.address, bytes);
    movePooled(this.stats.segment, pool.name, -1);
    movePooled(this.stats.reserved_bytes, pool.name, -bytes);
    if (bytes >= this.settings.maxSplitSize) move(this.stats.oversize_segments, -1);
    if (pool.owner !== null) pool.owner.held--;
    this.stats.num_device_free++;
  }

  /**
   * Unmaps the whole pages of a free block of an expandable segment. The block is in its free list; what is left of a page at
   * either end stays there. A segment without any memory is given up.
   */
  shrink(block: Block): void {
    const { segment, address, bytes } = block;
    const { pool } = segment;
    const page = segment.pageBytes!;
    const from = roundUp(address - segment.address, page) + segment.address;
    const to = Math.floor((address + bytes - segment.address) / page) * page + segment.address;
    if (from >= to) return;
    pool.free.remove(block);
    let unmapped = block;
    if (from > address) {
      unmapped = split(block, from - address);
      pool.addFree(block);
    }
    if (address + bytes > to) pool.addFree(split(unmapped, to - from));
    this.device.unmap(to - from);
    movePooled(this.stats.reserved_bytes, pool.name, from - to);
    this.stats.num_device_free++;
    if (pool.owner !== null) pool.owner.held--;
    unmapped.state = 'unmapped';
    const merged = this.#merged(unmapped);
    if (isSplit(merged)) {
      pool.addUnmapped(merged);
      return;
    }
    this.device.unreserve(segment.address);
    this.segments.delete(segment);
  }

  /** Maps what is missing at the lowest place of an expandable segment that has the room, in one that is new where none has. */
  #grow(pool: BlockPool, size: number, stream: number): Block | null {
    let block = this.#place(pool, size, stream);
    if (block.state === 'unmapped') {
      const mapped = this.#map(block, Math.min(block.bytes, size));
      if (mapped === null) return null;
      block = mapped;
    }
    while (block.bytes < size) {
      const next: Block = block.next!;
      const mapped = this.#map(next, Math.min(next.bytes, size - block.bytes));
      // What was mapped before stays.
      if (mapped === null) return null;
      block = mapped;
    }
    pool.free.remove(block);
    return block;
  }

  /** The first block of free and unmapped neighbours that have `size` bytes together. */
  #place(pool: BlockPool, size: number, stream: number): Block {
    const isOpen = (block: Block | null) => block?.state === 'free' || block?.state === 'unmapped';
    for (const unmapped of pool.unmapped(stream)) {
      const first = isOpen(unmapped.previous) ? unmapped.previous! : unmapped;
      let room = 0;
      for (let block: Block | null = first; room < size && isOpen(block); block = block!.next)
        room += block!.bytes;
      if (room >= size) return first;
    }
    const page = pageSize(pool.name);
    const { totalBytes } = this.device;
    const bytes = roundUp(totalBytes + Math.floor(totalBytes / 8), page);
    const segment = new Segment(this.device.reserve(bytes), bytes, stream, pool, page, this.#order());
    this.segments.add(segment);
    pool.addUnmapped(segment.head);
    return segment.head;
  }

  /** Maps whole pages from the start of an unmapped block on; the new part is free, one with its free neighbours. */
  #map(block: Block, size: number): Block | null {
    const { pool, pageBytes } = block.segment;
    const bytes = roundUp(size, pageBytes!);
    if (!this.device.map(bytes)) return null;
    pool.removeUnmapped(block);
    if (bytes < block.bytes) pool.addUnmapped(split(block, bytes, 'unmapped'));
    block.state = 'free';
    for (const neighbour of [block.previous, block.next])
      if (neighbour?.state === 'free') pool.free.remove(neighbour);
    const merged = this.#merged(block);
    pool.addFree(merged);
    movePooled(this.stats.reserved_bytes, pool.name, bytes);
    this.stats.num_device_alloc++;
    return merged;
  }

  /** One with the neighbours of its own state; unmapped ones leave their list. */
  #merged(block: Block): Block {
    const { pool } = block.segment;
    let merged = block;
    for (const neighbour of [block.next, block.previous]) {
      if (neighbour?.state !== block.state) continue;
      if (block.state === 'unmapped') pool.removeUnmapped(neighbour);
      if (neighbour === block.previous) merged = neighbour;
      absorbNext(merged);
    }
    return merged;
  }
}
