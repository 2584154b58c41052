/**
 * The free blocks of one pool, per stream, ordered by size and then address: the best fit is found by binary
 * search, and the lowest address wins a tie. Lists are plain arrays: they are short, and moving their tail is
 * cheaper than walking a tree.
 */
import type { Block } from './block.ts';

/** Index of the first block that does not come before (size, address). */
function lowerBound(blocks: readonly Block[], bytes: number, address: number): number {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const block = blocks[middle]!;
    if (block.bytes < bytes || (block.bytes === bytes && block.address < address)) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class FreeBlocks {
  #streams = new Map<number, Block[]>();

  #of(stream: number): Block[] {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const blocks: Block[] = [];
    this.#streams.set(stream, blocks);
    return blocks;
  }

  add(block: Block): void {
    const blocks = this.#of(block.segment.stream);
    blocks.splice(lowerBound(blocks, block.bytes, block.address), 0, block);
  }

  /** Removes a block that is in the list; its size is what it was when it was added. */
  remove(block: Block): void {
    const blocks = this.#of(block.segment.stream);
    blocks.splice(lowerBound(blocks, block.bytes, block.address), 1);
  }

  /** Removes and returns the smallest block of at least `bytes`, unless it has `limit` bytes or more. */
  takeBestFit(stream: number, bytes: number, limit: number): Block | null {
    const blocks = this.#of(stream);
    const index = lowerBound(blocks, bytes, 0);
    const block = blocks[index];
    if (block === undefined || block.bytes >= limit) return null;
    blocks.splice(index, 1);
    return block;
  }

  /** Removes and returns the largest block, unless it is smaller than `bytes`. */
  takeLargest(stream: number, bytes: number): Block | null {
    const blocks = this.#of(stream);
    const block = blocks.at(-1);
    if (block === undefined || block.bytes < bytes) return null;
    blocks.pop();
    return block;
  }

  /** Removes and returns all blocks for which `wanted` holds. */
  take(wanted: (block: Block) => boolean): Block[] {
    const taken: Block[] = [];
    for (const [stream, blocks] of this.#streams) {
      taken.push(...blocks.filter(wanted));
      this.#streams.set(
        stream,
        blocks.filter(block => !wanted(block)),
      );
    }
    return taken;
  }
}
