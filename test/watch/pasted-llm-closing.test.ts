/** What trainers of language models print behind their last step: values invented. */
import { describe, expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { watched } from './report-of-log.ts';

const saysOf = (...lines: string[]) => explainText(lines.join('\n'), 'pasted', 2e12)!;
const ownOf = (...lines: string[]) =>
  Object.fromEntries((watched(...lines).report.own ?? []).map(({ name, newest }) => [name, newest]));

describe('what is printed behind the last step', () => {
  const closing =
    "{'train_runtime': 120.5, 'train_samples_per_second': 6.25, 'train_loss': 0.375, 'epoch': 1.0}";
  const killed =
    '[2025-05-09 11:39:06,552] torch.distributed.elastic.multiprocessing.api: [ERROR] failed (exitcode: -9) local_rank: 0 (pid: 38314) of binary: /usr/bin/python3.10';
  test('is of the training as a whole, and it had finished', () => {
    const lines = [closing, '100%|██████████| 977/977 [34:51<00:00, 12.84s/it]', killed];
    expect(watched(...lines).report).toMatchObject({
      run: { state: 'failed', lastBatch: 977, maxBatches: 977 },
      failure: { message: /^after the training had finished: /, errorType: 'SIGKILL' },
    });
    expect(ownOf(...lines)).toMatchObject({ train_loss: 0.375 });
    expect(saysOf(...lines, '').says).toContain('After the training had finished: Process 38314');
  });
  test('a bar that is not full is of another training', () => {
    const { report } = watched(closing, '  3%|▎         | 30/977 [34:51<00:00, 12.84s/it]', killed);
    expect(report.failure?.message).not.toContain('had finished');
  });
  test('its time in every report is no end', () => {
    const report = (step: number) =>
      `{'loss': 0.5, 'grad_norm': 0.25, 'learning_rate': 1e-05, 'epoch': 0.${step}, 'train_runtime': 371${step}.5}`;
    const lines = [1, 2, 3].map(report);
    expect(watched(...lines).report.run.state).toBe('unknown');
    expect(ownOf(...lines)).toMatchObject({ train_runtime: 3713.5 });
  });
});
