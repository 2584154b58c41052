/**
 * Bytes → lines, in bounded memory. A carriage return ends a line as well: a progress bar draws thousands of times on
 * one. A character may be cut by the edge of a chunk; a line longer than the bound is dropped and counted.
 */
import { StringDecoder } from 'node:string_decoder';

/** Characters of the longest line that is read. verl's step lines have some 5,000. */
const LONGEST = 256 * 1024;

export class LineSplitter {
  /** Lines ended so far. */
  lines = 0;
  /** Lines dropped because they were too long. */
  tooLong = 0;
  #decoder = new StringDecoder('utf8');
  #rest = '';
  #skipping = false;
  #take: (text: string, number: number) => void;

  /** @param take gets each piece of text that a newline or a carriage return ended, and its line's number from 1. */
  constructor(take: (text: string, number: number) => void) {
    this.#take = take;
  }

  push(chunk: Uint8Array): void {
    const text = this.#rest + this.#decoder.write(chunk as Buffer);
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      if (this.#skipping) this.#skipping = false;
      else this.#pieces(text.slice(from, end));
      this.lines++;
      from = end + 1;
    }
    let rest = text.slice(from);
    const drawn = rest.length < 2 ? -1 : rest.lastIndexOf('\r', rest.length - 2);
    if (drawn !== -1) {
      if (!this.#skipping) this.#pieces(rest.slice(0, drawn));
      rest = rest.slice(drawn + 1);
    }
    if (this.#skipping) rest = '';
    else if (rest.length > LONGEST) {
      this.tooLong++;
      this.#skipping = true;
      rest = '';
    }
    this.#rest = rest;
  }

  /** Forgets an unfinished line, and returns whether there was one: its last figure may be cut. */
  reset(): boolean {
    const torn = this.#rest.trim() !== '' || this.#skipping;
    this.#rest = '';
    this.#skipping = false;
    this.#decoder = new StringDecoder('utf8');
    return torn;
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
