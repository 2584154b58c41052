/**
 * The statistics of `torch.cuda.memory_stats_as_nested_dict(device)`, key for key. `current` and `peak` move
 * both ways; `allocated` and `freed` are running totals, as are the bare `num_*` counters.
 */
import type { Pool } from './sizes.ts';

export interface Stat {
  current: number;
  peak: number;
  allocated: number;
  freed: number;
}
export type PooledStat = Record<'all' | Pool, Stat>;

const POOLED = [
  'allocation',
  'segment',
  'active',
  'inactive_split',
  'allocated_bytes',
  'reserved_bytes',
  'active_bytes',
  'inactive_split_bytes',
  'requested_bytes',
] as const;
const OVERSIZE = ['oversize_allocations', 'oversize_segments'] as const;
const COUNTERS = [
  'num_alloc_retries',
  'num_ooms',
  'num_sync_all_streams',
  'num_device_alloc',
  'num_device_free',
] as const;

/** Keys ending in `_bytes` are bytes, all others counts; `max_split_size` is bytes, −1 where not set. */
export type MemoryStats = Record<(typeof POOLED)[number], PooledStat> &
  Record<(typeof OVERSIZE)[number], Stat> &
  Record<(typeof COUNTERS)[number] | 'max_split_size', number>;

const pooled = (stat: () => Stat): PooledStat => ({ all: stat(), small_pool: stat(), large_pool: stat() });
const zero = (): Stat => ({ current: 0, peak: 0, allocated: 0, freed: 0 });

/** Statistics of an allocator that has not allocated yet. */
export function newStats(maxSplitSize: number): MemoryStats {
  return Object.fromEntries([
    ...COUNTERS.map(key => [key, 0]),
    ['max_split_size', maxSplitSize],
    ...POOLED.map(key => [key, pooled(zero)]),
    ...OVERSIZE.map(key => [key, zero()]),
  ]);
}

/** A copy that later allocations leave alone. */
export function copyStats(stats: MemoryStats): MemoryStats {
  const copy = { ...stats };
  for (const key of POOLED) {
    const { all, small_pool, large_pool } = stats[key];
    copy[key] = { all: { ...all }, small_pool: { ...small_pool }, large_pool: { ...large_pool } };
  }
  for (const key of OVERSIZE) copy[key] = { ...stats[key] };
  return copy;
}

/** Adds to a statistic: a positive `change` counts as allocated, a negative one as freed. */
export function move(stat: Stat, change: number): void {
  stat.current += change;
  if (change < 0) {
    stat.freed -= change;
    return;
  }
  stat.allocated += change;
  if (stat.current > stat.peak) stat.peak = stat.current;
}

/** {@link move} of one pool's statistic and of the one over all pools. */
export function movePooled(stat: PooledStat, pool: Pool, change: number): void {
  move(stat.all, change);
  move(stat[pool], change);
}

/** Peaks start again from what is held now. */
export function resetPeaks(stats: MemoryStats): void {
  const reset = (stat: Stat) => {
    stat.peak = stat.current;
  };
  for (const key of POOLED) Object.values(stats[key]).forEach(reset);
  for (const key of OVERSIZE) reset(stats[key]);
}
