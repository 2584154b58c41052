/** Freed blocks that work of other streams may still use. */
import type { Block } from './block.ts';

export class AwaitedBlocks {
  readonly #byStream = new Map<number, Block[]>();
  #arrived: Block[] = [];

  /** A freed block, of which streams are recorded. */
  add(block: Block): void {
    block.state = 'awaited';
    for (const stream of block.streams!) {
      const queue = this.#byStream.get(stream);
      if (queue) queue.push(block);
      else this.#byStream.set(stream, [block]);
    }
  }

  /** All work of the stream is done. */
  synchronize(stream: number): void {
    for (const block of this.#byStream.get(stream) ?? []) {
      block.streams!.delete(stream);
      if (block.streams!.size === 0) this.#arrived.push(block);
    }
    this.#byStream.delete(stream);
  }

  synchronizeAll(): void {
    for (const stream of [...this.#byStream.keys()]) this.synchronize(stream);
  }

  /** Removes and returns the blocks whose wait is over. */
  takeArrived(): Block[] {
    const arrived = this.#arrived;
    this.#arrived = [];
    return arrived;
  }
}
