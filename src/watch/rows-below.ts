/**
 * Lines with nothing but names and values, right below a loop's report or below the head of an evaluation: `Grad norm: 1.25`, `Tokens/s: 5300 | Steps/s: 4.5`, `Eval
 * metrics at step 30:`. They are of that report, or of that evaluation.
 */
import { byText } from './by-shape.ts';
import type { Figures } from './figures.ts';
import { isSetting } from './known-keys.ts';
import { printedFigure } from './printed.ts';

const PHASE = 'val(?:id(?:ation)?)?|test|eval(?:uation)?|dev';
/** A head of an evaluation's rows, which ends with it: a colon, or a rule of any kind. */
const HEAD = new RegExp(
  `^\\W{0,12}(?:running |final )?(${PHASE})(?:[ _](?:set|metrics?|results?|scores?|summary|stat(?:istic)?s|performance)){0,3}(?:,? \\(?(?:(?:at|after|for|on|in|of) )?(?:the )?(?:step|epoch|iter(?:ation)?|update|episode)s?[ :#=]{1,3}\\d{1,12}(?: ?\\/ ?\\d{1,12})?\\)?)?(?: ?:| ?[-=*~─═]{3,40})\\s{0,8}$`,
  'i',
);
/** A pair, and nothing else, behind what makes a list of it. */
const NAME = "[A-Za-z][\\w /.()@'%-]{0,40}?";
const VALUE = '[-+]?\\d{1,15}(?:,\\d{3}){0,5}(?:\\.\\d{0,20})?(?:e[-+]?\\d{1,3})?|nan|-?inf';
const PAIR = `(?:${NAME}) ?[:=] {0,20}(?:${VALUE})(?: ?(?:%|ms|s|sec|it\\/s|tok\\/s|tokens\\/s|samples\\/s))?`;
const ROW = new RegExp(
  `^[\\s>*•·|└├─│+-]{0,12}${PAIR}(?:[ \\t]{0,4}[,|;][ \\t]{0,4}${PAIR}){0,7}[\\s|│,.]{0,8}$`,
  'i',
);
const PAIRS = new RegExp(
  `(${NAME}) ?[:=] {0,20}(${VALUE})(?: ?(%|ms|s|sec|it\\/s|tok\\/s|tokens\\/s|samples\\/s))?(?=[\\s,|;│.]{0,8}(?:$|[A-Za-z]|[|│]))`,
  'gi',
);
/** Places, totals, settings and what was best so far. */
const NO_FIGURE =
  /(?:^|[ _])(?:step|epoch|iter(?:ation)?|batch|update|episode|sample|image|file|rank|seed|device|gpu|cuda|time|date|eta)s?$|^(?:line|port|pid|version)$|total|param|\bsize|saved|workers|patience|remaining|best|num[ _]|number|max(?:imum)?[ _]|estimated|elapsed|config|\bid$|threshold|target| \d/i;
const isFigure = byText((key: string) => !NO_FIGURE.test(key) && !isSetting(key));
const LONGEST = 240;

export class RowsBelow {
  /** What the rows below are of: a training's report, an evaluation by its word, or null for nothing. */
  #of: { phase: string | null; keys: Set<string> } | null = null;
  /** Whether the line that is being read is a report, a head or a row. */
  #isOwn = false;

  /** Whether a row may follow. */
  get areOpen(): boolean {
    return this.#of !== null;
  }

  /** A report of the training was read. @param keys what it has itself: a line with one of them is of another */
  open(keys: Iterable<string>): void {
    this.#of = { phase: null, keys: new Set(keys) };
    this.#isOwn = true;
  }

  /** A line was read: any other one, but for an empty one, is the end of the rows. */
  after(text: string): void {
    if (!this.#isOwn && this.#of !== null && text.trim() !== '') this.#of = null;
    this.#isOwn = false;
  }

  close(): void {
    this.#of = null;
  }

  /** Whether the line is the head of an evaluation's rows. */
  head(text: string): boolean {
    const phase = text.length > 120 ? undefined : HEAD.exec(text)?.[1];
    if (phase === undefined) return false;
    this.#of = { phase: phase.toLowerCase(), keys: new Set() };
    this.#isOwn = true;
    return true;
  }

  /** Figures of a row; null where it is none, or has nothing that is a figure. */
  read(text: string): Figures | null {
    const of = this.#of;
    if (of === null || text.length > LONGEST || !ROW.test(text)) return null;
    const figures: Figures = new Map();
    for (const [, name, value] of text.matchAll(PAIRS)) {
      const read = printedFigure(value!);
      const key = name!.trim();
      if (read === null || !isFigure(key) || of.keys.has(key)) return null;
      figures.set(of.phase === null || OF_PHASE.test(key) ? key : `${of.phase} ${key}`, read);
    }
    if (figures.size === 0) return null;
    for (const key of figures.keys()) of.keys.add(key);
    this.#isOwn = true;
    return figures;
  }
}

const OF_PHASE = new RegExp(`(?:^|[ _/.-])(?:${PHASE})(?:[ _/.-]|$)`, 'i');
