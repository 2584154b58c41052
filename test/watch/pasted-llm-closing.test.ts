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

describe('places and memory are no figures of a training', () => {
  const place = (step: number, memory: number) =>
    `'epoch': '0.${step}', 'global_step/max_steps': '${step}/9', 'memory(GiB)': '${memory}', 'train_speed(s/it)': '0.5'`;
  const report = (step: number) => `{'loss': '0.75', 'token_acc': '0.5', ${place(step, 2.5)}}`;
  const read = watched(
    report(3),
    report(6),
    `{'train_runtime': '4.5', 'train_loss': '0.75', ${place(9, 3.5)}}`,
  );
  const figured = read.events.flatMap(({ type, data }) =>
    type === 'STEP_COMPLETED'
      ? [Object.keys((data as { extra?: object }).extra ?? {})]
      : type === 'FIGURES_LOGGED'
        ? [Object.keys((data as { figures: object }).figures)]
        : [],
  );
  test('of a report, and of a closing record, whose memory is the device’s', () => {
    expect(figured.slice(0, 2)).toEqual([
      ['token_acc', 'epoch', 'train_speed(s/it)'],
      ['token_acc', 'epoch', 'train_speed(s/it)'],
    ]);
    expect(figured[2]).toEqual(['train_runtime', 'train_loss', 'epoch', 'train_speed(s/it)']);
    const peaks = read.events.flatMap(
      ({ data }) => (data as { memory?: { peakReservedBytes?: number }[] }).memory ?? [],
    );
    expect(peaks.map(({ peakReservedBytes: bytes }) => bytes! / 1024 ** 3)).toEqual([2.5, 2.5, 3.5]);
    expect(read.events.at(-1)?.type).toBe('TRAINING_COMPLETED');
  });
  test.each([
    ['LLaMA-Factory’s total', '"current_steps": 3, "total_steps": 9, "percentage": 33.3', []],
    ['a game’s steps so far', '"iteration": 3, "total_steps": 900', ['total_steps']],
    ['a game’s longest', '"iteration": 3, "longest_steps": 90', ['longest_steps']],
  ])('%s', (_, keys, left) => {
    const line = `{${keys}, "loss": 0.5, "epoch": 0.3}`;
    const { events } = watched(line, line.replaceAll(': 3,', ': 4,'));
    const steps = events.filter(({ type }) => type === 'STEP_COMPLETED');
    expect(steps).toHaveLength(2);
    const extra = Object.keys((steps[0]!.data as { extra: object }).extra);
    expect(extra.filter(key => key.endsWith('_steps'))).toEqual(left);
  });
});
