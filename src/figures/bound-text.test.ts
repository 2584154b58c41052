import { expect, test } from 'vitest';
import { condition, withBounds } from './bound-text.ts';
import { edge, type Thresholds } from './bounds.ts';
import { allRecords, figures } from './records.ts';

const words = (thresholds: Thresholds) =>
  (['healthy', 'warning', 'critical'] as const).map(level => condition(thresholds, level, 'x'));

test('bounds in words', () => {
  expect(words({ warning: { atLeast: 75 }, critical: { above: 90 } })).toEqual([
    'x < 75',
    '75 <= x <= 90',
    'x > 90',
  ]);
  expect(words({ warning: { above: 3 }, critical: { atLeast: 5 } })).toEqual([
    'x <= 3',
    '3 < x < 5',
    'x >= 5',
  ]);
  expect(words({ warning: { below: 0 }, critical: null })).toEqual(['x >= 0', 'x < 0', 'never']);
  expect(words({ warning: { below: 0 }, critical: { below: -1 } })).toEqual([
    'x >= 0',
    'x < 0 and x >= -1',
    'x < -1',
  ]);
  expect(words({ warning: null, critical: { above: 90 } })).toEqual(['x <= 90', 'never', 'x > 90']);
  expect(words({ warning: null, critical: null })).toEqual(['always', 'never', 'never']);
});

test('a summary names the bounds of its declaration, and repeats none', () => {
  expect(
    withBounds('from {warning}, above {critical}', { warning: { atLeast: 75 }, critical: { above: 90 } }),
  ).toBe('from 75, above 90');
  for (const [name, { summary, bounds }] of Object.entries(figures))
    for (const bound of [bounds?.warning, bounds?.critical])
      if (bound && edge(bound) !== 0)
        expect(summary, name).not.toMatch(
          new RegExp(`(above|from|below) ${String(edge(bound)).replace('.', '\\.')}`, 'i'),
        );
  expect(allRecords().filter(({ summary }) => /[{}]/.test(summary))).toEqual([]);
});
