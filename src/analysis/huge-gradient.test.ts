import { expect, test } from 'vitest';
import { hugeGradientBlock } from '../report/gradient-blocks.ts';
import type { Done } from './figures-of.ts';
import { HugeGradients } from './huge-gradient.ts';

/** What is left of updates with these norms; a word for a loss that broke beside an infinite one. */
function left(...norms: readonly (Done['gradNorm'] | 'broken')[]) {
  const huge = new HugeGradients();
  norms.forEach((norm, i) => {
    const [gradNorm, brokenLoss] = norm === 'broken' ? ['Infinity' as const, 'NaN' as const] : [norm, null];
    huge.take({ batch: i + 1, gradNorm, brokenLoss }, i === 0);
  });
  return huge.report();
}
const usual = Array.from({ length: 20 }, (_, i) => 0.5 + (i % 5) / 10);

test('norms far above what this run had, several in a row', () => {
  expect(left(...usual, 3.8e12, 2.1e9, 5e14)).toEqual({
    fromBatch: 21,
    toBatch: 23,
    updates: 3,
    isNewest: true,
    usual: 0.7,
    lowest: 2.1e9,
    highest: 5e14,
  });
  // What was not reported ends nothing; a usual norm does.
  expect(left(...usual, 1e9, null, 1e9, 1e9)).toMatchObject({ updates: 3, isNewest: true });
  expect(left(...usual, 1e9, 1e9, 1e9, 0.6)).toMatchObject({ toBatch: 23, isNewest: false });
});

test.each<[string, (number | 'broken')[]]>([
  ['one step or two, which clipping is for', [...usual, 3.8e12, 0.6, 3.8e12, 4e12, 0.6]],
  ['the first steps of a training', [3.8e12, 2e9, 5e7, 1e6, ...usual]],
  ['norms of float16 before the loss scale is divided out', usual.map(norm => norm * 2 ** 32)],
  ['the same with a scale that doubles now and then', usual.map((norm, i) => norm * 2 ** (16 + i / 2))],
  ['a GAN, whose norms swing by thousands', Array.from({ length: 40 }, (_, i) => 10 ** ((i % 8) - 1))],
  [
    'norms that are next to nothing while a memory of experience fills',
    [...usual.map(n => n * 1e-9), 0.5, 0.6, 0.7, 0.8],
  ],
  ['none at all, and then large', [...usual.map(() => 0), 2e6, 3e6, 4e6]],
  ['fewer norms than make anything usual', [0.5, 0.5, 3e12, 3e12, 3e12]],
  ['a loss that breaks with it', [...usual, 3e12, 3e12, 'broken', 'broken']],
])('is none: %s', (_, norms) => {
  expect(left(...norms)).toBeNull();
});

test('another process may print another norm', () => {
  const huge = new HugeGradients();
  const take = (norms: number[]) => {
    for (const [i, gradNorm] of norms.entries()) huge.take({ batch: i, gradNorm, brokenLoss: null }, i === 0);
  };
  take(usual);
  take(usual.map(norm => norm * 2 ** 24));
  expect(huge.report()).toBeNull();
});

test('in a report', () => {
  const { says, tone } = hugeGradientBlock(
    { fromBatch: 40, toBatch: 90, updates: 6, isNewest: true, usual: 0.7, lowest: 2.1e9, highest: 3.8e12 },
    'step',
  );
  expect(says).toBe(
    'The gradient’s norm was 2.1e9 to 3.8e12 in 6 updates in a row, where 0.700 had been usual, from step 40 until the newest.',
  );
  expect(tone).toBe('critical');
});
