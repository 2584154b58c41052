/** Logs that real libraries wrote: the steps, the total and the end that they had. */
import { describe, expect, test } from 'vitest';
import { material } from '../material.ts';
import { reportOfFile } from './report-of-log.ts';

const rows: [log: string, format: string, state: string, numbers: number[], total: number | null][] = [
  ['hf-trainer', 'huggingface', 'completed', [5, 10, 15, 20], 20],
  ['hf-trainer.pty', 'huggingface', 'completed', [5, 10, 15, 20], 20],
  ['hf-h-eval', 'huggingface', 'completed', [5, 10, 15, 20], 20],
  ['hf-h-tr2', 'huggingface', 'completed', [5, 10, 15, 20], 20],
  ['hf-h-cuda', 'huggingface', 'failed', [5, 10], 20],
  ['hf-h-ve', 'huggingface', 'failed', [5, 10], 20],
  ['hf-h-ki', 'huggingface', 'interrupted', [5, 10], 20],
  ['trl-sft', 'huggingface', 'completed', [2, 4, 6, 8, 10], 10],
  ['trl-dpo', 'huggingface', 'completed', [2, 4, 6, 8, 10], 10],
  ['trl-grpo', 'huggingface', 'completed', [2, 4, 6, 8, 10], 10],
  ['trl-grpo.pty', 'huggingface', 'completed', [2, 4, 6, 8, 10], 10],
  ['trl-rloo', 'huggingface', 'completed', [2, 4, 6, 8, 10], 10],
  ['sb3-ppo', 'sb3', 'unknown', [1, 2, 3, 4], null],
  ['sb3-ppo-eval', 'sb3', 'unknown', [1, 2, 3, 4], null],
  ['sb3-i-ppo-ki', 'sb3', 'interrupted', [1], null],
  ['sb3-i-ppo-ve', 'sb3', 'failed', [1], null],
];

describe('logs of real libraries', () => {
  test.each(rows)('%s', (log, format, state, numbers, total) => {
    const file = material(`frameworks/${log}.log`);
    if (file === undefined) return;
    const read = reportOfFile(file);
    expect(read.reader.format).toBe(format);
    expect(read.report.run.state).toBe(state);
    expect(read.numbers).toEqual(numbers);
    expect(read.report.run.maxBatches).toBe(total);
  });

  test.skipIf(!material('frameworks'))(
    'supervised trainers have no policy; GRPO and RLOO have a return',
    () => {
      for (const log of ['trl-sft', 'trl-dpo'])
        expect(reportOfFile(material(`frameworks/${log}.log`)!).events.map(({ type }) => type)).not.toContain(
          'PPO_UPDATE_COMPLETED',
        );
      for (const log of ['trl-grpo', 'trl-rloo'])
        for (const { type, data } of reportOfFile(material(`frameworks/${log}.log`)!).events)
          if (type === 'PPO_UPDATE_COMPLETED')
            expect(data).toMatchObject({
              rollout: { episodicReturn: expect.any(Number), episodicLength: expect.any(Number) },
            });
    },
  );
});
