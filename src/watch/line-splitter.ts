/**
 * Bytes → lines, in bounded memory and in time linear in the bytes, however small the chunks. A carriage return ends a
 * line as well: a progress bar draws thousands of times on one. A character may be cut by the edge of a chunk; a line
 * longer than the bound is dropped and counted.
 */
import { StringDecoder } from 'node:string_decoder';

/** Characters of the longest line that is read. verl's step lines have some 5,000, RLlib's results 50,000. */
const LONGEST = 256 * 1024;

export class LineSplitter {
  /** Lines ended so far. */
  lines = 0;
  /** Lines dropped because they were too long. */
  tooLong = 0;
  #decoder = new StringDecoder('utf8');
  /** What came of the line that has not ended yet, and how much that is. */
  #parts: string[] = [];
  #length = 0;
  #skipping = false;
  #take: (text: string, number: number) => void;

  /** @param take gets each piece of text that a newline or a carriage return ended, and its line's number from 1. */
  constructor(take: (text: string, number: number) => void) {
    this.#take = take;
  }

  push(chunk: Uint8Array): void {
    const text = this.#decoder.write(chunk as Buffer);
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      const line = this.#parts.length === 0 ? text.slice(from, end) : this.#joined(text.slice(from, end));
      if (this.#skipping) this.#skipping = false;
      else this.#pieces(line);
      this.lines++;
      from = end + 1;
    }
    if (from < text.length) this.#keep(text.slice(from));
  }

  /**
   * Forgets an unfinished line, and returns whether there was one.
   * @param whole whether nothing more can come of it, so that it is a line after all.
   */
  reset(whole = false): boolean {
    const rest = this.#joined('');
    const torn = rest.trim() !== '' || this.#skipping;
    if (whole && torn && !this.#skipping) {
      this.#pieces(rest);
      this.lines++;
    }
    this.#skipping = false;
    this.#decoder = new StringDecoder('utf8');
    return torn;
  }

  /** Keeps the beginning of a line; what a carriage return ended is read at once. */
  #keep(text: string): void {
    // A carriage return at the very end may belong to the newline that comes.
    const held = this.#parts.at(-1)?.endsWith('\r') === true;
    const drawn = text.length < 2 ? -1 : text.lastIndexOf('\r', text.length - 2);
    let rest = text;
    if (drawn !== -1 || held) {
      const before = this.#joined(text.slice(0, Math.max(0, drawn)));
      if (!this.#skipping) this.#pieces(before);
      rest = text.slice(drawn + 1);
    }
    if (this.#skipping) return;
    this.#parts.push(rest);
    this.#length += rest.length;
    if (this.#length <= LONGEST) return;
    this.tooLong++;
    this.#skipping = true;
    this.#joined('');
  }

  /** All parts of the line and this one, which are kept no longer. */
  #joined(last: string): string {
    const line = this.#parts.length === 0 ? last : this.#parts.join('') + last;
    this.#parts = [];
    this.#length = 0;
    return line;
  }

  #pieces(line: string): void {
    if (line.length > LONGEST) {
      this.tooLong++;
      return;
    }
    const number = this.lines + 1;
    if (!line.includes('\r')) this.#take(line, number);
    else for (const piece of line.split('\r')) if (piece !== '') this.#take(piece, number);
  }
}
