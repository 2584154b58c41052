/**
 * Bytes → lines, in bounded memory and in time linear in the bytes, however small the chunks. A carriage return ends a
 * line as well: a progress bar draws thousands of times on one. A line longer than the bound is dropped and counted; one
 * that nobody wants is not even decoded.
 */

import { Utf16Reader } from './utf16.ts';

/** Bytes of the longest line that is read. verl's step lines have some 5,000, RLlib's results 50,000. */
const LONGEST = 256 * 1024;
const NEWLINE = 10;
const RETURN = 13;
const NOTHING = Buffer.alloc(0);

export interface LineConsumer {
  /** Whether a piece of text is to be decoded and taken. Asked once for each; without it all are. */
  wants?(bytes: Uint8Array, from: number, to: number, number: number): boolean;
  /** Gets each piece of text that a newline or a carriage return ended, and its line's number from 1. */
  take(text: string, number: number): void;
}

export class LineSplitter {
  /** Lines ended so far. */
  lines = 0;
  /** Lines dropped because they were too long. */
  tooLong = 0;
  /** What came of the line that has not ended yet, and how much that is. */
  #parts: Buffer[] = [];
  #length = 0;
  #skipping = false;
  #sink: LineConsumer;
  #utf16 = new Utf16Reader();

  constructor(sink: LineConsumer | LineConsumer['take']) {
    this.#sink = typeof sink === 'function' ? { take: sink } : sink;
  }

  push(given: Uint8Array): void {
    const bytes = this.#utf16.utf8(given);
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    let from = 0;
    // Where the next carriage return stands: looked for once, not in every line.
    let drawn = nextReturn(chunk, 0);
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      if (this.#skipping) this.#skipping = false;
      else if (this.#parts.length === 0) {
        if (drawn < from) drawn = nextReturn(chunk, from);
        this.#line(chunk, from, end, drawn < end);
      } else {
        const line = this.#joined(chunk.subarray(from, end));
        this.#line(line, 0, line.length);
      }
      this.lines++;
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(Buffer.from(chunk.subarray(from)));
  }

  /**
   * Forgets an unfinished line, and returns whether there was one.
   * @param whole whether nothing more can come of it, so that it is a line after all.
   */
  reset(whole = false): boolean {
    const rest = this.#joined(NOTHING);
    const torn = this.#skipping || rest.toString().trim() !== '';
    if (whole && torn && !this.#skipping) {
      this.#line(rest, 0, rest.length);
      this.lines++;
    }
    this.#skipping = false;
    this.#utf16 = new Utf16Reader();
    return torn;
  }

  /** Keeps the beginning of a line; what a carriage return ended is read at once. */
  #keep(bytes: Buffer): void {
    // A carriage return at the very end may belong to the newline that comes.
    const held = this.#parts.at(-1)?.at(-1) === RETURN;
    const drawn = bytes.length < 2 ? -1 : bytes.lastIndexOf(RETURN, bytes.length - 2);
    let rest = bytes;
    if (drawn !== -1 || held) {
      const before = this.#joined(bytes.subarray(0, Math.max(0, drawn)));
      if (!this.#skipping) this.#line(before, 0, before.length);
      rest = bytes.subarray(drawn + 1);
    }
    if (this.#skipping) return;
    this.#parts.push(rest);
    this.#length += rest.length;
    if (this.#length <= LONGEST) return;
    this.tooLong++;
    this.#skipping = true;
    this.#joined(NOTHING);
  }

  /** All parts of the line and this one, which are kept no longer. */
  #joined(last: Buffer): Buffer {
    const line = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#length = 0;
    return line;
  }

  #line(
    bytes: Buffer,
    from: number,
    to: number,
    hasReturn = bytes.subarray(from, to).includes(RETURN),
  ): void {
    if (to - from > LONGEST) {
      this.tooLong++;
      return;
    }
    const number = this.lines + 1;
    if (!hasReturn) this.#piece(bytes, from, to, number);
    else if (bytes.indexOf(RETURN, from) === to - 1) this.#piece(bytes, from, to - 1, number);
    else
      for (let start = from; start < to; ) {
        const at = bytes.indexOf(RETURN, start);
        const end = at === -1 || at > to ? to : at;
        if (end > start) this.#piece(bytes, start, end, number);
        start = end + 1;
      }
  }

  #piece(bytes: Buffer, from: number, to: number, number: number): void {
    if (this.#sink.wants === undefined || this.#sink.wants(bytes, from, to, number))
      this.#sink.take(bytes.toString('utf8', from, to), number);
  }
}

const nextReturn = (bytes: Buffer, from: number): number => {
  const at = bytes.indexOf(RETURN, from);
  return at === -1 ? Number.POSITIVE_INFINITY : at;
};
