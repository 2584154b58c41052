/**
 * Bytes → lines, in bounded memory and in time linear in the bytes, however small the chunks. A carriage return ends a
 * piece of a line as well: a progress bar draws thousands of times on one. A piece longer than the bound is dropped and counted; one
 * that nobody wants is not even decoded. How the bytes are cut into chunks is no matter.
 */

import { Utf16Reader } from './utf16.ts';

/** Bytes of the longest piece that is read. verl's step lines have some 5,000, RLlib's results 50,000. */
const LONGEST = 256 * 1024;
const NEWLINE = 10;
const RETURN = 13;
const NOTHING = Buffer.alloc(0);

export interface LineConsumer {
  /** Whether a piece of text is to be decoded and taken. Asked once for each; without it all are. */
  wants?(bytes: Uint8Array, from: number, to: number, number: number): boolean;
  /** Gets each piece of text that a newline or a carriage return ended, and its line's number from 1; `isOpen`: the input ended instead. */
  take(text: string, number: number, isOpen: boolean): void;
}

export class LineSplitter {
  /** Lines ended so far. */
  lines = 0;
  /** Pieces dropped because they were too long. */
  tooLong = 0;
  /** What came of the piece that has not ended yet, and how much that is. */
  #parts: Buffer[] = [];
  #length = 0;
  /** Whether that piece is too long already. */
  #skipping = false;
  /** Whether the line had a piece before: an empty one is then no line. */
  #hasPiece = false;
  #sink: LineConsumer;
  #utf16 = new Utf16Reader();
  /** Whether no newline has ended the piece that is handed on. */
  #isOpen = false;

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
      if (drawn < from) drawn = nextReturn(chunk, from);
      if (drawn < end) from = this.#drawn(chunk, from, end);
      this.#newline(chunk, from, end);
      from = end + 1;
    }
    from = this.#drawn(chunk, from, chunk.length);
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  /**
   * Forgets an unfinished line, and returns whether there was one.
   * @param whole whether nothing more can come of it, so that it is a line after all.
   */
  reset(whole = false): boolean {
    const isSkipped = this.#skipping;
    const rest = this.#joined(NOTHING);
    const torn = isSkipped || rest.toString().trim() !== '';
    this.#isOpen = true;
    if (whole && torn && !isSkipped) this.#newline(rest, 0, rest.length);
    this.#isOpen = false;
    this.#skipping = false;
    this.#hasPiece = false;
    this.#utf16 = new Utf16Reader();
    return torn;
  }

  /** Takes the pieces that a carriage return ends, and returns where the next one begins. */
  #drawn(bytes: Buffer, from: number, to: number): number {
    let start = from;
    for (let at = bytes.indexOf(RETURN, start); at !== -1 && at < to; at = bytes.indexOf(RETURN, start)) {
      if (at > start || this.#length > 0 || this.#skipping) this.#end(bytes, start, at);
      start = at + 1;
    }
    return start;
  }

  #newline(bytes: Buffer, from: number, to: number): void {
    if (to > from || this.#length > 0 || this.#skipping || !this.#hasPiece) this.#end(bytes, from, to);
    this.#hasPiece = false;
    this.lines++;
  }

  /** The piece ends that has begun, here or before. */
  #end(bytes: Buffer, from: number, to: number): void {
    this.#hasPiece = true;
    if (this.#skipping) this.#skipping = false;
    else if (this.#length === 0) this.#piece(bytes, from, to);
    else {
      const piece = this.#joined(bytes.subarray(from, to));
      this.#piece(piece, 0, piece.length);
    }
  }

  /** Keeps the beginning of a piece. */
  #keep(bytes: Buffer): void {
    if (this.#skipping) return;
    this.#length += bytes.length;
    if (this.#length <= LONGEST) {
      this.#parts.push(Buffer.from(bytes));
      return;
    }
    this.tooLong++;
    this.#skipping = true;
    this.#joined(NOTHING);
  }

  /** All parts of the piece and this one, which are kept no longer. */
  #joined(last: Buffer): Buffer {
    const piece = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#length = 0;
    return piece;
  }

  #piece(bytes: Buffer, from: number, to: number): void {
    const number = this.lines + 1;
    if (to - from > LONGEST) this.tooLong++;
    else if (this.#sink.wants === undefined || this.#sink.wants(bytes, from, to, number))
      this.#sink.take(bytes.toString('utf8', from, to), number, this.#isOpen);
  }
}

const nextReturn = (bytes: Buffer, from: number): number => {
  const at = bytes.indexOf(RETURN, from);
  return at === -1 ? Number.POSITIVE_INFINITY : at;
};
