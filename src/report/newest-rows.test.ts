import { expect, test } from 'vitest';
import type { LearningReport } from '../contract/index.ts';
import { newestRows } from './newest-rows.ts';

test('each figure that the learner reported has a row, with the update of one that is not of the newest', () => {
  const rows = newestRows({
    newest: { gradNorm: 0.25, learningRate: 2e-5, episodicLength: 812, clipFraction: null, totalLoss: 1.5 },
    newestAt: { gradNorm: 1200 },
  } as unknown as LearningReport);
  expect(rows.map(({ cells }) => cells)).toEqual([
    ['Gradient norm', '0.250', 'at 1,200', 'TELE-310'],
    ['Learning rate', '2.0e-5', 'newest update', 'TELE-140'],
    ['Length', '812.0', 'newest update', 'TELE-022'],
  ]);
});

test('a report of before has none', () => {
  expect(newestRows({} as LearningReport)).toEqual([]);
});
