import { expect, test } from 'vitest';
import type { BrokenLoss } from '../contract/index.ts';
import { brokenLossBlock } from './broken-loss.ts';

const broken: BrokenLoss = {
  fromBatch: 14,
  toBatch: 40,
  updates: 27,
  value: 'NaN',
  isNewest: true,
  lastFinite: { batch: 13, loss: 5.7 },
  gradNormFromBatch: 13,
  isGradNormMeasured: true,
  lossScale: { before: 32768, highest: 65536 },
};
const textOf = (changes: Partial<BrokenLoss>) => {
  const { says, evidence, next } = brokenLossBlock({ ...broken, ...changes }, 'batch');
  return [says, ...evidence.map(seen => seen.says), ...next].join('\n');
};

test('a loss that broke: when, what broke before it, and where to go on', () => {
  const text = textOf({});
  expect(text).toContain('not a number in 27 updates in a row, from batch 14 until the newest.');
  expect(text).toContain('The last finite loss was 5.70, in batch 13.');
  expect(text).toContain('not finite from batch 13 on: it broke before the loss.');
  expect(text).toContain('The loss scale was 32,768 with it, down from 65,536.');
  expect(text).toContain('checkpoint of before batch 14');
  expect(text).toContain('clip the gradient');
  expect(text).not.toContain('bfloat16');
});

test.each<[string, Partial<BrokenLoss>, string]>([
  ['the gradient broke with it', { gradNormFromBatch: 14 }, 'broke in the same update'],
  ['the gradient was finite', { gradNormFromBatch: null }, 'finite until then'],
  ['no gradient is in the log', { gradNormFromBatch: null, isGradNormMeasured: false }, 'was not measured'],
  ['the scale had fallen to 1', { lossScale: { before: 1, highest: 65536 } }, 'Train in bfloat16'],
  ['it was so from the first', { lastFinite: null, fromBatch: 1 }, 'from the first'],
  ['the text begins with it', { lastFinite: null, fromBatch: 8391 }, 'the part before shows when it broke'],
  ['finite ones follow', { isNewest: false, toBatch: 16, updates: 3 }, 'until batch 16; finite ones follow'],
  ['it is infinite', { value: '-Infinity' }, 'The loss was infinite'],
  ['it is one of several', { of: 'value', value: 'Infinity' }, 'The value loss was infinite in 27 updates'],
  ['one update of one', { of: 'policy', updates: 1 }, 'The policy loss was not a number at batch 14'],
])('%s', (_, changes, words) => expect(textOf(changes)).toContain(words));

test('what is advised is what was seen', () => {
  expect(textOf({ gradNormFromBatch: null })).not.toContain('clip the gradient');
  expect(textOf({ isNewest: false })).not.toContain('checkpoint');
  expect(textOf({ lastFinite: null })).not.toContain('checkpoint');
  expect(textOf({ lossScale: null })).not.toContain('scale');
  // A training whose scale was never above 1 has not fallen to it.
  expect(textOf({ lossScale: { before: 1, highest: 1 } })).not.toContain('bfloat16');
});
