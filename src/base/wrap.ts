/** Words set in lines of so many columns. */
import { columns, printable } from './printable-text.ts';

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
