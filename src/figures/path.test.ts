import { expect, test } from 'vitest';
import { valueAt } from './path.ts';

const tree = { a: { b: [{ c: 0 }, { c: 1 }] }, none: null };

test('a value at a path; [] is the first entry', () => {
  expect(valueAt(tree, 'a.b[].c')).toBe(0);
  expect(valueAt(tree, 'a.b')).toBe(tree.a.b);
  expect(valueAt({ list: [3] }, 'list[]')).toBe(3);
});

test('what is below null is not measured; what is absent is undefined', () => {
  expect(valueAt(tree, 'none.x.y')).toBeNull();
  expect(valueAt(tree, 'a.x')).toBeUndefined();
  expect(valueAt(tree, 'a.x.y')).toBeUndefined();
  expect(valueAt({ list: [] }, 'list[].x')).toBeUndefined();
});
