/**
 * PyTorch's CUDA caching allocator, native backend: freed blocks stay in a cache, per pool and stream, and the device is
 * only asked where no cached block fits. Checked against PyTorch's own, decision by decision (test/allocator).
 */
import { AwaitedBlocks } from './awaited-blocks.ts';
import { absorbNext, type Block, type BlockPool, isSplit, split } from './block.ts';
import { BlockCounts } from './block-counts.ts';
import { collectGarbage, releaseCache, releaseOversize } from './cache-release.ts';
import type { Device } from './device.ts';
import { OutOfMemoryError } from './out-of-memory.ts';
import { Pools } from './pools.ts';
import { Reserved } from './reserved.ts';
import { type AllocatorSettings, defaultSettings } from './settings.ts';
import { blockSize, isWorthSplitting, SHARED_SEGMENT, segmentSize } from './sizes.ts';
import { activeBlocksOf, type SegmentInfo, segmentInfos } from './state.ts';
import { copyStats, type MemoryStats, newStats, resetPeaks } from './stats.ts';

export interface CachingAllocatorOptions {
  device: Device;
  settings?: Partial<AllocatorSettings>;
  /** Segments that are held already, as {@link CachingAllocator.segments} lists them; none by default. */
  initial?: readonly SegmentInfo[];
}

const DEFAULT_STREAM = 0;

export class CachingAllocator {
  readonly device: Device;
  readonly #settings: AllocatorSettings;
  readonly #stats: MemoryStats;
  readonly #counts: BlockCounts;
  readonly #reserved: Reserved;
  readonly #pools = new Pools();
  readonly #awaited = new AwaitedBlocks();

  constructor({ device, settings, initial = [] }: CachingAllocatorOptions) {
    this.#settings = { ...defaultSettings, ...settings };
    const { maxSplitSize } = this.#settings;
    if (maxSplitSize <= SHARED_SEGMENT)
      throw new RangeError('maxSplitSize must be above 20 MiB, the size of a shared segment.');
    this.device = device;
    this.#stats = newStats(Number.isFinite(maxSplitSize) ? maxSplitSize : -1);
    this.#counts = new BlockCounts(this.#stats, maxSplitSize);
    this.#reserved = new Reserved(device, this.#settings, this.#stats);
    for (const segment of initial) this.#takeOver(segment);
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
    const size = blockSize(bytes, this.#settings.roundupPower2Divisions);
    const pool = this.#pools.poolFor(size);
    const block = this.#cached(pool, size, stream) ?? this.#fresh(pool, size, stream);
    this.#occupy(block, size, bytes);
    return block;
  }

  /** Frees a block. It stays active while a stream that it was recorded on has not been synchronized. */
  free(block: Block): void {
    if (block.state !== 'allocated') throw new Error('cannot free a block that is not allocated');
    this.#counts.freed(block);
    if (block.streams === null) {
      this.#release(block);
      return;
    }
    this.#awaited.add(block);
  }

  /** Notes that work queued on another stream uses the block. */
  recordStream(block: Block, stream: number): void {
    if (stream === block.segment.stream) return;
    block.streams ??= new Set();
    block.streams.add(stream);
  }

  /** All work of the stream is done. Blocks that awaited it return to the cache at the next malloc. */
  synchronizeStream(stream: number): void {
    this.#awaited.synchronize(stream);
  }

  /**
   * Synchronizes all streams, then gives what is cached back to the device: segments that are one free block, and the whole
   * pages of free blocks in expandable segments.
   * @param poolId of a private pool that nothing needs any more: its cache alone
   */
  emptyCache(poolId: string | null = null): void {
    this.#stats.num_sync_all_streams++;
    this.#awaited.synchronizeAll();
    this.#collectArrived();
    this.#pools.releasable(poolId, pools => releaseCache(this.#reserved, pools));
  }

  /** A private pool of this name, needed once. */
  createPool(id: string): void {
    this.#pools.create(id);
  }

  /** From here on allocations go to a private pool, made where there is none of this name, which is then needed once more. */
  beginAllocateToPool(id: string): void {
    this.#pools.begin(id);
  }

  /** Allocations go where they went before. The pool keeps its memory until it is released. */
  endAllocateToPool(id: string): void {
    this.#pools.end(id);
  }

  /** The pool is needed once less; at none its cache may go back to the device. Throws where nothing needs it. */
  releasePool(id: string): void {
    this.#pools.release(id);
  }

  resetPeakStats(): void {
    resetPeaks(this.#stats);
  }

  /** Limits what the allocator may reserve to a fraction of the device, 0–1; 1 takes the limit away. */
  setProcessFraction(fraction: number): void {
    if (!(fraction >= 0 && fraction <= 1)) throw new RangeError(`not a fraction from 0 to 1: ${fraction}`);
    this.#reserved.processFraction = fraction === 1 ? null : fraction;
  }

  /** 1 where not set. */
  get processFraction(): number {
    return this.#reserved.processFraction ?? 1;
  }

  /** Whether its segments grow in place: then no stranded bytes are counted. */
  get hasExpandableSegments(): boolean {
    return this.#settings.expandableSegments;
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
    return segmentInfos(this.#reserved.segments);
  }

  /** The blocks that are allocated or awaited, in order of address. */
  activeBlocks(): Block[] {
    return activeBlocksOf(this.#reserved.segments);
  }

  #takeOver({ address, bytes, stream, pool: name, blocks }: SegmentInfo): void {
    const pool = this.#pools[name];
    let rest = this.#reserved.takeOver(address, bytes, stream, pool);
    for (const [i, { bytes: size, requestedBytes, state }] of blocks.entries()) {
      const block = rest;
      if (i + 1 < blocks.length) rest = split(block, size);
      if (block.bytes !== size)
        throw new RangeError(`the blocks of the segment at ${address} do not fill it`);
      if (state !== 'free') {
        block.requestedBytes = requestedBytes;
        block.state = 'allocated';
        this.#counts.allocated(block);
        continue;
      }
      pool.addFree(block);
      if (blocks.length > 1) this.#counts.parts(block, 1, size);
    }
  }

  /** The best fit among the free blocks of the stream. An expandable block counts with what it can grow to. */
  #cached(pool: BlockPool, size: number, stream: number): Block | null {
    const { maxSplitSize, maxNonSplitRounding, expandableSegments } = this.#settings;
    if (this.#collectsGarbage) pool.searches++;
    const limit = size < maxSplitSize ? maxSplitSize : size + maxNonSplitRounding;
    const room = ({ bytes, next }: Block) => bytes + (next?.state === 'unmapped' ? next.bytes : 0);
    return pool.free.takeBestFit(stream, size, limit, expandableSegments ? room : null);
  }

  get #collectsGarbage(): boolean {
    return this.#reserved.processFraction !== null && this.#settings.garbageCollectionThreshold > 0;
  }

  /** New memory. The device is asked again after oversize blocks went, and again after the whole cache went. */
  #fresh(pool: BlockPool, size: number, stream: number): Block {
    const reserved = this.#reserved;
    if (this.#collectsGarbage) collectGarbage(reserved, this.#pools.large_pool);
    const block =
      reserved.take(pool, size, stream) ??
      (releaseOversize(reserved, pool, size, stream) ? reserved.take(pool, size, stream) : null) ??
      this.#retry(pool, size, stream);
    if (block === null) throw this.#outOfMemory(segmentSize(size));
    return block;
  }

  #retry(pool: BlockPool, size: number, stream: number): Block | null {
    this.emptyCache();
    this.#stats.num_alloc_retries++;
    return this.#reserved.take(pool, size, stream);
  }

  /** Allocates a block that is in no free list; the part of it that is worth keeping goes back to the cache. */
  #occupy(block: Block, size: number, requestedBytes: number): void {
    const { pool } = block.segment;
    const wasSplit = isSplit(block);
    const { maxSplitSize, expandableSegments } = this.#settings;
    if (isWorthSplitting(pool.name, size, block.bytes - size, maxSplitSize, expandableSegments)) {
      const rest = split(block, size);
      pool.addFree(rest);
      this.#counts.parts(block, wasSplit ? 0 : 1, wasSplit ? -size : rest.bytes);
    } else if (wasSplit) this.#counts.parts(block, -1, -block.bytes);
    block.state = 'allocated';
    block.requestedBytes = requestedBytes;
    this.#counts.allocated(block);
  }

  /** Returns a block to the cache, one with its free neighbours. */
  #release(block: Block): void {
    const { pool } = block.segment;
    this.#counts.released(block);
    block.requestedBytes = 0;
    block.streams = null;
    block.state = 'free';
    let splits = 0;
    let splitBytes = 0;
    let merged = block;
    for (const neighbour of [block.next, block.previous]) {
      if (neighbour?.state !== 'free') continue;
      pool.free.remove(neighbour);
      splits--;
      splitBytes -= neighbour.bytes;
      if (neighbour === block.previous) merged = neighbour;
      absorbNext(merged);
    }
    pool.addFree(merged);
    if (isSplit(merged)) {
      splits++;
      splitBytes += merged.bytes;
    }
    this.#counts.parts(merged, splits, splitBytes);
  }

  #collectArrived(): void {
    for (const block of this.#awaited.takeArrived()) this.#release(block);
  }

  #outOfMemory(triedBytes: number): OutOfMemoryError {
    this.#stats.num_ooms++;
    const privatePoolBytes = this.#pools.privateCacheBytes;
    const allocatedBytes = this.#stats.allocated_bytes.all.current + privatePoolBytes;
    return new OutOfMemoryError({
      device: this.device.name,
      triedBytes,
      ...this.memGetInfo(),
      processBytes: this.device.processBytes,
      neighbourBytes: this.device.neighbourBytes,
      allowedBytes: this.#reserved.allowedBytes,
      allocatedBytes,
      privatePoolBytes,
      expandableSegments: this.#settings.expandableSegments,
      reservedUnallocatedBytes: this.#stats.reserved_bytes.all.current - allocatedBytes,
    });
  }
}
