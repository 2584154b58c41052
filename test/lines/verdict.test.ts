/** On real PyTorch, on the stand-in device: the verdict names the line that keeps memory or needs more, and none of a healthy program. */
import { describe, expect, test } from 'vitest';
import { scratch } from '../scratch.ts';
import { interpreter, rehearse } from './rehearse.ts';

const names = [
  'appended',
  'summed_losses',
  'hooked',
  'cyclic_garbage',
  'pairwise_scores',
  'long_sample',
  'healthy_plain',
  'healthy_replaced',
  'healthy_ring',
];

describe.each(['torch-current', 'torch-2.11', 'torch-2.6', 'torch-2.0'])('%s', venv => {
  const python = interpreter(venv);
  test.skipIf(python === null)(
    `the line, in the first line of every view${python === null ? ` (skipped: no environment ${venv})` : ''}`,
    { timeout: 300_000 },
    () => {
      const all = rehearse(python!, scratch('lines'), names);
      expect(all.filter(({ isRight }) => !isRight)).toEqual([]);
      const [appended] = all;
      expect(appended!.headline).toMatch(
        /^[!✗] (?:likely )?leak: `programs\.py:\d+ update` keeps 1\.0 MiB an update · /,
      );
      expect(appended!.says).toMatch(
        /^`programs\.py:\d+ update` keeps 1\.0 MiB an update, \d+% of what stays\./,
      );
    },
  );
});
