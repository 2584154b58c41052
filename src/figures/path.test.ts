import { expect, test } from 'vitest';
import { valueAt, withValue } from './path.ts';

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

test('a copy with another value; what is missing on the way is made', () => {
  expect(withValue(tree, 'a.b[].c', 7).a.b).toEqual([{ c: 7 }, { c: 1 }]);
  expect(withValue({}, 'a.b[].c', 7)).toEqual({ a: { b: [{ c: 7 }] } });
  expect(withValue(tree, 'none.x', 1).none).toEqual({ x: 1 });
  expect(tree.a.b[0]!.c).toBe(0);
});
