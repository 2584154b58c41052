/**
 * The free blocks of one pool, per stream, ordered by size, then by the age of their segment, then by address: the best fit is
 * found by binary search. Lists are plain arrays: they are short, and moving their tail is cheaper than walking a tree.
 */
/** What decides the place of a block, bytes. */
export interface Placed {
  readonly address: number;
  bytes: number;
  readonly segment: { readonly order: number; readonly stream: number };
}

const before = (a: Placed, b: Placed): boolean =>
  a.bytes !== b.bytes
    ? a.bytes < b.bytes
    : a.segment.order !== b.segment.order
      ? a.segment.order < b.segment.order
      : a.address < b.address;

/** Index of the first block for which `isBefore` does not hold; it holds for all blocks up to some place. */
function lowerBound(blocks: readonly Placed[], isBefore: (block: Placed) => boolean): number {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(blocks[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class FreeBlocks<B extends Placed> {
  #streams = new Map<number, B[]>();

  #of(stream: number): B[] {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const blocks: B[] = [];
    this.#streams.set(stream, blocks);
    return blocks;
  }

  add(block: B): void {
    const blocks = this.#of(block.segment.stream);
    blocks.splice(
      lowerBound(blocks, one => before(one, block)),
      0,
      block,
    );
  }

  /** Removes a block that is in the list; its size is what it was when it was added. */
  remove(block: B): void {
    const blocks = this.#of(block.segment.stream);
    blocks.splice(
      lowerBound(blocks, one => before(one, block)),
      1,
    );
  }

  /**
   * Removes and returns the best fit of at least `bytes`, unless it has `limit` bytes or more. That is the smallest one; with
   * `roomOf`, the next larger ones are preferred as long as they have less room than the one before.
   */
  takeBestFit(
    stream: number,
    bytes: number,
    limit: number,
    roomOf: ((block: B) => number) | null = null,
  ): B | null {
    const blocks = this.#of(stream);
    let index = lowerBound(blocks, block => block.bytes < bytes);
    if (roomOf !== null)
      while (index + 1 < blocks.length && roomOf(blocks[index + 1]!) < roomOf(blocks[index]!)) index++;
    const block = blocks[index];
    if (block === undefined || block.bytes >= limit) return null;
    blocks.splice(index, 1);
    return block;
  }

  /** Removes and returns the largest block, unless it is smaller than `bytes`. */
  takeLargest(stream: number, bytes: number): B | null {
    const blocks = this.#of(stream);
    const block = blocks.at(-1);
    if (block === undefined || block.bytes < bytes) return null;
    blocks.pop();
    return block;
  }

  /** All blocks of all streams: a copy. */
  all(): B[] {
    return [...this.#streams.values()].flat();
  }

  /** Removes and returns all blocks for which `wanted` holds. */
  take(wanted: (block: B) => boolean): B[] {
    const taken: B[] = [];
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
