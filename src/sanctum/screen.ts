/**
 * The terminal’s alternate screen, drawn row by row: only rows that changed are written, each at its own place, so
 * nothing ever scrolls and a resize leaves no traces.
 */
import { columns as columnsOf } from '../base/index.ts';

/** Alternate screen, no cursor, no wrapping, pasted text marked as such. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h';
const LEAVE = '\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Terminals that know synchronised updates show a frame at once; the others ignore these. */
const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';
const CLEAR = '\x1b[2J';

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const STYLES = /\x1b\[[0-9;]*m/g;

export class Screen {
  #stdout: NodeJS.WriteStream;
  #shown: readonly string[] = [];
  #isOpen = false;
  /** Written in the same update as the next rows, so that no empty screen is seen. */
  #before = '';

  constructor(stdout: NodeJS.WriteStream) {
    this.#stdout = stdout;
  }

  get columns(): number {
    return this.#stdout.columns || 80;
  }

  get rows(): number {
    return this.#stdout.rows || 24;
  }

  /** Takes the terminal, also again where another program may have used it meanwhile. */
  open(): void {
    this.#stdout.write(ENTER);
    this.#isOpen = true;
    this.clear();
  }

  /** Shows these rows in place of the previous ones. */
  draw = (rows: readonly string[]): void => {
    if (!this.#isOpen) return;
    let changes = this.#before;
    const height = Math.min(this.rows, Math.max(rows.length, this.#shown.length));
    for (let y = 0; y < height; y++) {
      const row = rows[y] ?? '';
      if (row === (this.#shown[y] ?? '')) continue;
      changes += `\x1b[${y + 1};1H${row}`;
      // In the last column a terminal waits to wrap, and erasing there would take the last character.
      if (columnsOf(row.replace(STYLES, '')) < this.columns) changes += '\x1b[K';
    }
    this.#shown = rows;
    this.#before = '';
    if (changes !== '') this.#stdout.write(`${BEGIN}${changes}${END}`);
  };

  /** Empties the screen with the next rows, which are all drawn. */
  clear(): void {
    this.#shown = [];
    this.#before = CLEAR;
  }

  /** Gives the terminal back as it was. Right a second time, too, and while the process ends. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stdout.write(LEAVE);
  }
}
