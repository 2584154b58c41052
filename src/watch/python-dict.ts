/**
 * A dictionary of figures as Python prints it, `{'loss': 2.2, 'epoch': 0.09}`, or as JSON: its numbers, by key. Read
 * character by character: the time is linear in the text, whatever it holds.
 */
import { isDigit } from './by-shape.ts';
import type { Figures } from './figures.ts';
import { printed, printedFigure } from './printed.ts';

const CLOSING: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/** Values that are no numbers are left out. null where the text is no flat dictionary, or is cut. */
export function readDict(text: string): Figures | null {
  const figures: Figures = new Map();
  let at = skipSpace(text, text.indexOf('{') + 1);
  if (at === 0) return null;
  while (text[at] !== '}') {
    const keyEnd = quotedEnd(text, at);
    if (keyEnd === -1 || text[keyEnd + 1] !== ':') return null;
    const key = text.slice(at + 1, keyEnd);
    const from = skipSpace(text, keyEnd + 2);
    const end = valueEnd(text, from);
    if (end === -1) return null;
    const value = text.slice(from, end);
    // A nested dictionary has figures of its own names: none of them is this key's.
    if (!value.startsWith('{')) {
      takeFigure(figures, key, unquoted(value.trim()));
    }
    at = text[end] === ',' ? skipSpace(text, end + 1) : end;
  }
  return figures.size > 0 ? figures : null;
}

/** `"iter": "10/500"`: a place among so many. */
const PLACES: ReadonlyMap<string, string> = new Map([
  ['iter', 'max_iter'],
  ['epoch', 'max_epoch'],
]);

/** A number by its key; `'global_step/max_steps': '78/176'` is two of them, by two keys, and so is what counts within so many. */
export function takeFigure(figures: Figures, key: string, text: string): void {
  if (text.includes('/')) {
    const most = PLACES.get(key);
    const keys = most === undefined ? key.split('/') : [key, most];
    const parts = text.split('/');
    const pair = keys.length === 2 && parts.length === 2 ? parts.map(printed) : [null];
    if (pair.every(figure => figure !== null)) {
      keys.forEach((name, i) => {
        figures.set(name, pair[i]!);
      });
      return;
    }
  }
  // `"gpu_mem": "17.84G"`: of any other key, a letter behind a number may be of anything.
  const figure = /mem/i.test(key) ? printedFigure(text) : printed(text);
  if (figure !== null) figures.set(key, figure);
}

function skipSpace(text: string, at: number): number {
  while (text[at] === ' ') at++;
  return at;
}

/** Index of the quote that closes the one at `at`; -1 for none, and where there is no quote. */
function quotedEnd(text: string, at: number): number {
  const quote = text[at];
  if (quote !== "'" && quote !== '"') return -1;
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === quote) return i;
  }
  return -1;
}

/** Index of the comma or brace behind the value; -1 where the text ends before. */
function valueEnd(text: string, from: number): number {
  const open: string[] = [];
  let start = from;
  // Most values are numbers.
  while (isOfNumber(text.charCodeAt(start))) start++;
  for (let i = start; i < text.length; i++) {
    const letter = text[i]!;
    if (letter === "'" || letter === '"') {
      i = quotedEnd(text, i);
      if (i === -1) return -1;
    } else if (CLOSING[letter] !== undefined) open.push(CLOSING[letter]);
    else if (letter === open.at(-1)) open.pop();
    else if (open.length === 0 && (letter === ',' || letter === '}')) return i;
  }
  return -1;
}

const POINT = 46;
const isOfNumber = (code: number): boolean => isDigit(code) || code === POINT;

const unquoted = (value: string) =>
  value.length > 1 && (value[0] === "'" || value[0] === '"') && value.at(-1) === value[0]
    ? value.slice(1, -1)
    : value;
