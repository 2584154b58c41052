/** Of thousands of ranks several are in a row of the heat map, and the worst of them shows. */
import { expect, test } from 'vitest';
import type { RanksResponse } from '../../src/serve/index.ts';
import { drawnRows, highestOf } from '../../src/web/RankMap.tsx';

const rows = (ranks: number) => Array.from({ length: ranks }, (_, row) => row);

test('a rank a row, as long as there is room; then as many in a row as a power of two', () => {
  expect(drawnRows(rows(128)).map(drawn => drawn.length)).toEqual(Array(128).fill(1));
  expect(drawnRows(rows(129)).map(drawn => drawn.length)).toEqual([...Array(64).fill(2), 1]);
  expect(drawnRows(rows(512))).toHaveLength(128);
  expect(drawnRows(rows(4096))).toHaveLength(128);
  for (const ranks of [0, 1, 127, 300, 4096]) expect(drawnRows(rows(ranks)).flat()).toEqual(rows(ranks));
});

test('one full rank of 4,096 is in its row, in the blocks in which it was full', () => {
  const pressure = rows(4096).map((row): (number | null)[] => (row === 1234 ? [0.2, 0.97] : [0.1, null]));
  const table = { pressure, batches: [0, 1] } as unknown as RanksResponse;
  const highest = drawnRows(rows(4096)).map(drawn => highestOf(table, drawn));
  const others = highest.filter((_, i) => i !== 38);
  expect(highest[38]).toEqual([0.2, 0.97]);
  expect(new Set(others.map(own => JSON.stringify(own)))).toEqual(new Set(['[0.1,null]']));
});
