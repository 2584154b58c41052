/** Trainings of language models and supervised ones as people paste them, values invented: one behind another, cut at the end, beside other lines. */
import { describe, expect, test } from 'vitest';
import { watchedTruly as watched } from './pasted.ts';
import { figuresOf, reportOfLog, type WatchedLog } from './report-of-log.ts';

const GIB = 2 ** 30;
const endsOf = ({ events }: WatchedLog) =>
  events.flatMap(({ type, data }) =>
    type === 'TRAINING_COMPLETED' ? [(data as { reason: string }).reason] : [],
  );

describe('trainings one after another', () => {
  const epochs = (loss: number, of = 3) =>
    Array.from({ length: of }, (_, i) => `Epoch ${i + 1}/${of} - loss: ${loss - i / 8} - acc: 0.5`);
  const iterations = (loss: number) => [0, 100, 200].map(step => `iter ${step}: loss ${loss}, time 200ms`);
  const table = (loss: number) => [
    'epoch     train_loss  valid_loss  time    ',
    `0         ${loss}000    0.312345    00:10     `,
    `1         ${loss - 0.125}000    0.212345    00:10     `,
  ];
  const keras = (loss: number) =>
    [1, 2].flatMap(epoch => [`Epoch ${epoch}/2`, `10/10 - 1s - loss: ${loss} - accuracy: 0.25`]);
  test.each<[name: string, of: (loss: number) => string[], reports: number, ends: string]>([
    ['epochs of a known number', epochs, 3, 'finished'],
    ['iterations from the first again', iterations, 3, 'unknown'],
    ['a table’s head again', table, 2, 'unknown'],
    ['Keras’ epochs', keras, 2, 'finished'],
  ])('%s', (_, of, reports, ends) => {
    const read = watched('Training the small one', ...of(0.875), 'Training the large one', ...of(0.75));
    expect(figuresOf(read).length).toBe(2 * reports);
    expect(figuresOf(read)[reports]).toMatchObject({ loss: 0.75 });
    expect(read.reader.counts.repeated).toBe(0);
    expect(endsOf(read)).toEqual([ends, ends]);
  });
  test('processes that print the same steps are one training', () => {
    const twice = [0, 100, 200].flatMap(step => Array(2).fill(`iter ${step}: loss 0.5, time 200ms`));
    const read = watched(...twice);
    expect(read.numbers).toEqual([0, 100, 200]);
    expect(read.reader.counts.repeated).toBe(3);
    expect(endsOf(read)).toEqual(['unknown']);
  });
  test('a head that a page prints again, of numbers that go on, begins nothing', () => {
    const rows = (from: number) => ['epoch,train_loss', `${from},0.5`, `${from + 1},0.25`];
    const read = watched(...rows(0), ...rows(2));
    expect(read.numbers).toEqual([0, 1, 2, 3]);
    expect(endsOf(read)).toEqual(['unknown']);
  });
});

describe('a text that ends within a number', () => {
  const last = (text: string) => figuresOf(reportOfLog(text)).at(-1);
  const before = 'step 10 | loss 3.75 | lr 1.5e-4\nstep 20 | loss 3.25 | lr 1.25e-4\n';
  test.each([
    ['within the exponent', 'step 30 | loss 3.5 | lr 1.2e-', { step: 30, loss: 3.5 }],
    ['before it', 'step 30 | loss 3.5 | lr 1.2', { step: 30, loss: 3.5 }],
    ['within a loss', 'step 30 | lr 1.2e-4 | loss 3.4', { step: 20 }],
    ['within the step', 'step 30', { step: 20 }],
  ])('%s', (_, cut, expected) => {
    const read = last(before + cut);
    expect(read).toMatchObject(expected);
    if (expected.step === 30) expect(read).not.toHaveProperty('learningRate');
  });
  test('a newline ends it', () => {
    expect(last(`${before}step 30 | lr 1.2e-4 | loss 3.4\n`)).toMatchObject({ step: 30, loss: 3.4 });
  });
  test('a number of as many decimals as the line before ends in is whole', () => {
    const line = (epoch: number, loss: string) => `Epoch ${epoch}: loss 1.5, acc ${loss}`;
    expect(last(`${line(1, '0.5125')}\n${line(2, '0.4250')}`)).toMatchObject({ extra: { acc: 0.425 } });
    expect(last(`${line(1, '0.5125')}\n${line(2, '0.425')}`)).not.toHaveProperty('extra');
  });
  test('the text of an error keeps its numbers', () => {
    const { report } = reportOfLog(
      `${before}slurmstepd: error: *** JOB 4711 CANCELLED DUE TO TIME LIMIT ***\n`,
    );
    expect(report.failure?.ending?.kind).toBe('time limit');
    const killed = reportOfLog(`${before}E0101 10:00:00.1 failed (exitcode: -9) local_rank: 0 (pid: 4711`);
    expect(killed.report.run.state).toBe('failed');
  });
});

test('icefall’s rank is of as many as devices make; more are a loop’s count', () => {
  const line = (count: string, rest: string) =>
    `2026-05-01 10:00:00,123 INFO [train.py:908] (${count}) ${rest}`;
  expect(
    figuresOf(watched(line('10/1000', 'loss: 0.5, lr: 0.25'), line('20/1000', 'loss: 0.375, lr: 0.25'))),
  ).toMatchObject([
    { step: 10, loss: 0.5 },
    { step: 20, loss: 0.375 },
  ]);
  expect(watched(line('10/1000', 'epoch 1 loss 0.5'), line('20/1000', 'epoch 1 loss 0.25')).numbers).toEqual([
    10, 20,
  ]);
  // Of eight, what has its loss right behind it is a count, too; the eighth is no rank.
  const few = [6, 7, 8].map(at => line(`${at}/8`, `loss 0.${at}`));
  expect(watched(...few).numbers).toEqual([6, 7, 8]);
  const ranks = [0, 15].map(rank =>
    line(`${rank}/16`, 'Epoch 1, batch 50, loss[loss=0.5, over 2402.00 frames.]'),
  );
  expect([...new Set(watched(...ranks).events.map(({ rank }) => rank))]).toEqual([0, 15]);
});

test('Megatron’s memory after an iteration is of the report before it', () => {
  const iteration = (at: number) =>
    ` iteration ${at}/ 50 | elapsed time per iteration (ms): 500.5 | learning rate: 1.0E-05 | lm loss: 1.5E+00 |`;
  const memory = (rank: string, at: number) =>
    `${rank}(after ${at} iterations) memory (MB) | allocated: 3072.5 | max allocated: 5120.5 | reserved: 6144.0 | max reserved: 6144.0`;
  const read = watched(iteration(1), memory('[Rank 0] ', 1), memory('[Rank 1] ', 1), iteration(2));
  expect(read.events.filter(({ rank }) => rank === 0).map(({ type }) => type)).toEqual([
    'TRAINING_STARTED',
    'MEMORY_SAMPLED',
    'STEP_COMPLETED',
    'STEP_COMPLETED',
    'TRAINING_COMPLETED',
  ]);
  expect(read.report.run.maxBatches).toBe(50);
  // What another program prints between them ends the wait.
  const apart = watched(iteration(1), 'saving', iteration(2), 'saved');
  expect(apart.numbers).toEqual([1, 2]);
});

describe('a record that holds the text of an error', () => {
  const error = 'CUDA out of memory. Tried to allocate 2.00 GiB.';
  const spread = (step: number, rest = '') => ['{', `  "step": ${step},`, `  "loss": 0.${step}${rest}`, '}'];
  const onOne = (step: number, rest = '') => [`{"step": ${step}, "loss": 0.${step}${rest}}`];
  test.each([
    ['over several lines', spread],
    ['on one', onOne],
  ])('%s', (_, record) => {
    const failed = watched(...record(10), ...record(20, `, "error": "${error}"`));
    expect(failed.numbers).toEqual([10, 20]);
    expect(failed.report.failure?.outOfMemory?.triedBytes).toBe(2 * GIB);
    const survived = watched(...record(10), ...record(20, `, "error": "${error}"`), ...record(30));
    expect(survived.report.failure).toBeNull();
    expect(survived.events.map(({ type }) => type).slice(2, -1)).toEqual([
      'STEP_COMPLETED',
      'MEMORY_SAMPLED',
      'STEP_COMPLETED',
    ]);
  });
});

test('YANMTT: a batch and its loss below its words; without them two numbers are nothing', () => {
  const rows = ['0 9.53', '10 8.75', '20 7.25', '23 31.5'];
  expect(figuresOf(watched('Using label smoothing of 0.1', ...rows))).toMatchObject([
    { step: 0, loss: 9.53 },
    { step: 10, loss: 8.75 },
    { step: 20, loss: 7.25 },
  ]);
  expect(watched(...rows).numbers).toEqual([]);
});

describe('fastai’s lists', () => {
  const rows = ["[0, 0.5125, 0.3125, 0.75, '00:10']", "[1, 0.4375, 0.25, 0.875, '00:10']"];
  test('without the line of the columns’ names, and below it', () => {
    expect(figuresOf(watched(...rows))).toMatchObject([
      { step: 0, loss: 0.5125, extra: { valid_loss: 0.3125 } },
      { step: 1, loss: 0.4375 },
    ]);
    expect(
      figuresOf(watched("['epoch', 'train_loss', 'valid_loss', 'accuracy', 'time']", ...rows)),
    ).toMatchObject([{ extra: { valid_loss: 0.3125, accuracy: 0.75 } }, {}]);
  });
  test('its first version’s arrays, where the next epoch follows', () => {
    const array = (epoch: number) => `[ ${epoch}.       0.5125   0.3125   0.75   ]`;
    expect(figuresOf(watched(array(0), array(1), array(2)))).toMatchObject([
      { step: 0, loss: 0.5125, extra: { valid_loss: 0.3125 } },
      { step: 1 },
      { step: 2 },
    ]);
    expect(watched(array(0), array(4), array(2)).numbers).toEqual([]);
  });
  test('fine_tune’s second training begins with the first epoch again', () => {
    const read = watched(...rows, ...rows);
    expect(read.numbers).toEqual([0, 1, 0, 1]);
    expect(endsOf(read)).toEqual(['unknown', 'unknown']);
  });
  test('other lists are none', () => {
    expect(watched('[0, 0.5, 0.25]', "[1, 'a', '00:10']", "[0.5, 0.25, '00:10']").numbers).toEqual([]);
  });
});

test('nvidia-smi’s table under line numbers that spaces part from it', () => {
  const table = [
    '+-----------------------------------------------------------------------------+',
    '| NVIDIA-SMI 515.65.01    Driver Version: 515.65.01    CUDA Version: 11.7     |',
    '|-------------------------------+----------------------+----------------------+',
    '|   0  NVIDIA A100-SXM...  On   | 00000000:07:00.0 Off |                    0 |',
    '| N/A   31C    P0    60W / 400W |  38000MiB / 40960MiB |     99%      Default |',
    '+-------------------------------+----------------------+----------------------+',
    '',
    '| Processes:                                                                  |',
    '|    0   N/A  N/A     12345      C   python                          37990MiB |',
    '+-----------------------------------------------------------------------------+',
  ];
  for (const between of ['  ', ' ', ': ', '\t']) {
    const { events } = watched(...table.map((line, i) => `${String(i + 1).padStart(3)}${between}${line}`));
    expect(events.find(({ type }) => type === 'DEVICE_SAMPLED')?.data).toMatchObject({
      devices: [{ usedBytes: 38000 * 2 ** 20, processes: [{ pid: 12345 }] }],
    });
  }
  // Signed numbers behind a growing one are a table's.
  expect(reportOfLog('1 +0.5\n2 +0.25\n3 +0.5\n4 +0.5\nstep 1 loss 0.5\n').numbers).toEqual([1]);
});

test('the processes of nvidia-smi alone, of both forms', () => {
  const forms = [
    [
      '|    0     21011      C   python            7384MiB |',
      '|    1     21012      C   python            7373MiB |',
    ],
    [
      '|    0   N/A  N/A     21011      C   ...envs/lab/bin/python         7384MiB |',
      '|    1   N/A  N/A     21012      C   ...envs/lab/bin/python         7373MiB |',
    ],
  ];
  for (const rows of forms) {
    const { events, report } = watched(...rows);
    expect(events.find(({ type }) => type === 'DEVICE_SAMPLED')?.data).toMatchObject({
      devices: [
        { index: 0, processes: [{ pid: 21011, usedBytes: 7384 * 2 ** 20 }] },
        { index: 1, processes: [{ pid: 21012 }] },
      ],
    });
    expect(report.verdict.says).toContain('how much it has is not in the text');
  }
  // Any table may have rows of numbers and bars.
  expect(watched('|    0     21011      C   python            7384 |').events).toEqual([]);
});

test('of an uneven table the report names the device that runs out first', () => {
  const device = (index: number, used: number) => [
    `|   ${index}  Tesla V100-SXM2...  On   | 00000000:0${index + 4}:00.0 Off |                    0 |`,
    `| N/A   41C    P0    60W / 300W |  ${used}MiB / 16160MiB |     88%      Default |`,
  ];
  const head = '| NVIDIA-SMI 440.33.01    Driver Version: 440.33.01    CUDA Version: 10.2     |';
  const verdictOf = (...used: number[]) =>
    watched(head, ...used.flatMap((one, i) => device(i, one))).report.verdict.says;
  expect(verdictOf(12559, 10384, 10384)).toContain(
    'Device 0 holds 2.12 GiB more than its neighbours: it runs out first',
  );
  expect(verdictOf(15959, 13384, 13384)).toMatch(/nearly full.*2\.51 GiB more than its neighbours/);
  expect(verdictOf(10400, 10384, 10384)).not.toContain('neighbours');
  expect(verdictOf(12559, 14, 14)).not.toContain('neighbours');
});

describe('lines that a page has changed', () => {
  test('a Megatron report at whose bars lines end', () => {
    const iteration = (at: number) => [
      `iteration ${at}/50 | elapsed time per iteration: 2150.5 ms |`,
      `learning rate: 1.350000E-0${at} | global batch size: 4096 |`,
      'loss scale: 1.0 | grad norm: nan |',
      'number of skipped iterations: 0 | number of nan iterations: 0',
      '',
    ];
    expect(figuresOf(watched(...iteration(5), ...iteration(6)))).toMatchObject([
      { step: 5, stepMs: 2150.5, learningRate: 1.35e-5, gradNorm: 'NaN' },
      { step: 6, learningRate: 1.35e-6 },
    ]);
    // Words with a bar behind them are another program's.
    const [own] = figuresOf(
      watched(' iteration 5/ 50 | lm loss: 1.5E+00 |', 'saving: done |', 'learning rate: 0.5 |'),
    );
    expect(own).toMatchObject({ step: 5, loss: 1.5 });
    expect(own).not.toHaveProperty('learningRate');
  });
  test('spaces that became one', () => {
    const mmengine = (at: number) =>
      `2026/06/09 21:58:41 - mmengine - INFO - Epoch(train) [3][${at}/40] base_lr: 1.5e-03 lr: 1.5e-03 eta: 5 days, 23:52:36 time: 1.0105 memory: 4096 loss: 0.5`;
    expect(figuresOf(watched(mmengine(20), mmengine(40)))).toMatchObject([
      {
        step: 100,
        loss: 0.5,
        learningRate: 1.5e-3,
        stepMs: 1010.5,
        memory: [{ peakAllocatedBytes: 4 * GIB }],
      },
      { step: 120 },
    ]);
    const detectron = (at: number) =>
      `[03/01 19:16:15 d2.utils.events]: eta: 4:52:26 iter: ${at} total_loss: 1.75 time: 0.25 lr: 0.0005 max_mem: 2048M`;
    expect(figuresOf(watched(detectron(19), detectron(39)))).toMatchObject([
      { step: 19, loss: 1.75, learningRate: 5e-4, memory: [{ peakAllocatedBytes: 2 * GIB }] },
      { step: 39 },
    ]);
  });
  test('a report of maskrcnn-benchmark that is wrapped in the midst of a name or a figure', () => {
    const line = (at: number, cut: string) =>
      `2026-04-27 12:59:06,432 maskrcnn_benchmark.trainer INFO: eta: 6:07:52  iter: ${at}  loss: 5.5 (5.75)  loss_mask: 3.5 (nan)  loss_o${cut}bjectness: 0.75 (nan)  time: 0.25 (0.5)  lr: 0.0017  max mem: 4096`;
    const read = watched(line(20, '\n'), line(40, ''));
    for (const figures of figuresOf(read))
      expect(figures).toMatchObject({
        loss: 5.5,
        stepMs: 250,
        learningRate: 0.0017,
        memory: [{ peakAllocatedBytes: 4 * GIB }],
      });
    const within = line(20, '').replace('0.0017', '0.00\n17');
    expect(figuresOf(watched(within, line(40, '')))[0]).not.toHaveProperty('learningRate');
  });
  test('words in bold', () => {
    expect(
      figuresOf(
        watched(
          'Epoch: [2]  [10/40]  eta: 0:00:10  loss: 6.5 (6.75)  **grad_norm: 0.5 (nan)**  time: 0.5  max mem: 1024',
        ),
      ),
    ).toMatchObject([{ step: 90, loss: 6.5, gradNorm: 0.5 }]);
  });
});

test('NeMo counts iterations from 0, and its own number is no figure', () => {
  const line = (at: number) =>
    `Training epoch 0, iteration ${at}/149 | lr: 3e-05 | global_step: ${at} | reduced_train_loss: 1.25 | train_step_timing in s: 0.5`;
  const read = watched(line(120), line(121));
  expect(figuresOf(read)).toMatchObject([{ step: 120, loss: 1.25, stepMs: 500 }, { step: 121 }]);
  expect(figuresOf(read)[0]).not.toHaveProperty('extra');
  expect(read.report.run).toMatchObject({ maxBatches: 150, state: 'unknown' });
  expect(watched(line(148), line(149)).report.run.state).toBe('completed');
});

test('Catalyst: its count of epochs is the total; validation in the same words is no step', () => {
  const line = (epoch: number, phase: string, loss: number) =>
    `${epoch}/90 * Epoch ${epoch} (${phase}): _base/lr=0.25 | _timers/_fps=5849.5 | loss=${loss}`;
  const read = watched(line(1, 'train', 0.5), line(1, 'valid', 0.75), line(2, 'train', 0.25));
  expect(figuresOf(read)).toMatchObject([
    { step: 1, loss: 0.5 },
    { step: 2, loss: 0.25 },
  ]);
  expect(read.report.run.maxBatches).toBe(90);
  expect(watched(line(3, 'valid', 0.75), line(4, 'valid', 0.5)).numbers).toEqual([]);
});

test('ESPnet: the sum of an epoch is none of its intervals, and has what was reserved at most', () => {
  const { numbers, events } = watched(
    '[n1] 2026-10-02 19:01:39,395 (trainer:653) INFO: 1epoch:train:1-25batch: iter_time=0.001, loss=0.5, optim0_lr0=0.25, train_time=3.5',
    '[n1] 2026-10-02 19:05:41,689 (trainer:328) INFO: 1epoch results: [train] loss=0.75, optim0_lr0=0.25, total_count=25, gpu_max_cached_mem_GB=2.5, [valid] loss=0.5',
  );
  expect(numbers).toEqual([1]);
  expect(events.find(({ type }) => type === 'MEMORY_SAMPLED')?.data).toMatchObject({
    memory: [{ peakReservedBytes: 2.5 * GIB, peakScope: 'run' }],
  });
});

test('a text of few steps that ends within a traceback is of a training that failed', () => {
  const steps = ['step 1 loss 0.5', 'step 2 loss 0.25'];
  for (const frame of ['  File "/w/train.py", line 3, in <module>', '  File "/w/train.py", l'])
    expect(watched(...steps, 'Traceback (most recent call last):', frame).report.run.state).toBe('failed');
  expect(watched('Traceback (most recent call last):', ...steps).report.run.state).toBe('unknown');
});

test('a loss that is no number, for which DETR and MAE stop', () => {
  const line = (at: number) =>
    `Epoch: [0]  [${at}/40]  eta: 0:00:10  loss: 6.5 (6.75)  time: 0.5  max mem: 1024`;
  const stopped = 'Loss is nan, stopping training';
  for (const words of [stopped, `[17:12:01.741387] ${stopped}`]) {
    const { report } = watched(line(10), line(20), words, "{'loss_ce': tensor(nan, device='cuda:0')}");
    expect(report.run.state).toBe('failed');
    expect(report.failure).toMatchObject({ message: stopped, batch: 20 });
  }
  // What comes behind goes on.
  expect(watched(line(10), stopped, line(20), line(30)).report.run.state).toBe('unknown');
  expect(watched(line(10), 'If the loss is nan, stopping training is best').report.failure).toBeNull();
});

test('of several losses the one without another word', () => {
  const line = (at: number, parts: string) => `Epoch [1/75], Step [${at}/464], ${parts}`;
  expect(
    figuresOf(
      watched(
        line(10, 'Loss: 0.5, Disc Loss: 3.5, LM Loss: 1.5'),
        line(20, 'LM Loss: 1.25, Loss: 0.25'),
        line(30, 'LM Loss: 1.125, Disc Loss: 3.5'),
      ),
    ),
  ).toMatchObject([
    { step: 10, loss: 0.5 },
    { step: 20, loss: 0.25 },
    { step: 30, loss: 1.125 },
  ]);
});

test('Det3D and CenterPoint: an epoch of so many, counted from 1; a loop by hand in the same brackets is none of theirs', () => {
  const line = (at: number) =>
    `2026-11-24 05:56:46,311 - INFO - Epoch [3/6][${at}/40] lr: 0.25, eta: 11:25:38, time: 1.5, data_time: 0.5, loss_parse_time: 0.125 memory: 2048, `;
  const read = watched(line(10), "2026-11-24 05:56:46,311 - INFO - task : ['Car'], loss: 0.5", line(20));
  expect(figuresOf(read)).toMatchObject([
    { step: 90, learningRate: 0.25, stepMs: 1500, memory: [{ peakAllocatedBytes: 2 * GIB }] },
    { step: 100 },
  ]);
  expect(read.report.run.maxBatches).toBe(240);
  expect(watched('Epoch [0/6][10/40] loss: 0.5', 'Epoch [0/6][20/40] loss: 0.25').numbers).toEqual([10, 20]);
});

test('an evaluation’s bar behind a dictionary has no total of the training', () => {
  const { events } = watched(
    "{'loss': 2.31, 'grad_norm': 1.1, 'learning_rate': 1e-05, 'epoch': 0.1} 100%|██████████| 63/63 [00:10<00:00,  6.11it/s]",
    "{'loss': 2.11, 'grad_norm': 1.2, 'learning_rate': 2e-05, 'epoch': 0.2} 100%|██████████| 63/63 [00:10<00:00,  6.09it/s]",
  );
  const losses = events.flatMap(({ data }) => ('loss' in data ? [data.loss] : []));
  expect(losses).toEqual([2.31, 2.11]);
});

test('a sentence is no head of a table', () => {
  expect(watched('step failed with mean loss', '12 0.5 0.25', '13 0.4 0.24').report.run.updates).toBe(
    watched('an unrelated line of words', '12 0.5 0.25', '13 0.4 0.24').report.run.updates,
  );
});
