/** The filter finds whatever a plain search would, in any text, and little else. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endingWords } from '../texts/index.ts';
import { errorWords } from './error-words.ts';
import { formats } from './formats/index.ts';
import { WordFilter } from './word-filter.ts';

const all = [...new Set([...errorWords, ...endingWords, ...formats.flatMap(({ marks }) => marks)])];
const has = (filter: WordFilter, text: string) => {
  const bytes = Buffer.from(`xx${text}xx`);
  return filter.ownersIn(bytes, 2, bytes.length - 2) !== 0;
};
const filterOf = (words: readonly string[]) => new WordFilter(words.map(word => [word, 1] as const));

test('every word is found, in either case, at any place', () => {
  const filter = filterOf(all);
  for (const word of all)
    for (const text of [word, `é ${word.replaceAll(/[a-z]+/g, latin => latin.toUpperCase())}`, `${word}…`])
      expect(has(filter, text), text).toBe(true);
});

test.each([2, 3, 4, 5])('it answers as a plain search does, words of %d letters or more', least => {
  const words = fc.array(
    fc.string({ unit: fc.constantFrom(..."aAbZ{:|%' 1"), minLength: least, maxLength: 6 }),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(words, fc.string({ unit: fc.constantFrom(..."aAbBzZ{:|%' 1é") }), (some, text) => {
      const lower = text.toLowerCase();
      expect(has(filterOf(some), text)).toBe(some.some(word => lower.includes(word.toLowerCase())));
    }),
  );
});

test('a word that the edge of the line cuts is none', () => {
  const bytes = Buffer.from('Killed');
  expect(filterOf(['killed']).ownersIn(bytes, 0, 5)).toBe(0);
  expect(filterOf(['killed']).ownersIn(bytes, 1, 6)).toBe(0);
});

test('each word is its owners’ alone, and all of a line’s are found', () => {
  const filter = new WordFilter([
    ['loss', 1],
    ['killed', 2],
    ['Killed', 4],
    ['memory.', 8],
  ]);
  const owners = (text: string) => filter.ownersIn(Buffer.from(text), 0, text.length);
  expect(owners('loss: 2.1')).toBe(1);
  expect(owners('Killed')).toBe(6);
  expect(owners('loss 2, memory.used, killed')).toBe(15);
  expect(owners('nothing of it')).toBe(0);
});
