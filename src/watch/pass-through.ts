/**
 * Hands bytes on to a descriptor without ever waiting for it: the trainer that writes them must not be slowed by a
 * terminal that is halted, or stopped by one that is closed. What cannot be written yet is queued up to a bound; past
 * it, chunks are left out, and a line marks where they would have stood.
 *
 * It writes through the thread pool: process.stdout blocks on terminals and on most pipes.
 */
import { writev } from 'node:fs';

const MOST_QUEUED = 64 * 1024 * 1024;
/** How many of them one write takes: Linux takes 1,024 in one call. */
const MOST_CHUNKS = 1024;
const RETRY_MS = 20;

export class PassThrough {
  /** Bytes that were left out. */
  dropped = 0;
  /** Why nothing is written any more; null while all is well. */
  problem: string | null = null;
  #fd: number;
  #most: number;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #writing = false;
  #gap = 0;
  #held = false;
  #drained: (() => void)[] = [];

  constructor(fd: number, most = MOST_QUEUED) {
    this.#fd = fd;
    this.#most = most;
  }

  /** Takes a chunk, which must not change afterwards. Never throws, never waits. */
  write(chunk: Uint8Array): void {
    if (this.#held) return;
    if (this.problem !== null || this.#queued + chunk.length > this.#most) {
      this.dropped += chunk.length;
      this.#gap += chunk.length;
      return;
    }
    if (this.#gap > 0) {
      const notice = Buffer.from(
        `\n[esper: ${this.#gap} bytes left out here: the output did not take them]\n`,
      );
      this.#gap = 0;
      this.#push(notice);
    }
    this.#push(chunk);
  }

  /** While a view has the terminal, nothing is written on it. */
  hold(held: boolean): void {
    this.#held = held;
  }

  /** Resolves when all that was taken is written, or cannot be. */
  async drain(): Promise<void> {
    if (this.#queue.length === 0 && !this.#writing) return;
    await new Promise<void>(resolve => this.#drained.push(resolve));
  }

  #push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
    this.#queued += chunk.length;
    if (!this.#writing) this.#next(0);
  }

  /**
   * Writes what is queued, of its first chunk from `from` on. One write at a time keeps the order. It takes many chunks, because a
   * write's end is heard of once in a turn of the event loop, while a fast pipe delivers many chunks in a turn.
   */
  #next(from: number): void {
    const first = this.#queue[0];
    if (first === undefined) {
      this.#writing = false;
      for (const resolve of this.#drained.splice(0)) resolve();
      return;
    }
    this.#writing = true;
    const chunks = [first.subarray(from), ...this.#queue.slice(1, MOST_CHUNKS)];
    writev(this.#fd, chunks, null, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#next(from), RETRY_MS);
        return;
      }
      if (error !== null) {
        this.problem = error.message;
        this.dropped += this.#queued - from;
        this.#queue = [];
        this.#queued = 0;
        this.#next(0);
        return;
      }
      let end = from + written;
      let whole = 0;
      while (whole < this.#queue.length && end >= this.#queue[whole]!.length)
        end -= this.#queue[whole++]!.length;
      for (const { length } of this.#queue.splice(0, whole)) this.#queued -= length;
      this.#next(end);
    });
  }
}
