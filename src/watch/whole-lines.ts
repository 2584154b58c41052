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

/** How the lines of a report go on. */
interface Wrapping {
  /**
   * Whether a line behind it is its own.
   * @param before what there is of it
   * @param isRow whether a terminal must have made the line, which has not the label of its process
   */
  isRest(text: string, before: string, isRow: boolean): boolean;
  /** One line of what there is and what follows. */
  join(before: string, rest: string): string;
  /** Lines that a report may be wrapped into. */
  most: number;
  /** Whether the trainer itself never wraps them: a line that was written just now is whole. */
  isOfCopies?: boolean;
}

const AT_PAIRS: Wrapping = {
  isRest: text => REST.test(text),
  join(before, rest) {
    const pairs = before.trimEnd().replace(/\$$/, ',');
    return `${pairs}${/[:,]$/.test(pairs) ? ' ' : '  '}${rest.trim()}`;
  },
  most: MOST_PARTS,
};

/** @param begins whether a line is of a report that may go on */
export const wholeLines = (
  format: LogFormat,
  begins: (text: string) => boolean,
  wrapping: Partial<Wrapping> = {},
): LogFormat => ({
  ...format,
  open: options => new WholeLines(format.open(options), begins, { ...AT_PAIRS, ...wrapping }),
});

class WholeLines implements LineParser {
  #parser: LineParser;
  #begins: (text: string) => boolean;
  #wrapping: Wrapping;
  #held: { line: LogLine; out: Outlet; parts: number } | null = null;
  #since: number | null = null;

  constructor(parser: LineParser, begins: (text: string) => boolean, wrapping: Wrapping) {
    this.#parser = parser;
    this.#begins = begins;
    this.#wrapping = wrapping;
  }

  /** The first line of the report that is being read. */
  get since(): number | null {
    return this.#since ?? this.#parser.since ?? null;
  }

  get isOpen(): boolean {
    return this.#held !== null || this.#parser.isOpen === true;
  }

  read(line: LogLine, out: Outlet): boolean {
    const held = this.#held;
    const text = line.text.trimEnd();
    const { isRest, join, most } = this.#wrapping;
    if (
      held !== null &&
      held.parts < most &&
      text !== '' &&
      isOfSame(line, held.line) &&
      !this.#begins(line.text) &&
      isRest(text, held.line.text, line.source === null && held.line.source !== null)
    ) {
      held.line = { ...held.line, text: join(held.line.text, line.text) };
      held.parts++;
      return true;
    }
    this.flush();
    const isWhole = line.isLive && this.#wrapping.isOfCopies === true;
    if (isWhole || !this.#begins(line.text)) return this.#parser.read(line, out);
    this.#held = { line, out, parts: 1 };
    return true;
  }

  /** A line that is held makes it open: then nobody asks for samples. */
  sampleIn(bytes: Uint8Array, from: number, to: number): ReturnType<NonNullable<LineParser['sampleIn']>> {
    return this.#parser.sampleIn?.(bytes, from, to) ?? null;
  }

  flush(): void {
    const held = this.#held;
    this.#held = null;
    if (held !== null) {
      this.#since = held.line.number;
      this.#parser.read(held.line, held.out);
      this.#since = null;
    }
    this.#parser.flush?.();
  }

  /** What stands beside the log is of its time. */
  release(): void {
    this.flush();
    this.#parser.release?.();
  }

  end(): void {
    this.flush();
    this.#parser.end?.();
  }
}

/** A launcher's label is in front of each line that a process writes, and of none that a terminal has made of it. */
const isOfSame = ({ source }: LogLine, held: LogLine): boolean =>
  source === null || (source.worker === held.source?.worker && source.rank === held.source.rank);
