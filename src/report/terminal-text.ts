/** Text on a terminal: spans with their colours, words set in lines of a width. Only the 16 ANSI colours, never a background. */
import { columns, printable, shortened } from '../present/index.ts';
import type { ReportTone } from './document.ts';

const sgr = {
  plain: '',
  dim: '2',
  bold: '1',
  good: '32',
  warning: '33',
  critical: '1;31',
  red: '31',
  cyan: '36',
  blue: '34',
  magenta: '35',
  yellow: '33',
} as const satisfies Record<ReportTone, string> & Record<string, string>;

export type Look = keyof typeof sgr;

/** A piece of a line; `text` is printable. */
export interface Span {
  text: string;
  look: Look;
}
export type TextLine = Span[];

/** Words of whomever, made safe. */
export const span = (text: string, look: Look = 'plain'): Span => ({
  text: printable(shortened(text)),
  look,
});
export const line = (text: string, look: Look = 'plain'): TextLine => [span(text, look)];

/** The line as a string, without trailing spaces; escape sequences only where `color`. */
export function paint(spans: TextLine, color: boolean): string {
  const last = spans.findLastIndex(({ text }) => text.trimEnd() !== '');
  return spans
    .slice(0, last + 1)
    .map(({ text, look }, i) => {
      const shown = i === last ? text.trimEnd() : text;
      return color && sgr[look] !== '' && shown.trim() !== '' ? `\x1b[${sgr[look]}m${shown}\x1b[0m` : shown;
    })
    .join('');
}

/** Printable words in lines of at most `width` columns; a longer word is broken. At least one line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (let word of printable(text).split(' ')) {
    const joined = current === '' ? word : `${current} ${word}`;
    if (columns(joined) <= width) {
      current = joined;
      continue;
    }
    if (current !== '') lines.push(current);
    while (columns(word) > width) {
      const [head, rest] = broken(word, width);
      lines.push(head);
      word = rest;
    }
    current = word;
  }
  return [...lines, current];
}

/** The longest beginning of a word that fits, at least one character, and the rest. */
function broken(word: string, width: number): [string, string] {
  let head = '';
  for (const character of word) {
    if (head !== '' && columns(head + character) > width) break;
    head += character;
  }
  return [head, word.slice(head.length)];
}

/** Padded with spaces to `width` columns. */
export const padded = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - columns(text)));
