/** A pool of blocks: small or large ones, of all programs or of a private pool (a CUDA graph's, a MemPool's). */
import type { Block } from './block.ts';
import { FreeBlocks } from './free-blocks.ts';
import type { Pool } from './sizes.ts';

export class BlockPool {
  /** Its name in the statistics. */
  readonly name: Pool;
  /** Null for the pools that everything shares. */
  readonly owner: PrivatePool | null;
  readonly free = new FreeBlocks();
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
    const index = blocks.findIndex(({ address }) => address > block.address);
    blocks.splice(index === -1 ? blocks.length : index, 0, block);
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
