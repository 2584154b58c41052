import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { SequenceSampler } from './sequence-sampler.ts';
import { paddedBatches, sequenceLengths, truncate } from './sequences.ts';

test('each environment’s row is cut where an episode ends, and at the end of the rollout', () => {
  // steps down, environments across
  const ended = [
    [0, 0, 1],
    [0, 1, 0],
    [0, 0, 0],
    [0, 1, 1],
  ].flat();
  expect(sequenceLengths(ended, 3)).toEqual([4, 2, 2, 1, 3]);
});

const lengths = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 40, size: 'max' });
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

test('sequences sum up to the steps of the rollout', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 50 }),
      fc.infiniteStream(fc.boolean()),
      (n, steps, flags) => {
        const ended = [...flags.take(n * steps)];
        expect(sum(sequenceLengths(ended, n))).toBe(n * steps);
      },
    ),
  );
});

test('truncation keeps all steps and no sequence above the window', () => {
  expect(truncate([5, 12, 4], 5)).toEqual([5, 5, 5, 2, 4]);
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 64 }), (lengths, window) => {
      const pieces = truncate(lengths, window);
      expect(sum(pieces)).toBe(sum(lengths));
      expect(Math.max(...pieces)).toBeLessThanOrEqual(window);
    }),
  );
});

test('a batch takes its count times its longest', () => {
  expect(paddedBatches([10, 20, 30], 100)).toEqual([90]);
  expect(paddedBatches([10, 20, 30], 89)).toEqual([40, 30]);
  expect(paddedBatches([500, 1], 100)).toEqual([500, 1]);
  expect(paddedBatches([], 100)).toEqual([]);
  fc.assert(
    fc.property(lengths, fc.integer({ min: 200, max: 2000 }), (lengths, budget) => {
      const batches = paddedBatches(lengths, budget);
      expect(sum(batches)).toBeGreaterThanOrEqual(sum(lengths));
      expect(Math.max(...batches)).toBeLessThanOrEqual(budget);
    }),
  );
});

test('the sampler deals every sequence once before any a second time, in an order that the seed decides', () => {
  const deal = (seed: number) => {
    const sampler = new SequenceSampler([1, 2, 3, 4, 5, 6], seededRandom(seed));
    return [21, 21].map(steps => sampler.take(steps));
  };
  for (const epoch of deal(1)) expect(epoch.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(deal(1)).toEqual(deal(1));
  expect(deal(1)).not.toEqual(deal(2));
  expect(deal(1)[0]).not.toEqual(deal(1)[1]);
});
