import { expect, test } from 'vitest';
import { rowKeys } from './row-keys.ts';

test('a run that is shown again keeps its row, new ones take rows that are free, and no two have one', () => {
  const first = rowKeys(['a', 'b', 'c'], new Map());
  expect([...first.values()]).toEqual([0, 1, 2]);
  const filtered = rowKeys(['d', 'b'], first);
  expect([...filtered]).toEqual([
    ['d', 0],
    ['b', 1],
  ]);
  const more = rowKeys(['e', 'b', 'f', 'd', 'g'], filtered);
  expect([more.get('b'), more.get('d')]).toEqual([1, 0]);
  expect(new Set(more.values()).size).toBe(5);
  expect([...rowKeys([], more)]).toEqual([]);
});
