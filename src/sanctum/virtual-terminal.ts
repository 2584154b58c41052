/**
 * A terminal without a screen, for tests: what Sanctum writes becomes cells, keys are typed as text. It knows the
 * sequences that Sanctum writes and no others.
 */

import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { columns as widthOf } from '../base/index.ts';

/** The input side: `write` types. */
class Keys extends PassThrough {
  isTTY = true;
  isRaw = false;
  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw;
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

export class VirtualTerminal extends EventEmitter {
  readonly isTTY = true;
  columns: number;
  rows: number;
  isAlternate = false;
  isCursorShown = true;
  isWrapping = true;
  /** Pasted text is marked as such. */
  isPasteMarked = false;
  /** Frames shown: every end of a synchronised update. */
  frames = 0;
  /** Writes that changed a cell outside a synchronised update: each of them flickers. */
  torn = 0;
  #keys = new Keys();
  #cells: string[][] = [];
  #x = 0;
  #y = 0;
  #isUpdating = false;

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.#clear();
  }

  /** For `openSanctum`. */
  get stdout(): NodeJS.WriteStream {
    return this as unknown as NodeJS.WriteStream;
  }

  get stdin(): NodeJS.ReadStream {
    return this.#keys as unknown as NodeJS.ReadStream;
  }

  get isRaw(): boolean {
    return this.#keys.isRaw;
  }

  /** Types: characters and the sequences of keys, as a terminal sends them. */
  type(text: string): void {
    this.#keys.write(text);
  }

  /** The input ends, as where the terminal is closed. */
  hangUp(): void {
    this.#keys.end();
  }

  /** Another size; what stood there stays. */
  resize(columns: number, rows: number): void {
    const before = this.#cells;
    this.columns = columns;
    this.rows = rows;
    this.#clear();
    this.#cells = this.#cells.map((row, y) => row.map((cell, x) => before[y]?.[x] ?? cell));
    this.emit('resize');
  }

  /** What stands on the screen, a string a row, without trailing spaces. */
  text(): string[] {
    return this.#cells.map(row => row.join('').trimEnd());
  }

  write(chunk: string): boolean {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal reads
    for (const [, parameters, final, plain] of chunk.matchAll(/\x1b\[([?0-9;]*)([A-Za-z])|([^\x1b])/gu)) {
      if (plain !== undefined) this.#put(plain);
      else this.#sequence(parameters!, final!);
    }
    return true;
  }

  #clear(): void {
    this.#cells = Array.from({ length: this.rows }, () => Array<string>(this.columns).fill(' '));
  }

  #put(character: string): void {
    if (character === '\n') throw new Error('A newline scrolls the screen.');
    if (this.isAlternate && !this.#isUpdating) this.torn++;
    const width = widthOf(character);
    const row = this.#cells[this.#y];
    if (row !== undefined && width > 0 && this.#x + width <= this.columns) {
      row[this.#x] = character;
      // The second column of a wide character is part of the first.
      if (width === 2) row[this.#x + 1] = '';
    } else if (row !== undefined && width === 0 && this.#x > 0) row[this.#x - 1] += character;
    this.#x = Math.min(this.columns - 1, this.#x + width);
  }

  #sequence(parameters: string, final: string): void {
    const numbers = parameters.split(';').map(Number);
    if (final === 'J' || final === 'K') if (!this.#isUpdating) this.torn++;
    if (final === 'H') [this.#y, this.#x] = [(numbers[0] || 1) - 1, (numbers[1] || 1) - 1];
    if (final === 'J') this.#clear();
    if (final === 'K') this.#cells[this.#y]?.fill(' ', this.#x);
    if (parameters === '?1049') this.isAlternate = final === 'h';
    if (parameters === '?25') this.isCursorShown = final === 'h';
    if (parameters === '?7') this.isWrapping = final === 'h';
    if (parameters === '?2004') this.isPasteMarked = final === 'h';
    if (parameters === '?2026') {
      this.#isUpdating = final === 'h';
      if (!this.#isUpdating) this.frames++;
    }
  }
}
