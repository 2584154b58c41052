/** What PyTorch counts of blocks: those that programs hold, those that streams use, and free parts of segments that are split. */
import type { Block } from './block.ts';
import { type MemoryStats, move, movePooled } from './stats.ts';

export class BlockCounts {
  readonly #stats: MemoryStats;
  readonly #maxSplitSize: number;

  constructor(stats: MemoryStats, maxSplitSize: number) {
    this.#stats = stats;
    this.#maxSplitSize = maxSplitSize;
  }

  /** A program has the block. */
  allocated(block: Block): void {
    this.#hold(block, 1);
    this.#use(block, 1);
  }

  /** The program gave it up; streams may still use it. */
  freed(block: Block): void {
    this.#hold(block, -1);
  }

  /** No stream uses it any more. */
  released(block: Block): void {
    this.#use(block, -1);
  }

  /** So many free parts of the block's segment came or went. PyTorch counts those of expandable segments not at all. */
  parts({ segment: { pool, pageBytes } }: Block, count: number, bytes: number): void {
    if (pageBytes !== null) return;
    movePooled(this.#stats.inactive_split, pool.name, count);
    movePooled(this.#stats.inactive_split_bytes, pool.name, bytes);
  }

  #hold({ segment, bytes }: Block, by: 1 | -1): void {
    const { name } = segment.pool;
    movePooled(this.#stats.allocation, name, by);
    movePooled(this.#stats.allocated_bytes, name, by * bytes);
    if (bytes >= this.#maxSplitSize) move(this.#stats.oversize_allocations, by);
  }

  #use({ segment, bytes, requestedBytes }: Block, by: 1 | -1): void {
    const { name } = segment.pool;
    movePooled(this.#stats.active, name, by);
    movePooled(this.#stats.active_bytes, name, by * bytes);
    movePooled(this.#stats.requested_bytes, name, by * requestedBytes);
  }
}
