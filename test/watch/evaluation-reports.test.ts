/** Evaluations between the reports of a training, as the libraries print them, values invented → figures of their own, at their step. */
import { describe, expect, test } from 'vitest';
import { watchedTruly as watched } from './pasted.ts';
import type { WatchedLog } from './report-of-log.ts';

const evaluationsOf = ({ events }: WatchedLog) =>
  events.flatMap(({ type, data }) =>
    type === 'FIGURES_LOGGED' ? [data as { batch: number | null; figures: object }] : [],
  );
const report = (epoch: number, loss = 2.5) =>
  `{'loss': ${loss}, 'grad_norm': 0.5, 'learning_rate': 0.0001, 'epoch': ${epoch}}`;
const evaluated = (epoch: number, loss: number) =>
  `{'eval_loss': '${loss}', 'eval_acc': '0.75', 'eval_runtime': '0.125', 'eval_samples_per_second': '96.5', 'eval_steps_per_second': '48', 'epoch': '${epoch}'}`;
const bar = (done: number, of: number, at = '00:10', rate = '1.50it/s') =>
  ` 10%|#     | ${done}/${of} [${at}<01:00,  ${rate}]`;

describe('dictionaries of the Hugging Face Trainer', () => {
  test('at the step of the report beside them, and without their times', () => {
    const read = watched(bar(10, 40), report(0.5), bar(10, 40), evaluated(0.5, 1.5), bar(11, 40, '00:12'));
    expect(read.numbers).toEqual([10]);
    expect(evaluationsOf(read)).toEqual([{ batch: 10, figures: { eval_loss: 1.5, eval_acc: 0.75 } }]);
  });
  test('at the step that the bar shows, where that is beyond the newest report', () => {
    const read = watched(bar(10, 40), report(0.5), bar(10, 40), bar(15, 40, '00:16'), evaluated(0.75, 1.5));
    expect(evaluationsOf(read).map(({ batch }) => batch)).toEqual([15]);
    const drawn = watched(
      bar(10, 40),
      report(0.5),
      bar(10, 40),
      bar(14, 40),
      evaluated(0.75, 1.5),
      bar(15, 40),
    );
    expect(evaluationsOf(drawn).map(({ batch }) => batch)).toEqual([15]);
  });
  test('behind reports that came together, each of its own', () => {
    const held = [report(0.25, 3), evaluated(0.25, 2.5), report(0.5, 2), evaluated(0.5, 1.5)];
    const read = watched(
      bar(0, 40),
      ...[5, 10, 15, 20].map(done => bar(done, 40, `00:${done + 10}`)),
      ...held,
    );
    expect(read.numbers).toEqual([10, 20]);
    expect(evaluationsOf(read).map(({ batch }) => batch)).toEqual([10, 20]);
  });
  test('in front of the first report: the total stays known, and so does the memory', () => {
    const first =
      "{'eval_loss': '2.75', 'eval_runtime': '0.125', 'memory/max_allocated (GiB)': '10.5', 'epoch': 0}";
    const read = watched(
      bar(0, 40, '00:00'),
      bar(0, 3, '00:00'),
      first,
      bar(0, 40, '00:00'),
      bar(1, 40),
      report(0.025),
    );
    expect(read.events[0]!.data).toMatchObject({ maxSteps: 40 });
    expect(read.events.map(({ type }) => type).slice(1, 4)).toEqual([
      'FIGURES_LOGGED',
      'MEMORY_SAMPLED',
      'STEP_COMPLETED',
    ]);
    expect(evaluationsOf(read)).toEqual([{ batch: 0, figures: { eval_loss: 2.75 } }]);
  });
  test('a bar of as many steps that begins meanwhile is the evaluation’s; where a report follows, another training’s', () => {
    const nested = [0, 16, 34].map(done => bar(done, 40, '00:00', '160.00it/s'));
    const read = watched(
      bar(10, 40),
      report(0.25),
      bar(10, 40),
      ...nested,
      evaluated(0.25, 1.5),
      bar(11, 40, '00:11'),
    );
    expect(evaluationsOf(read).map(({ batch }) => batch)).toEqual([10]);
    const training = (last: number) => [
      bar(0, 40, '00:00'),
      ...Array.from({ length: last }, (_, i) => [
        bar(4 * i + 4, 40, `00:${i + 10}`),
        report((i + 1) / 10),
      ]).flat(),
    ];
    expect(watched(bar(10, 40), report(0.25), ...training(3)).numbers.slice(0, 1)).toEqual([10]);
    const again = watched(...training(5), ...training(3));
    expect(again.numbers).toEqual([4, 8, 12, 16, 20, 4, 8, 12]);
  });
  test('behind a report that still waits for its bar, and not before it', () => {
    const memory = "{'eval_loss': '1.5', 'memory/max_allocated (GiB)': '10.5', 'epoch': 0.5}";
    const read = watched(
      bar(5, 40),
      report(0.25),
      bar(5, 40),
      bar(10, 40, '00:15'),
      report(0.5),
      memory,
      bar(11, 40, '00:20'),
    );
    expect(read.events.map(({ type }) => type).slice(2, 5)).toEqual([
      'STEP_COMPLETED',
      'FIGURES_LOGGED',
      'MEMORY_SAMPLED',
    ]);
    expect(read.numbers).toEqual([5, 10]);
  });
  test('a bar of an evaluation between a report and the next drawing: the training’s was not drawn again', () => {
    const read = watched(bar(9, 40), report(0.25), bar(0, 3, '00:00'), bar(10, 40), bar(20, 40, '00:30'));
    expect(read.numbers).toEqual([9]);
  });
  test('where the output is held back and the bar has run ahead, at the step of the report with its epoch', () => {
    const ahead = [10, 10, 20, 20, 30, 30].map((done, i) => bar(done, 40, `00:${10 + i}`));
    const read = watched(
      bar(0, 40, '00:00'),
      ...ahead,
      report(0.25, 3),
      report(0.5, 2),
      bar(31, 40, '00:31'),
      evaluated(0.5, 1.5),
      bar(31, 40, '00:31'),
    );
    expect(read.numbers).toEqual([10, 20]);
    expect(evaluationsOf(read).map(({ batch }) => batch)).toEqual([20]);
  });
  test('nothing but times is no figure, and a log of one evaluation has no step', () => {
    const times = "{'eval_runtime': 12.5, 'eval_samples_per_second': 8.0, 'epoch': 1.0}";
    expect(evaluationsOf(watched(bar(10, 40), report(0.5), bar(10, 40), times))).toEqual([]);
    expect(evaluationsOf(watched(evaluated(1, 1.5), report(1.25)))[0]).toMatchObject({ batch: null });
  });
});

test('a bar that is drawn again in the next second, at the rate that it had, shows the report’s step; a slow one the next', () => {
  const drawn = (rate: string) =>
    watched(
      bar(9, 90, '00:01', rate),
      report(0.1),
      bar(10, 90, '00:02', rate),
      bar(19, 90, '00:03', '9.50it/s'),
      report(0.2),
      bar(20, 90, '00:03', '9.50it/s'),
    ).numbers;
  expect(drawn('8.25it/s')).toEqual([10, 20]);
  for (const rate of ['1.00it/s', '1.00s/it']) expect(drawn(rate)).toEqual([9, 20]);
});

test('reports that came together have the steps of their epochs, in a training of whole ones, the first logged step among them', () => {
  const stepsOf = (total: number, ...epochs: number[]) =>
    watched(
      bar(0, total, '00:00'),
      bar(10, total),
      ...epochs.map(epoch => report(epoch)),
      bar(11, total, '00:12'),
    ).numbers;
  expect(stepsOf(36, 0.02778, 0.1389, 0.2778)).toEqual([1, 5, 10]);
  expect(stepsOf(72, 0.02778, 0.1389, 0.2778)).toEqual([1, 5, 10]);
  // Too few digits for so many steps: they are as far apart as each other.
  expect(stepsOf(3600, 0.05, 0.1)).toEqual([5, 10]);
  expect(stepsOf(36, 0.1, 0.2)).toEqual([5, 10]);
});

test('records of LLaMA-Factory and ms-swift have the number that their reports have', () => {
  const lines = [
    '{"current_steps": 5, "total_steps": 10, "loss": 2.5, "lr": 0.001, "epoch": 0.5, "percentage": 50.0}',
    '{"current_steps": 5, "total_steps": 10, "eval_loss": 2.25, "epoch": 0.5, "percentage": 50.0}',
    '{"current_steps": 10, "total_steps": 10, "loss": 2.0, "lr": 0.001, "epoch": 1.0, "percentage": 100.0}',
    '{"current_steps": 10, "total_steps": 10, "eval_loss": 1.75, "epoch": 1.0, "percentage": 100.0}',
  ];
  const read = watched(...lines);
  expect(read.numbers).toEqual([5, 10]);
  expect(evaluationsOf(read)).toEqual([
    { batch: 5, figures: { eval_loss: 2.25 } },
    { batch: 10, figures: { eval_loss: 1.75 } },
  ]);
  // Of other trainers a record of an evaluation alone may be numbered in its own way.
  const other = watched(
    '{"step": 5, "loss": 2.5}',
    '{"step": 1, "val_loss": 2.25}',
    '{"step": 10, "loss": 2.0}',
  );
  expect(evaluationsOf(other)).toEqual([]);
});

test('SetFit’s loss has a name of its own, and its evaluation does not train', () => {
  const at = (epoch: number, loss: number) =>
    `{'embedding_loss': '${loss}', 'grad_norm': '1.5', 'learning_rate': '1e-05', 'epoch': '${epoch}'}`;
  const tested = "{'eval_embedding_loss': '0.25', 'eval_embedding_runtime': '0.5', 'epoch': '0.5'}";
  const read = watched(
    bar(5, 20),
    at(0.25, 0.5),
    bar(5, 20),
    bar(10, 20),
    at(0.5, 0.375),
    bar(10, 20),
    tested,
  );
  expect(read.numbers).toEqual([5, 10]);
  expect(read.events.find(({ type }) => type === 'STEP_COMPLETED')!.data).toMatchObject({ loss: 0.5 });
  expect(evaluationsOf(read)).toEqual([{ batch: 10, figures: { eval_embedding_loss: 0.25 } }]);
});

test('figures of a whole training are kept once, though the block behind has them with other digits', () => {
  const end = "{'train_runtime': 20.25, 'train_loss': 1.125, 'epoch': 2.0}";
  const block = [
    '***** train metrics *****',
    '  epoch                    =        2.0',
    '  train_loss = 1.1252',
    '  total = 3',
  ];
  const read = watched(bar(10, 10), report(2), bar(10, 10), end, ...block, 'Saved.');
  expect(evaluationsOf(read)).toEqual([
    { figures: { train_runtime: 20.25, train_loss: 1.125, epoch: 2 } },
    { batch: null, figures: { total: 3 } },
  ]);
  expect(evaluationsOf(watched(bar(10, 10), report(2), bar(10, 10), ...block, 'Saved.'))).toEqual([
    { batch: null, figures: { epoch: 2, train_loss: 1.1252, total: 3 } },
  ]);
});

describe('LeRobot', () => {
  const line = (text: string) => `INFO 2026-03-02 08:19:39 ot_train.py:641 ${text}`;
  const step = (count: string, rest = 'mem_gb:2.50 l1_loss:0.25 kld_loss:0.125') =>
    line(
      `step:${count} smpl:2K ep:3 epch:0.12 loss:2.5 grdn:12.5 lr:1.0e-05 updt_s:0.125 data_s:0.001 smp/s:64 ${rest}`,
    );
  test('its total, its peak of memory, its evaluations and its last words', () => {
    const read = watched(
      line('cfg.steps=450 (450)'),
      step('200'),
      line('step 200: eval_loss=0.5001'),
      step('400'),
      line('End of training'),
    );
    expect(read.numbers).toEqual([200, 400]);
    expect(read.events[0]!.data).toMatchObject({ maxSteps: 450 });
    expect(read.events[1]!.data).toMatchObject({
      loss: 2.5,
      extra: { 'smp/s': 64, l1_loss: 0.25 },
      memory: [{ peakAllocatedBytes: 2.5 * 2 ** 30 }],
    });
    expect(evaluationsOf(read)).toEqual([{ batch: 200, figures: { eval_loss: 0.5001 } }]);
    expect(read.events.at(-1)).toMatchObject({ type: 'TRAINING_COMPLETED', data: { reason: 'finished' } });
  });
  test('an evaluation in the environment is printed as a report is, without a loss; other words end nothing', () => {
    const tried = line('step:400 smpl:3K ep:3 epch:0.24 ∑rwrd:2.500 success:12.5 eval_s:3.250');
    const read = watched(
      step('200'),
      step('400'),
      tried,
      line('End of training set'),
      'Saved at the End of training',
    );
    expect(read.events.filter(({ type }) => type === 'STEP_COMPLETED')).toHaveLength(2);
    expect(evaluationsOf(read)).toEqual([
      { batch: 400, figures: { '∑rwrd': 2.5, success: 12.5, eval_s: 3.25 } },
    ]);
    expect(read.events.at(-1)!.data).not.toMatchObject({ reason: 'finished' });
  });
});

describe('of trainers that print them on lines of their own', () => {
  test('verl: before the first step, beside a step, and alone', () => {
    const step = (number: number, more = '') =>
      `(TaskRunner pid=7) step:${number} - actor/entropy:0.35 - critic/score/mean:0.45 - perf/throughput:1500.25${more}`;
    const alone = (number: number, score: number) =>
      `(TaskRunner pid=7) step:${number} - val-core/gsm8k/reward/mean@1:${score}`;
    const beside = ' - val-core/gsm8k/reward/mean@1:0.53 - val-aux/num_turns/mean:2.05';
    const read = watched(alone(0, 0.31), step(1), step(2), step(3, beside), step(4), alone(4, 0.56));
    expect(read.numbers).toEqual([1, 2, 3, 4]);
    expect(evaluationsOf(read)).toEqual([
      { batch: 0, figures: { 'val-core/gsm8k/reward/mean@1': 0.31 } },
      { batch: 4, figures: { 'val-core/gsm8k/reward/mean@1': 0.56 } },
    ]);
    // A step without what an earlier one had behind it is whole.
    expect(read.reader.counts.almost).toBe(0);
  });
  test.each([
    ['mmengine', '  ', 'Epoch(val) [1][40/40]'],
    ['mmengine, by iterations', '  ', 'Iter(val) [40/40]'],
    ['mmcv', '\t', 'Epoch(val) [1][5000]'],
  ])('%s: its metrics, and no line of its progress', (_, gap, head) => {
    const logger = '2026/03/01 10:00:00 - mmengine - INFO - ';
    const trained = (at: number) =>
      `${logger}Epoch(train)  [1][${at}/100]  lr: 1.0e-03  time: 0.25  data_time: 0.01  memory: 5397  loss: 2.5`;
    const progress = `${logger}Epoch(val)  [1][20/40]    eta: 0:00:02  time: 0.05  data_time: 0.01  memory: 1221  `;
    const metrics = [head, 'coco/bbox_mAP: 0.31', 'coco/bbox_mAP_50: 0.51', 'data_time: 0.01', 'time: 0.05'];
    const read = watched(trained(50), trained(100), progress, logger + metrics.join(gap), trained(100));
    expect(read.numbers).toEqual([50, 100]);
    expect(evaluationsOf(read).map(({ figures }) => figures)).toEqual([
      { 'coco/bbox_mAP': 0.31, 'coco/bbox_mAP_50': 0.51 },
    ]);
  });
});
