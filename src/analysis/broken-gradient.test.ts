import { expect, test } from 'vitest';
import { brokenGradientBlock } from '../report/gradient-blocks.ts';
import { BrokenGradients } from './broken-gradient.ts';
import type { Done } from './figures-of.ts';

/** What is left of updates, each with its norm and, beside it, its loss. */
function left(...updates: readonly (readonly [Done['gradNorm'], (number | 'NaN' | null)?])[]) {
  const broken = new BrokenGradients();
  updates.forEach(([gradNorm, loss = 2.5], i) => {
    const done = {
      batch: i + 1,
      gradNorm,
      loss: typeof loss === 'number' ? loss : null,
      brokenLoss: loss === 'NaN' ? loss : null,
    };
    broken.take(done as Done, i === 0);
  });
  return broken.report();
}

test('a norm that is no number in each update, while the loss is finite', () => {
  expect(left([0.5], ['NaN'], ['NaN'], ['Infinity'])).toEqual({
    fromBatch: 2,
    toBatch: 4,
    updates: 3,
    value: 'NaN',
    isNewest: true,
    losses: 3,
  });
  expect(left(['NaN', null], ['NaN', null], ['NaN', null])).toMatchObject({ updates: 3, losses: 0 });
  // What was not reported ends nothing.
  expect(left(['NaN'], [null], ['NaN'], ['NaN'])).toMatchObject({ fromBatch: 1, toBatch: 4, updates: 3 });
});

test('one or two overflow now and then, and are none', () => {
  expect(left(['NaN'], ['Infinity'], [0.5], ['NaN'], [0.5], ['NaN'], ['NaN'])).toBeNull();
  expect(left([null], [null], [null])).toBeNull();
});

test('the longest stretch that is over, where none lasts', () => {
  expect(left(['NaN'], ['NaN'], ['NaN'], [1], ['NaN'], ['NaN'], ['NaN'], ['NaN'], [1])).toMatchObject({
    fromBatch: 5,
    toBatch: 8,
    isNewest: false,
  });
});

test('where the loss breaks with it, that is what became of the training', () => {
  expect(left(['NaN'], ['NaN'], ['NaN', 'NaN'], ['NaN', 'NaN'])).toBeNull();
});

test('in a report: what follows from it, as far as the log shows the loss', () => {
  const textOf = (losses: number) => {
    const { says, evidence, next } = brokenGradientBlock(
      { fromBatch: 40, toBatch: 90, updates: 6, value: 'NaN', isNewest: true, losses },
      'step',
    );
    return [says, ...evidence.map(seen => seen.says), ...next].join('\n');
  };
  expect(textOf(6)).toContain(
    'was not a number in 6 updates in a row, while the loss was finite, from step 40 until the newest.',
  );
  expect(textOf(6)).toContain('nothing is learned in them');
  expect(textOf(0)).toContain('No loss of these updates is in the log.');
  expect(textOf(0)).not.toContain('while the loss was finite');
});

test('two reports that are many steps apart are enough while they last', () => {
  const reports = (apart: number, ...norms: (number | 'NaN')[]) => {
    const gradients = new BrokenGradients();
    norms.forEach((gradNorm, i) => {
      gradients.take({ batch: 200 + i * apart, gradNorm, loss: 2.5, brokenLoss: null } as Done, i === 0);
    });
    return gradients.report();
  };
  expect(reports(10, 0.5, 'NaN', 'NaN')).toMatchObject({ fromBatch: 210, toBatch: 220, updates: 2 });
  expect(reports(10, 0.5, 'NaN', 'NaN', 0.5)).toBeNull();
  expect(reports(10, 0.5, 'NaN')).toBeNull();
  expect(reports(1, 0.5, 'NaN', 'NaN')).toBeNull();
});
