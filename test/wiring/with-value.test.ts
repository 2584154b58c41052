import { expect, test } from 'vitest';
import { withValue } from './with-value.ts';

const tree = { a: { b: [{ c: 0 }, { c: 1 }] }, none: null };

test('a copy with another value; what is missing on the way is made', () => {
  expect(withValue(tree, 'a.b[].c', 7).a.b).toEqual([{ c: 7 }, { c: 1 }]);
  expect(withValue({}, 'a.b[].c', 7)).toEqual({ a: { b: [{ c: 7 }] } });
  expect(withValue(tree, 'none.x', 1).none).toEqual({ x: 1 });
  expect(tree.a.b[0]!.c).toBe(0);
});
