/** What a paste does to a log: line numbers before each line, bars joined or cut, documents over several lines, trainings one after another. Values invented. */
import { expect, test } from 'vitest';
import { watchedTruly as watched } from './pasted.ts';
import { reportOfLog, type WatchedLog } from './report-of-log.ts';

const ranksOf = ({ events }: WatchedLog) => [...new Set(events.map(({ rank }) => rank))];
const loop = (step: number) => `step ${step}/40 loss 0.${step + 10}`;

test.each<[name: string, number: (line: number) => string]>([
  ['a colon', line => `${line}: `],
  ['a bar', line => `  ${line} | `],
  ['a tab, as of cat -n', line => `${String(line).padStart(6)}\t`],
])('line numbers with %s are no ranks, whatever stands between', (_, number) => {
  const texts = ['Loading data', loop(1), loop(2), 'saving', loop(3), loop(4), loop(5)];
  const read = watched(...texts.map((text, i) => number(i + 7) + text));
  expect(read.numbers).toEqual([1, 2, 3, 4, 5]);
  expect(ranksOf(read)).toEqual([0]);
});

test.each<[name: string, line: (number: number) => string]>([
  [
    'ESPnet’s epoch',
    number => `${number}epoch:train:1-50batch:${number * 50}num_updates: iter_time=1e-04, loss=0.${number}`,
  ],
  ['the share of an epoch', number => `${number}/40 step ${number * 10} loss 0.${number}5`],
  ['an ordinal', number => `${number}th epoch, step ${number * 10}: loss 0.${number}5`],
])('a number that the text goes on from is no line’s: %s', (_, line) => {
  const { numbers } = watched(...[1, 2, 3, 4, 5].map(line));
  expect(numbers).toHaveLength(5);
});

test('numbers in front of the text at once', () => {
  const texts = ['Loading data', loop(1), loop(2), 'saving', loop(3), loop(4), loop(5)];
  expect(watched(...texts.map((text, i) => `${i + 7}${text.replace('step', 'Step')}`)).numbers).toEqual([
    1, 2, 3, 4, 5,
  ]);
});

test('an error under line numbers is the training’s', () => {
  const { report } = watched(
    ...[
      loop(1),
      loop(2),
      'Traceback (most recent call last):',
      '  File "/srv/fit.py", line 9, in <module>',
      '    loss.backward()',
      'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 3.00 GiB.',
    ].map((text, i) => `${i + 51}: ${text}`),
  );
  expect(report.run.state).toBe('failed');
  expect(report.failure?.outOfMemory?.triedBytes).toBe(3 * 2 ** 30);
});

test('ranks of srun stay ranks: they come again, and say the same of one step', () => {
  const of = (rank: number, step: number) => `${rank}: ${loop(step)}`;
  const inOrder = [1, 2].flatMap(step => [1, 2, 3, 0].map(rank => of(rank, step)));
  expect(ranksOf(watched(...inOrder)).sort()).toEqual([0, 1, 2, 3]);
  const many = [3, 4, 5, 6, 7, 0, 1, 2].map(rank => of(rank, 1));
  expect(ranksOf(watched(...many)).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const fromZero = [0, 1, 2, 3].map(rank => `${rank}: step ${rank + 1} loss 0.5`);
  expect(ranksOf(watched(...fromZero, ...fromZero))).toHaveLength(4);
});

test('rounds of CatBoost and Darknet are numbered, and no ranks', () => {
  const catboost = [0, 1, 2].map(round => `${round}: learn: 0.5${round} total: 51ms remaining: 5s`);
  expect(watched(...catboost).numbers).toEqual([0, 1, 2]);
  const darknet = [1, 2, 3].map(
    round => `${round}: 71.5, 71.25 avg, 0.001000 rate, 4.5 seconds, ${round * 64} images`,
  );
  expect(watched(...darknet).numbers).toEqual([1, 2, 3]);
  const later = [41, 42, 43, 44, 45].map(round => `${round}: learn: 0.5${round} total: 51ms remaining: 5s`);
  expect(watched(...later).numbers).toEqual([41, 42, 43, 44, 45]);
});

test('an evaluation’s memory is memory, and no step', () => {
  const line = (head: string, mib: number) =>
    `${head}  [ 10/50]  eta: 0:00:30  loss: 1.25 (1.20)  time: 0.6  data: 0.3  max mem: ${mib}`;
  const read = watched(line('Test:', 4000), line('Test:', 4100), line('Val:', 4500));
  expect(read.numbers).toEqual([]);
  expect(
    read.events.flatMap(({ data }) =>
      'phase' in data ? data.memory.map(own => own.peakAllocatedBytes) : [],
    ),
  ).toEqual([4000, 4100, 4500].map(mib => mib * 2 ** 20));
});

test('bars that a newline has cut are read whole', () => {
  const cut = (step: number, at: number) => {
    const bar = `Training:  ${step}0%|##     | ${step}/10 [00:0${step}<00:09,  1.01s/it, loss=0.${step}5]`;
    return [bar.slice(0, at), bar.slice(at)];
  };
  for (const at of [42, 49, 54]) {
    const { events, numbers } = watched(...[1, 2, 3, 4].flatMap(step => cut(step, at)));
    expect(numbers).toEqual([1, 2, 3, 4]);
    expect(events[1]!.data).toMatchObject({ step: 1, loss: 0.15 });
  }
});

test('AllenNLP’s bars count through under its epochs; an evaluation’s are none', () => {
  const logged = (words: string) => `2021-03-02 10:00:00,123 - INFO - allennlp.training.trainer - ${words}`;
  const bar = (at: number, of: number) =>
    `accuracy: 0.5, loss: 1.25 ||:  ${(100 * at) / of}%|####  | ${at}/${of} [00:10<00:10,  5.00it/s]`;
  const epoch = (number: number) => [
    logged(`Epoch ${number}/1`),
    logged('Training'),
    ...[5, 10, 20].map(at => bar(at, 20)),
    logged('Validating'),
    bar(5, 5),
  ];
  expect(watched(...epoch(0), ...epoch(1)).numbers).toEqual([5, 10, 20, 25, 30, 40]);
});

test('documents over several lines, one after another or in an array, are records; a configuration is none', () => {
  const record = (step: number) => ({ step, loss: 0.5, lr: 0.001 });
  const lines = (value: unknown, indent?: number) => JSON.stringify(value, null, indent).split('\n');
  const steps = [10, 20, 30];
  for (const text of [
    steps.flatMap(step => lines(record(step), 2)),
    steps.flatMap(step => ['saved', ...lines({ step, train: { loss: 0.5 }, names: ['a', 'b'] }, 4)]),
    lines(steps.map(record), 2),
    lines(steps.map(record)),
  ])
    expect(watched(...text).numbers).toEqual(steps);
  const summary = { _step: 499, _runtime: 12.5, 'train/loss': 0.25, _wandb: { runtime: 12 } };
  expect(watched(...lines(summary, 2)).events[1]!.data).toEqual({ step: 499, loss: 0.25 });
  const config = { batch: 32, lr: 0.001, iterations: 500, loss_weight: 0.5, loss: 'mse' };
  expect(watched(...lines(config, 2)).numbers).toEqual([]);
});

test('trainings one after another without a word: the first has ended, the next begins', () => {
  const steps = (from: number, to: number, say: (step: number) => string) =>
    Array.from({ length: to - from + 1 }, (_, i) => say(from + i));
  const starts = ({ events }: WatchedLog) =>
    events.filter(({ type }) => type === 'TRAINING_STARTED').map(({ data }) => data);
  const plain = (step: number) => `step ${step} loss 0.5`;
  const two = watched(...steps(1, 9, plain), ...steps(1, 4, plain));
  expect(starts(two)).toMatchObject([{}, { resumedAtStep: 0 }]);
  expect(two.report.run).toMatchObject({ state: 'unknown' });
  // Of few reports, too; and from a checkpoint.
  expect(starts(watched(...steps(1, 4, loop), ...steps(1, 9, loop)))).toHaveLength(2);
  expect(starts(watched(...steps(1, 9, plain), ...steps(6, 12, plain)))).toMatchObject([
    {},
    { resumedAtStep: 5 },
  ]);
  const batch = (epoch: number) => (step: number) => `Epoch ${epoch} Batch ${step} loss 0.5`;
  const whole = [1, 2].flatMap(epoch => steps(1, 3, batch(epoch)));
  expect(watched(...whole, ...whole).numbers).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
  const report = (tenths: number) =>
    `{'loss': 0.5, 'grad_norm': 1.0, 'learning_rate': 5e-05, 'epoch': ${tenths / 10}}`;
  expect(watched(...steps(1, 5, report), ...steps(1, 3, report)).numbers).toEqual([1, 2, 3, 4, 5, 1, 2, 3]);
  const drawn = (step: number) =>
    ` ${step}0%|##    | ${step}/10 [00:0${step}<00:08,  1.01s/it]\r${report(step)}`;
  expect(watched(...steps(1, 6, drawn), ...steps(1, 4, drawn)).numbers).toEqual([
    1, 2, 3, 4, 5, 6, 1, 2, 3, 4,
  ]);
  // Batches of an epoch that go on to their last, and of another process that lags behind, are none.
  expect(starts(watched(...steps(1, 40, loop), ...steps(1, 4, loop)))).toHaveLength(1);
  expect(starts(watched(...steps(1, 9, plain).flatMap(line => [line, line])))).toHaveLength(1);
});

const each = (numbers: readonly number[], say: (number: number) => string) => numbers.map(say);

test.each<[name: string, lines: string[], numbers: number[]]>([
  [
    'a loss that is NaN stands before it',
    each([10, 20, 30], step => `loss nan step ${step} lr 0.001`),
    [10, 20, 30],
  ],
  [
    'a rank in brackets stands before it',
    each([10, 20, 30], step => `[0] step=${step} loss=0.5`),
    [10, 20, 30],
  ],
  [
    'other lines have the best loss',
    each([10, 20, 30], step => `step ${step}: loss 0.5\nLowest validation loss at step ${step + 5}: 0.25`),
    [10, 20, 30],
  ],
  [
    'an evaluation that counts from 1 has its word behind the loss',
    [
      ...each([70, 80, 90, 100], step => `iter ${step} loss 0.5`),
      'iter 1 loss_eval 0.75',
      'iter 110 loss 0.5',
    ],
    [70, 80, 90, 100, 110],
  ],
  [
    'patience is counted in epochs',
    [
      ...each([1, 2, 3, 4, 5, 6], epoch => `epoch ${epoch}: loss 0.5`),
      'No improvement after 2 epochs, loss: 0.5',
    ],
    [1, 2, 3, 4, 5, 6],
  ],
  [
    'a logger of another trainer names an evaluation',
    each(
      [1, 2, 3],
      epoch => `INFO - Validating\nEpoch ${epoch}: 100%|####| 10/10 [00:01<00:00, 9.9it/s, loss=0.5]`,
    ),
    [10, 20, 30],
  ],
])('the number of a step where %s', (_, lines, numbers) => {
  const read = reportOfLog(`${lines.join('\n')}\n`);
  expect(read.numbers).toEqual(numbers);
  expect(read.events.filter(({ type }) => type === 'TRAINING_STARTED')).toHaveLength(1);
});

test('an error behind “Exception during training:” was survived where many steps follow', () => {
  const error = [
    'ERROR loop: Exception during training:',
    'Traceback (most recent call last):',
    'ValueError: bad sample',
  ];
  const read = (last: number) =>
    reportOfLog(
      [loop(1), loop(2), ...error, ...Array.from({ length: last - 2 }, (_, i) => loop(i + 3))].join('\n'),
    ).report.failure;
  expect(read(3)).toMatchObject({ errorType: 'ValueError' });
  expect(read(20)).toBeNull();
});

test('boosting: only the best round that is printed again is left out, and the next fold is read', () => {
  const xgboost = each([0, 1, 2, 3, 4, 5], round => `[${round}]\ttrain-rmse:0.5\teval-rmse:0.6`);
  expect(reportOfLog([...xgboost, 'Stopping. Best iteration:', xgboost[1]].join('\n')).numbers).toEqual([
    0, 1, 2, 3, 4, 5,
  ]);
  const fold = (loss: number) =>
    each([0, 1, 2, 3], round => `${round}:\tlearn: 0.${loss}${round}\ttest: 0.${loss}\ttotal: 50ms`);
  const folds = [...fold(4), '', 'bestTest = 0.4', 'bestIteration = 3', '', ...fold(5)];
  expect(reportOfLog(folds.join('\n')).numbers).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
});

test('a hint of Ultralytics 8.3 that names an old model makes its memory no older', () => {
  const { events } = reportOfLog(
    [
      "YOLOv5 'u' models feature improved performance vs standard YOLOv5 models.",
      'Ultralytics 8.3.40 Python-3.10.12 torch-2.4.0 CUDA:0 (Card, 15104MiB)',
      '      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size',
      '        1/3      2.00G      1.214      1.543      1.231         12        640: 100%|####| 10/10 [00:03<00:00,  3.1it/s]',
    ].join('\n'),
  );
  expect(events.find(({ type }) => type === 'STEP_COMPLETED')!.data).toMatchObject({
    memory: [{ reservedBytes: 2 * 2 ** 30 }],
  });
});
