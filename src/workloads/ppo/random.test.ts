import { expect, test } from 'vitest';
import { Random } from './random.ts';

const take = (random: Random, n: number) => Array.from({ length: n }, () => random.uint32());

test('xoshiro128** gives the numbers of its reference', () => {
  const random = new Random(0);
  random.state = Uint32Array.of(1, 2, 3, 4);
  expect(take(random, 10)).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ]);
});

test('equal seeds give equal numbers, other seeds others', () => {
  expect(take(new Random(7), 50)).toEqual(take(new Random(7), 50));
  expect(take(new Random(7), 50)).not.toEqual(take(new Random(8), 50));
});

test('a saved state goes on where it was', () => {
  const random = new Random(3);
  random.normal();
  const { state } = random;
  const expected = take(random, 20);
  const other = new Random(99);
  other.state = state;
  expect(take(other, 20)).toEqual(expected);
});

test('normal numbers have mean 0 and variance 1', () => {
  const random = new Random(1);
  const n = 100_000;
  const values = Array.from({ length: n }, () => random.normal());
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  expect(mean).toBeCloseTo(0, 1);
  expect(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n).toBeCloseTo(1, 1);
});

test('shuffling moves everything around and loses nothing', () => {
  const values = Uint32Array.from({ length: 100 }, (_, i) => i);
  const shuffled = values.slice();
  new Random(5).shuffle(shuffled);
  expect(shuffled).not.toEqual(values);
  expect(shuffled.toSorted()).toEqual(values);
});
