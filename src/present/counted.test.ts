import { expect, test } from 'vitest';
import { countedOf } from '../figures/index.ts';
import { countedNumber, countedRange } from './counted.ts';

test('a number, or two of them, by the word of what they count', () => {
  expect(countedNumber('step', 1200)).toBe('step 1,200');
  expect(countedRange('batch', 7, 19)).toBe('batches 7–19');
  expect(countedRange('report', 7, 7)).toBe('report 7');
  expect(countedRange('step', null, 7)).toBe('step 7');
  expect(countedRange('step', null, null)).toBe('');
  expect(countedRange('step', 7, 19, (from, to) => `${from} to ${to}`)).toBe('steps 7 to 19');
});

test('PPO counts batches, any other loop its steps, and a log without numbers its reports', () => {
  expect([{}, { numbered: 'steps' as const }, { numbered: 'reports' as const }].map(countedOf)).toEqual([
    'batch',
    'step',
    'report',
  ]);
});
