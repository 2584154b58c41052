/** Python dictionaries of reports, one of which a terminal may have wrapped: at its width, in the midst of a number too. */
import type { Figures } from './figures.ts';
import { type LogLine, workerOf } from './log-line.ts';
import { readDict } from './python-dict.ts';

const DICT = /\{'[\w/.() -]{1,80}': /;
/** One whose brace was not copied. */
const UNBRACED = /^\s{0,8}(?='[\w/.() -]{1,80}': .{0,4000}\}\s{0,400}$)/;
/** What a report has; settings and the cards of models are dictionaries, too. */
const OF_REPORT = /(?:loss|reward|grad_norm)[\w/]{0,40}': |^\s*\{'[^']{0,80}': [\d.'-]/;
/** A line that no dictionary goes on in. */
const RAISED = /^Traceback \(most|^[\w.]{1,80}(?:Error|Exception): /;
/** Of one that is wrapped: characters, and lines. */
const LONGEST = 4000;
const MOST_WRAPPED = 40;

interface FoundDictionary {
  figures: Figures;
  /** The line, with those before it where it was wrapped. */
  whole: string;
  /** What stands in front of it on its own line. */
  before: string;
}

export class WrappedDictionaries {
  /** One that may go on in the next line. */
  #begun: { text: string; of: string; lines: number } | null = null;

  /** Lines without marks are wanted, while one may go on. */
  get isOpen(): boolean {
    return this.#begun !== null;
  }

  /** @returns null: the line has none of a report; `goes on`: a part of one; `damaged`: one that cannot be read */
  read(line: LogLine): FoundDictionary | 'goes on' | 'damaged' | null {
    const { text: given } = line;
    const of = `${line.source?.rank} ${workerOf(line)}`;
    const begun = this.#begun;
    this.#begun = null;
    // The last line of a dictionary that has several looks like one without its brace.
    const isWhole = given.includes("{'") || begun?.of === of;
    const text = isWhole ? given : given.replace(UNBRACED, '{');
    const isRest = begun !== null && begun.of === of && !text.includes("{'") && !RAISED.test(text);
    const whole = isRest ? begun.text + text.trimEnd() : text;
    const start = DICT.exec(whole);
    if (start === null) return null;
    const figures = readDict(whole.slice(start.index));
    if (figures !== null) return { figures, whole, before: text.slice(0, start.index) };
    const lines = isRest ? begun.lines + 1 : 1;
    if (!whole.includes('}', start.index) && whole.length < LONGEST && lines < MOST_WRAPPED)
      this.#begun = { text: whole.trimEnd(), of, lines };
    if (!OF_REPORT.test(whole)) return null;
    return isRest ? 'goes on' : 'damaged';
  }
}
