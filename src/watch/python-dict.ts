/** A dictionary of figures as Python prints it, `{'loss': 2.2, 'epoch': 0.09}`, or as JSON: its numbers, by key. */
import type { Figures } from './figures.ts';
import { printed } from './printed.ts';

const ENTRY =
  /\s*(['"])([^'"\\]+)\1: ((['"])(?:[^'"\\]|\\.)*\4|[^,{}'"[\]()]+|\[[^[\]{}]*\]|\w[\w.]*\([^(){}]*\))\s*(,|$)/y;

/** Values that are no numbers are left out. null where the text is no flat dictionary, or is cut. */
export function readDict(text: string): Figures | null {
  const from = text.indexOf('{');
  const end = text.trimEnd();
  if (from === -1 || !end.endsWith('}')) return null;
  const body = end.slice(from + 1, -1);
  const figures: Figures = new Map();
  ENTRY.lastIndex = 0;
  while (ENTRY.lastIndex < body.length) {
    const entry = ENTRY.exec(body);
    if (entry === null) return null;
    const figure = printed(entry[3]!.replace(/^(['"])(.*)\1$/, '$2'));
    if (figure !== null) figures.set(entry[2]!, figure);
    if (entry[5] === '') break;
  }
  return figures.size > 0 ? figures : null;
}
