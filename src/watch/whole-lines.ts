/**
 * Reports of one line that a page or a terminal has wrapped: the lines behind it that have nothing but its pairs are its own. A report is read once it is
 * whole: with the next line that is none of it, or silence.
 */
import type { LineParser, LogFormat, Outlet } from './format.ts';
import type { LogLine } from './log-line.ts';

/** Lines that one report may be wrapped into. */
const MOST_PARTS = 8;
/** The rest of a pair, whole pairs, a key whose value is on the next line. */
const REST =
  /^\s{0,8}(?:-?[\d.]{1,20}(?:e[-+]?\d{1,3})?[,;]?(?: {1,4}|$))?(?:[A-Za-z][\w./@-]{0,60}: {0,4}(?:-?[\d.:]{1,20}(?:e[-+]?\d{1,3})?|nan|inf)?[,;]?(?: {1,4}|$)){0,40}$/;

/**
 * @param begins whether a line is of a report that may go on
 * @param rest what a line behind it looks like that is its own
 */
export const wholeLines = (format: LogFormat, begins: (text: string) => boolean, rest = REST): LogFormat => ({
  ...format,
  open: options => new WholeLines(format.open(options), begins, rest),
});

class WholeLines implements LineParser {
  #parser: LineParser;
  #begins: (text: string) => boolean;
  #rest: RegExp;
  #held: { line: LogLine; out: Outlet; parts: number } | null = null;

  constructor(parser: LineParser, begins: (text: string) => boolean, rest: RegExp) {
    this.#parser = parser;
    this.#begins = begins;
    this.#rest = rest;
  }

  get isOpen(): boolean {
    return this.#held !== null || this.#parser.isOpen === true;
  }

  read(line: LogLine, out: Outlet): boolean {
    const held = this.#held;
    const text = line.text.trimEnd();
    if (held !== null && held.parts < MOST_PARTS && text !== '' && this.#rest.test(text)) {
      const before = held.line.text.trimEnd().replace(/\$$/, ',');
      held.line = { ...held.line, text: `${before}${/[:,]$/.test(before) ? ' ' : '  '}${text.trim()}` };
      held.parts++;
      return true;
    }
    this.flush();
    if (!this.#begins(line.text)) return this.#parser.read(line, out);
    this.#held = { line, out, parts: 1 };
    return true;
  }

  flush(): void {
    const held = this.#held;
    this.#held = null;
    if (held !== null) this.#parser.read(held.line, held.out);
    this.#parser.flush?.();
  }

  end(): void {
    this.flush();
    this.#parser.end?.();
  }
}
