/**
 * Line numbers that an editor, a page or `cat -n` put before every line of a pasted text: `100: step 1 …`, `  12 | step 1 …`, `12⇥step 1 …`. They grow as
 * the lines do. The ranks of `srun --label`, which look the same, do not: they come again, rank 0 among them, and say the same as each other. The first
 * lines are held until that shows; one line without a number, or out of step, and there are none.
 */

import { isRound } from './log-line.ts';

/** In front of the text at once only where it cannot be the text's own: `3epoch:train:`, `3it [00:01`, `3rd`, `3.5` and `3/40` are. */
const NUMBERED =
  /^ {0,6}(\d{1,7})(?:(?:: ?|:\t| ?[|│] ?|\t)(?=\S|\s{2}|$)|(?=["'A-Za-z[{<(]|\s{2}|$)(?!(?:epochs?|steps?|it|iter|st|nd|rd|th|ms|[smhxKMGT]|[KMGT]i?B|e[-+]?\d{1,3})(?![A-Za-z])))/;
/** Spaces alone, before the frame of a table or a shell's prompt: a column of numbers has neither behind it. */
const BARE = /^ {0,6}(\d{1,7}) {1,2}(?=\+-{3}|[$#] )/;
const UNDER_BARE = /^ {0,6}(\d{1,7})(?: {1,2}|$)/;
/** Lines by which it shows. */
const ENOUGH = 4;

interface Line {
  text: string;
  number: number;
}

export class LineNumbers {
  #held: Line[] = [];
  #pattern = NUMBERED;
  /** What a line's own number is ahead of its number in the input; null until it is known. */
  #offset: number | null = null;
  #state: 'open' | 'numbers' | 'none' = 'open';

  /** Whether there are none. */
  get areNone(): boolean {
    return this.#state === 'none';
  }

  /** Whether lines wait: what follows them may be of the same error. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** Lines that can be read now, without their numbers. */
  take(text: string, number: number): Line[] {
    if (this.#state === 'none') return [{ text, number }];
    if (this.#offset === null && BARE.test(text)) this.#pattern = UNDER_BARE;
    const found = isRound(text) ? null : this.#pattern.exec(text);
    const offset = Number(found?.[1]) - number;
    this.#offset ??= found === null || Number(found[1]) === 0 ? null : offset;
    if (found === null || offset !== this.#offset) return this.#none({ text, number });
    if (this.#state === 'numbers') return [{ text: text.slice(found[0].length), number }];
    const before = this.#held.at(-1);
    if (before !== undefined && saysTheSame(before.text, text)) return this.#none({ text, number });
    this.#held.push({ text, number });
    if (this.#held.length < ENOUGH) return [];
    this.#state = 'numbers';
    return this.release();
  }

  /** What is held, as it stands where too little shows. */
  release(): Line[] {
    const held = this.#held.splice(0);
    if (this.#state !== 'numbers') {
      this.#state = held.length > 0 ? 'none' : this.#state;
      return held;
    }
    return held.map(line => ({ ...line, text: line.text.replace(this.#pattern, '') }));
  }

  #none(line: Line): Line[] {
    this.#state = 'none';
    return [...this.release(), line];
  }
}

/** Whether two lines have the same whole numbers behind the first: two ranks' words of one step. */
function saysTheSame(one: string, other: string): boolean {
  const numbers = (text: string) =>
    (text.replace(NUMBERED, '').match(/(?<![\d.])\d+(?![\d.])/g) ?? []).join(' ');
  return one.length > 0 && numbers(one) === numbers(other) && numbers(one) !== '';
}
