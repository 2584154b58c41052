/** Every mutation can be applied: its text stands once in its file. `npm run mutate`, which takes minutes, then asks whether a test fails. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mutations } from '../mutations/index.ts';

test('the text of every mutation stands once in its file, and its test is there', () => {
  const count = (path: string, text: string) =>
    existsSync(path) ? readFileSync(path, 'utf8').split(text).length - 1 : 0;
  const faults = mutations.filter(
    ({ file, from, test: [path] }) => count(file, from) !== 1 || !existsSync(path),
  );
  expect(faults.map(({ rule, file }) => `${rule}: ${file}`)).toEqual([]);
});
