import { expect, test } from 'vitest';
import type { Done } from './figures-of.ts';
import { NewestFigures } from './newest-figures.ts';

/** Reports of one process after another: what each has. */
function reported(...processes: Record<string, number | null>[][]) {
  const newest = new NewestFigures();
  let batch = 0;
  for (const reports of processes)
    for (const [i, figures] of reports.entries())
      newest.take({ batch: ++batch, learner: () => figures } as Done, i === 0);
  return newest.report();
}

test.each<[string, Parameters<typeof reported>, ReturnType<typeof reported>]>([
  ['none', [], { newest: {}, newestAt: {} }],
  [
    'all of the newest',
    [
      [
        { gradNorm: 2, learningRate: 1 },
        { gradNorm: 3, learningRate: 4 },
      ],
    ],
    { newest: { gradNorm: 3, learningRate: 4 }, newestAt: {} },
  ],
  [
    'one that the newest lacks',
    [[{ gradNorm: 2 }, { gradNorm: 3 }, { gradNorm: null, learningRate: 4 }]],
    { newest: { gradNorm: 3, learningRate: 4 }, newestAt: { gradNorm: 2 } },
  ],
  [
    'none of a process before this one',
    [[{ gradNorm: 2 }], [{ gradNorm: null, learningRate: 4 }]],
    { newest: { gradNorm: null, learningRate: 4 }, newestAt: {} },
  ],
  [
    'none that is long past',
    [[{ gradNorm: 2 }, ...Array.from({ length: 256 }, () => ({ gradNorm: null }))]],
    { newest: { gradNorm: null }, newestAt: {} },
  ],
  [
    'after more updates than are kept',
    [[...Array.from({ length: 300 }, (_, i) => ({ gradNorm: i })), { gradNorm: null }]],
    { newest: { gradNorm: 299 }, newestAt: { gradNorm: 300 } },
  ],
])('%s', (_, processes, expected) => {
  expect(reported(...processes)).toEqual(expected);
});
