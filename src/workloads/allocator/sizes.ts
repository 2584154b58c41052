/**
 * How the allocator sizes things. A request is rounded up to a block; a block that fits nowhere in the cache
 * is cut from a new segment, which is what the device hands out. Requests up to 1 MiB live in the small pool,
 * all others in the large pool, and the two never share a segment.
 */
const MIB = 2 ** 20;

/** Every block is a multiple of this, bytes. */
export const BLOCK_GRANULE = 512;
/** Largest block of the small pool, bytes. */
export const SMALL_LIMIT = MIB;
/** Segment of the small pool, bytes. */
export const SMALL_SEGMENT = 2 * MIB;
/** Segment that large blocks below {@link OWN_SEGMENT_FROM} share, bytes. */
export const SHARED_SEGMENT = 20 * MIB;
/** From this size on a block asks for a segment of its own, bytes. */
export const OWN_SEGMENT_FROM = 10 * MIB;
/** Own segments are multiples of this, bytes. */
export const SEGMENT_GRANULE = 2 * MIB;

/** The pools by their names in the statistics. */
export type Pool = 'small_pool' | 'large_pool';

export const roundUp = (bytes: number, granule: number): number => Math.ceil(bytes / granule) * granule;

/**
 * Size of the block that a request of `bytes` gets, bytes.
 * @param divisions steps between two powers of two, by size from 1 MiB on (`roundup_power2_divisions`)
 */
export function blockSize(bytes: number, divisions: readonly number[] = []): number {
  const power = Math.floor(Math.log2(bytes));
  const steps = divisions[Math.min(Math.max(power - 20, 0), divisions.length - 1)] ?? 0;
  if (steps <= 1 || bytes <= BLOCK_GRANULE * steps) return roundUp(bytes, BLOCK_GRANULE);
  return roundUp(bytes, 2 ** power / steps);
}

export const poolOf = (size: number): Pool => (size <= SMALL_LIMIT ? 'small_pool' : 'large_pool');

/** Size of the segment that the device is asked for, for a block of `size` bytes. */
export function segmentSize(size: number): number {
  if (size <= SMALL_LIMIT) return SMALL_SEGMENT;
  return size < OWN_SEGMENT_FROM ? SHARED_SEGMENT : roundUp(size, SEGMENT_GRANULE);
}

/** Memory of an expandable segment is mapped in multiples of this, bytes. */
export const pageSize = (pool: Pool): number => (pool === 'small_pool' ? SMALL_SEGMENT : SHARED_SEGMENT);

/** Whether a cached block is cut when a request of `size` bytes would leave `remaining` bytes of it unused. */
export const isWorthSplitting = (
  pool: Pool,
  size: number,
  remaining: number,
  maxSplitSize: number,
  expandableSegments = false,
): boolean =>
  pool === 'small_pool' || expandableSegments
    ? remaining >= BLOCK_GRANULE
    : size < maxSplitSize && remaining > SMALL_LIMIT;
