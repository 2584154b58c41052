/**
 * PyTorch's CUDA caching allocator, native backend: freed blocks stay in a cache, per pool and stream, and the
 * device is only asked where no cached block fits.
 * Not modelled: expandable segments, power-of-two rounding, private pools, the garbage collection threshold.
 */
import { absorbNext, type Block, blocksFrom, isSplit, Segment, split } from './block.ts';
import type { Device } from './device.ts';
import { FreeBlocks } from './free-blocks.ts';
import { OutOfMemoryError } from './out-of-memory.ts';
import { blockSize, isWorthSplitting, type Pool, poolOf, SHARED_SEGMENT, segmentSize } from './sizes.ts';
import { copyStats, type MemoryStats, move, movePooled, newStats, resetPeaks } from './stats.ts';

export interface CachingAllocatorOptions {
  device: Device;
  /** Blocks of this size and above are neither split nor given to smaller requests, bytes; null: no limit. */
  maxSplitSize?: number | null;
}

/** A segment and its blocks, as `torch.cuda.memory_snapshot()` lists them. Bytes. */
export interface SegmentInfo {
  address: number;
  bytes: number;
  stream: number;
  pool: Pool;
  blocks: { address: number; bytes: number; requestedBytes: number; state: Block['state'] }[];
}

const DEFAULT_STREAM = 0;

const isWhole = (block: Block) => !isSplit(block);

export class CachingAllocator {
  readonly device: Device;
  readonly #maxSplitSize: number;
  readonly #stats: MemoryStats;
  readonly #free = { small_pool: new FreeBlocks(), large_pool: new FreeBlocks() };
  readonly #segments = new Set<Segment>();
  /** Freed blocks that await work of a stream, by that stream; and those whose wait is over. */
  readonly #awaited = new Map<number, Block[]>();
  #arrived: Block[] = [];
  #processFraction: number | null = null;

  constructor({ device, maxSplitSize = null }: CachingAllocatorOptions) {
    if (maxSplitSize !== null && maxSplitSize <= SHARED_SEGMENT)
      throw new RangeError('maxSplitSize must be above 20 MiB, the size of a shared segment.');
    this.device = device;
    this.#maxSplitSize = maxSplitSize ?? Number.POSITIVE_INFINITY;
    this.#stats = newStats(maxSplitSize ?? -1);
  }

  /**
   * Allocates a block for one tensor.
   * @param bytes what the tensor needs, an integer from 1
   * @param stream blocks freed on a stream are reused on that stream only
   * @throws OutOfMemoryError when the device refuses even after the cache was given back
   */
  malloc(bytes: number, stream = DEFAULT_STREAM): Block {
    if (!Number.isSafeInteger(bytes) || bytes < 1) throw new RangeError(`cannot allocate ${bytes} bytes`);
    this.#collectArrived();
    const size = blockSize(bytes);
    const pool = poolOf(size);
    const block = this.#cached(pool, size, stream) ?? this.#fresh(pool, size, stream);
    this.#occupy(block, size, bytes);
    return block;
  }

  /** Frees a block. It stays active while a stream that it was recorded on has not been synchronized. */
  free(block: Block): void {
    if (block.state !== 'allocated') throw new Error('cannot free a block that is not allocated');
    const { pool } = block.segment;
    movePooled(this.#stats.allocation, pool, -1);
    movePooled(this.#stats.allocated_bytes, pool, -block.bytes);
    if (block.bytes >= this.#maxSplitSize) move(this.#stats.oversize_allocations, -1);
    if (block.streams === null) {
      this.#release(block);
      return;
    }
    block.state = 'awaited';
    for (const stream of block.streams) {
      const queue = this.#awaited.get(stream);
      if (queue) queue.push(block);
      else this.#awaited.set(stream, [block]);
    }
  }

  /** Notes that work queued on another stream uses the block. */
  recordStream(block: Block, stream: number): void {
    if (stream === block.segment.stream) return;
    block.streams ??= new Set();
    block.streams.add(stream);
  }

  /** All work of the stream is done. Blocks that awaited it return to the cache at the next malloc. */
  synchronizeStream(stream: number): void {
    for (const block of this.#awaited.get(stream) ?? []) {
      block.streams!.delete(stream);
      if (block.streams!.size === 0) this.#arrived.push(block);
    }
    this.#awaited.delete(stream);
  }

  /** Synchronizes all streams, then gives every segment that is one free block back to the device. */
  emptyCache(): void {
    this.#stats.num_sync_all_streams++;
    for (const stream of [...this.#awaited.keys()]) this.synchronizeStream(stream);
    this.#collectArrived();
    for (const free of [this.#free.large_pool, this.#free.small_pool])
      for (const block of free.take(isWhole)) this.#giveBack(block);
  }

  resetPeakStats(): void {
    resetPeaks(this.#stats);
  }

  /** Limits what the allocator may reserve to a fraction of the device, 0–1. */
  setProcessFraction(fraction: number): void {
    if (!(fraction >= 0 && fraction <= 1)) throw new RangeError(`not a fraction from 0 to 1: ${fraction}`);
    this.#processFraction = fraction;
  }

  /** 1 where not set. */
  get processFraction(): number {
    return this.#processFraction ?? 1;
  }

  /** `torch.cuda.mem_get_info()`: all processes considered, bytes. */
  memGetInfo(): { freeBytes: number; totalBytes: number } {
    return { freeBytes: this.device.freeBytes, totalBytes: this.device.totalBytes };
  }

  /** `torch.cuda.memory_stats_as_nested_dict()`: a copy. */
  memoryStats(): MemoryStats {
    return copyStats(this.#stats);
  }

  /** All segments in order of address: a copy. */
  segments(): SegmentInfo[] {
    const info = ({ address, bytes, requestedBytes, state }: Block) => ({
      address,
      bytes,
      requestedBytes,
      state,
    });
    return Array.from(this.#segments, ({ head, ...segment }) => ({
      ...segment,
      blocks: Array.from(blocksFrom(head), info),
    }));
  }

  /** The best fit among the free blocks of the stream. */
  #cached(pool: Pool, size: number, stream: number): Block | null {
    const limit = size < this.#maxSplitSize ? this.#maxSplitSize : size + SHARED_SEGMENT;
    return this.#free[pool].takeBestFit(stream, size, limit);
  }

  /** A new segment. The device is asked again after oversize blocks went, and again after the whole cache went. */
  #fresh(pool: Pool, size: number, stream: number): Block {
    const bytes = segmentSize(size);
    let segment = this.#ask(bytes, stream, pool);
    if (segment === null && this.#giveBackOversize(pool, size, stream))
      segment = this.#ask(bytes, stream, pool);
    if (segment === null) {
      this.emptyCache();
      this.#stats.num_alloc_retries++;
      segment = this.#ask(bytes, stream, pool);
    }
    if (segment === null) throw this.#outOfMemory(bytes);
    return segment.head;
  }

  #ask(bytes: number, stream: number, pool: Pool): Segment | null {
    const stats = this.#stats;
    const allowed = this.#allowedBytes;
    if (allowed !== null && stats.reserved_bytes.all.current + bytes > allowed) return null;
    const address = this.device.malloc(bytes);
    if (address === null) return null;
    const segment = new Segment(address, bytes, stream, pool);
    this.#segments.add(segment);
    movePooled(stats.segment, pool, 1);
    movePooled(stats.reserved_bytes, pool, bytes);
    if (bytes >= this.#maxSplitSize) move(stats.oversize_segments, 1);
    stats.num_device_alloc++;
    return segment;
  }

  /** Gives the segment of a free block that is all of it, and in no free list, back to the device. */
  #giveBack(block: Block): void {
    const stats = this.#stats;
    const { segment, bytes } = block;
    this.#segments.delete(segment);
    this.device.free(bytes);
    movePooled(stats.segment, segment.pool, -1);
    movePooled(stats.reserved_bytes, segment.pool, -bytes);
    if (bytes >= this.#maxSplitSize) move(stats.oversize_segments, -1);
    stats.num_device_free++;
  }

  /** Gives back one cached oversize block that is large enough, or else the largest ones until they sum up. */
  #giveBackOversize(pool: Pool, size: number, stream: number): boolean {
    if (this.#maxSplitSize === Number.POSITIVE_INFINITY) return false;
    const free = this.#free[pool];
    const wanted = Math.max(size, this.#maxSplitSize);
    const enough = free.takeBestFit(stream, wanted, Number.POSITIVE_INFINITY);
    if (enough) {
      this.#giveBack(enough);
      return true;
    }
    for (let given = 0; given < wanted; ) {
      const block = free.takeLargest(stream, this.#maxSplitSize);
      if (block === null) return false;
      given += block.bytes;
      this.#giveBack(block);
    }
    return true;
  }

  /** Allocates a block that is in no free list; the part of it that is worth keeping goes back to the cache. */
  #occupy(block: Block, size: number, requestedBytes: number): void {
    const stats = this.#stats;
    const { pool } = block.segment;
    const wasSplit = isSplit(block);
    if (isWorthSplitting(pool, size, block.bytes - size, this.#maxSplitSize)) {
      const rest = split(block, size);
      this.#free[pool].add(rest);
      movePooled(stats.inactive_split_bytes, pool, wasSplit ? -size : rest.bytes);
      if (!wasSplit) movePooled(stats.inactive_split, pool, 1);
    } else if (wasSplit) {
      movePooled(stats.inactive_split_bytes, pool, -block.bytes);
      movePooled(stats.inactive_split, pool, -1);
    }
    block.state = 'allocated';
    block.requestedBytes = requestedBytes;
    movePooled(stats.allocation, pool, 1);
    movePooled(stats.allocated_bytes, pool, block.bytes);
    movePooled(stats.active, pool, 1);
    movePooled(stats.active_bytes, pool, block.bytes);
    movePooled(stats.requested_bytes, pool, requestedBytes);
    if (block.bytes >= this.#maxSplitSize) move(stats.oversize_allocations, 1);
  }

  /** Returns a block to the cache, one with its free neighbours. */
  #release(block: Block): void {
    const stats = this.#stats;
    const { pool } = block.segment;
    const free = this.#free[pool];
    movePooled(stats.active, pool, -1);
    movePooled(stats.active_bytes, pool, -block.bytes);
    movePooled(stats.requested_bytes, pool, -block.requestedBytes);
    block.requestedBytes = 0;
    block.streams = null;
    block.state = 'free';
    let splits = 0;
    let splitBytes = 0;
    let merged = block;
    for (const neighbour of [block.next, block.previous]) {
      if (neighbour?.state !== 'free') continue;
      free.remove(neighbour);
      splits--;
      splitBytes -= neighbour.bytes;
      if (neighbour === block.previous) merged = neighbour;
      absorbNext(merged);
    }
    free.add(merged);
    if (isSplit(merged)) {
      splits++;
      splitBytes += merged.bytes;
    }
    if (splits !== 0) movePooled(stats.inactive_split, pool, splits);
    if (splitBytes !== 0) movePooled(stats.inactive_split_bytes, pool, splitBytes);
  }

  #collectArrived(): void {
    if (this.#arrived.length === 0) return;
    for (const block of this.#arrived) this.#release(block);
    this.#arrived = [];
  }

  get #allowedBytes(): number | null {
    return this.#processFraction === null ? null : Math.floor(this.#processFraction * this.device.totalBytes);
  }

  #outOfMemory(triedBytes: number): OutOfMemoryError {
    this.#stats.num_ooms++;
    const allocatedBytes = this.#stats.allocated_bytes.all.current;
    return new OutOfMemoryError({
      device: this.device.name,
      triedBytes,
      ...this.memGetInfo(),
      processBytes: this.device.processBytes,
      neighbourBytes: this.device.neighbourBytes,
      allowedBytes: this.#allowedBytes,
      allocatedBytes,
      reservedUnallocatedBytes: this.#stats.reserved_bytes.all.current - allocatedBytes,
    });
  }
}
