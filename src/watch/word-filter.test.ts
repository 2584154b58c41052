/** The filter finds whatever a plain search would, in any text, and little else. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endingWords } from '../texts/index.ts';
import { formats } from './formats/index.ts';
import { errorWords } from './traceback.ts';
import { WordFilter } from './word-filter.ts';

const all = [...new Set([...errorWords, ...endingWords, ...formats.flatMap(({ marks }) => marks)])];
const has = (filter: WordFilter, text: string) => {
  const bytes = Buffer.from(`xx${text}xx`);
  return filter.has(bytes, 2, bytes.length - 2);
};

test('every word is found, in either case, at any place', () => {
  const filter = new WordFilter(all);
  for (const word of all)
    for (const text of [word, `é ${word.toUpperCase()}`, `${word}…`])
      expect(has(filter, text), text).toBe(true);
});

test('it answers as a plain search does', () => {
  const words = fc.array(fc.string({ unit: fc.constantFrom(..."aAbZ{:|%' 1"), minLength: 2, maxLength: 6 }), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(words, fc.string({ unit: fc.constantFrom(..."aAbBzZ{:|%' 1é") }), (some, text) => {
      const lower = text.toLowerCase();
      expect(has(new WordFilter(some), text)).toBe(some.some(word => lower.includes(word.toLowerCase())));
    }),
  );
});

test('a word that the edge of the line cuts is none', () => {
  const bytes = Buffer.from('Killed');
  expect(new WordFilter(['killed']).has(bytes, 0, 5)).toBe(false);
  expect(new WordFilter(['killed']).has(bytes, 1, 6)).toBe(false);
});
