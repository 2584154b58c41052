/** More logs of vision and speech trainers as people keep them, values invented: rows of Keras, ranks, rates, workers that a signal ended. */
import { describe, expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { watchedTruly } from './pasted.ts';
import { figuresOf, numbersOf, reportsOf, watched } from './report-of-log.ts';

describe('rows of Keras behind the last of an epoch', () => {
  const row = (done: number, of: number, figures: string) =>
    `${done}/${of} [==============================] - 1s 53ms/step${figures}`;
  const head = (epoch: number) => `Epoch ${epoch}/2`;
  const fit = [head(1), row(6, 6, ' - loss: 0.5000'), head(2), row(6, 6, ' - loss: 0.4000')];

  test('are an evaluation’s, and no part of the epoch', () => {
    for (const behind of [
      [row(2, 2, ' - loss: 0.9000')],
      [row(1, 2, ' - loss: 0.8000'), row(2, 2, ' - loss: 0.9000')],
      ['', row(2, 2, ' - loss: 0.9000')],
      ['Evaluate on the test set', row(2, 2, ' - loss: 0.9000')],
      [row(2, 2, '')],
      [row(3, 6, ' - loss: 0.8000'), row(6, 6, ' - loss: 0.9000').replace('6/6', '5/6')],
    ]) {
      const read = watchedTruly(...fit, ...behind);
      expect(figuresOf(read), behind.join()).toMatchObject([
        { step: 1, loss: 0.5 },
        { step: 2, loss: 0.4 },
      ]);
      expect(read.report.run.state).toBe('completed');
    }
  });
  test('or the epoch’s own once more, with its validation', () => {
    const validated = [
      ...fit.slice(0, 3),
      row(6, 6, ' - loss: 0.4100'),
      row(6, 6, ' - loss: 0.4000 - val_loss: 0.7000'),
    ];
    expect(reportsOf(...validated)[1]).toMatchObject({ loss: 0.4, extra: { val_loss: 0.7 } });
    // An evaluation on as many batches has none.
    expect(reportsOf(...validated, row(6, 6, ' - loss: 0.9000'))[1]).toMatchObject({ loss: 0.4 });
  });
  test('a row without figures takes nothing away', () => {
    const old = [
      'Epoch 1/1',
      '600/600 [==============================] - 8s - loss: 0.4000     ',
      '100/100 [==============================] - 0s     ',
    ];
    expect(reportsOf(...old)).toMatchObject([{ step: 1, loss: 0.4 }]);
  });
});

describe('rows of Keras without an epoch above them', () => {
  const row = (done: number, of: number, loss: number, rest = '') =>
    `${done}/${of} ━━━━━━━━━━━━━━━━━━━━ 1s 53ms/step - loss: ${loss.toFixed(4)}${rest}`;
  test('each whole one is a fit of one epoch, and they are counted', () => {
    const read = watchedTruly(
      '======== Epoch 2 ========',
      row(15, 15, 0.4),
      row(18, 18, 0.3),
      row(9, 9, 0.2),
      'Killed',
    );
    expect(figuresOf(read)).toMatchObject([
      { step: 1, loss: 0.4 },
      { step: 2, loss: 0.3 },
      { step: 3, loss: 0.2 },
    ]);
    expect(read.report.run).toMatchObject({ numbered: 'reports', state: 'failed' });
  });
  test('one that is drawn twice is one fit', () => {
    const fits = [0.9, 0.8, 0.7, 0.6].flatMap(loss => [
      row(14, 15, loss),
      row(15, 15, loss),
      row(15, 15, loss, ' - val_loss: 1.0000'),
    ]);
    expect(reportsOf(...fits)).toMatchObject(
      [0.9, 0.8, 0.7, 0.6].map((loss, i) => ({ step: i + 1, loss, extra: { val_loss: 1 } })),
    );
    expect(reportsOf(row(15, 15, 0.9), row(15, 15, 0.9), row(15, 15, 0.9))).toMatchObject([
      { step: 15, loss: 0.9 },
    ]);
  });
  test('of two, the second may be an evaluation’s; in the midst of an epoch the newest is its last', () => {
    expect(reportsOf(row(6, 6, 0.4), row(2, 2, 0.9))).toMatchObject([{ step: 6, loss: 0.4 }]);
    expect(reportsOf(row(13, 15, 0.4), row(14, 15, 0.3), row(15, 15, 0.2))).toMatchObject([
      { step: 15, loss: 0.2 },
    ]);
    expect(reportsOf(row(6, 6, 0.4), 'Epoch 8/9', row(6, 6, 0.3))).toMatchObject([
      { step: 7, loss: 0.4 },
      { step: 8, loss: 0.3 },
    ]);
  });
});

describe('workers of PyTorch’s DataLoader that a signal ended', () => {
  const line = (signal: string, more = '') => `ERROR: Unexpected ${signal} encountered in worker.${more}`;
  const full = line('bus error', ' This might be caused by insufficient shared memory (shm).');
  const cut = [
    'Traceback (most recent call last):',
    '  File "/w/queues.py", line 40, in _feed',
    '    obj = dumps(obj)',
  ];
  test('by their own words, though the traceback behind them is cut', () => {
    for (const lines of [[full], [full, full, ...cut], ['step 1 loss 0.5', full, ...cut]]) {
      const answer = explainText(`${lines.join('\n')}\n`, 'pasted', 2e12)!;
      expect(answer.says).toContain('A DataLoader worker was killed by SIGBUS');
      expect(answer.next.join()).toContain('--shm-size');
      expect(answer.state).toBe('failed');
    }
    expect(explainText(line('segmentation fault'), 'pasted', 2e12)!.says).toContain('SIGSEGV');
    expect(explainText(line('floating-point exception'), 'pasted', 2e12)!.says).toContain('SIGFPE');
  });
  test('behind a bar that has no picture, as in a notebook’s cell', () => {
    const bar = 'Training Epoch 4:   0% 0/101 [00:00<?, ?it/s]';
    const error = 'RuntimeError: DataLoader worker (pid 4711) is killed by signal: Aborted. ';
    const answer = explainText(
      `${bar}src/tcmalloc.cc:283] Attempt to free invalid pointer 0x1 \n${cut.join('\n')}\n${error}\n`,
      'pasted',
      2e12,
    )!;
    expect(answer.says).toContain('the heap of the process was overwritten');
    expect(watched('step 1 loss 0.5', bar + full).report.run.state).toBe('failed');
    // Figures of the bar are its own.
    expect(reportsOf('Epoch 1: 50% 5/10 [00:05<00:05, 1.00it/s, loss=0.5]')).toMatchObject([{ loss: 0.5 }]);
  });
  test('a sentence about it is none that happened; figures behind it were survived', () => {
    expect(
      explainText(
        'Why do I see: Unexpected bus error encountered in worker? I use 8 of them.\n',
        'pasted',
        2e12,
      )?.state ?? null,
    ).toBe(null);
    expect(watched('step 1 loss 0.5', full, 'step 2 loss 0.5', 'step 3 loss 0.5').report.run.state).toBe(
      'unknown',
    );
  });
});

describe('WeNet’s ranks, each with its own line', () => {
  const line = (epoch: number, batch: number, loss: number, rank: number) =>
    `2026-03-01 10:00:00,123 DEBUG TRAIN Batch ${epoch}/${batch} loss ${loss} loss_att 20.5 lr 1.0e-06 rank ${rank}`;
  test('one that is behind has its own numbers and losses', () => {
    const { events } = watched(
      line(4, 100, 12, 0),
      line(4, 100, 13, 1),
      line(4, 200, 11, 0),
      line(4, 300, 10, 0),
      line(4, 200, 14, 1),
    );
    const of = (rank: number) =>
      events.flatMap(event => (event.rank === rank && event.type === 'STEP_COMPLETED' ? [event.data] : []));
    expect(of(0)).toMatchObject([
      { step: 100, loss: 12 },
      { step: 200, loss: 11 },
      { step: 300, loss: 10 },
    ]);
    expect(of(1)).toMatchObject([
      { step: 100, loss: 13 },
      { step: 200, loss: 14 },
    ]);
    expect(of(1)[0]).not.toHaveProperty('extra.rank');
  });
  test('elsewhere a rank is what it is: LoRA’s, or a metric', () => {
    expect(reportsOf('step 10 loss 0.5 lr 1.0e-4 rank 16')).toMatchObject([
      { step: 10, extra: { rank: 16 } },
    ]);
  });
});

test('iterations through all epochs, where those of one would be too many', () => {
  const line = (epoch: number, iter: number) =>
    `Epoch [${epoch}/1080]; Iter [${iter}/713880]; Loss 36.25; LR 1.00e-06; Iter time 0.50; ETA 3 days, 2:52:36; Mem 11266.50MB`;
  const read = watched(line(0, 0), line(0, 10), line(2, 1330));
  expect(read.numbers).toEqual([0, 10, 1330]);
  expect(read.report.run.maxBatches).toBe(713_880);
  // Those of one are still counted through all of them.
  expect(watched('Epoch [2/300]; Iter [10/20018]; Loss 0.5').report.run).toMatchObject({
    lastBatch: 20_028,
    maxBatches: 300 * 20_018,
  });
});

test('JAX’s rate of the training alone is a step, a figure of something else is none', () => {
  const line = (step: number, figures: string) =>
    `I0301 10:00:00.123456 1234567 logging_writer.py:34] [${step}] ${figures}`;
  expect(
    watched(line(40, 'steps_per_sec=0.25'), line(43, 'steps_per_sec=0.125, uptime=90.5'), 'Killed').report
      .run,
  ).toMatchObject({
    lastBatch: 43,
    state: 'failed',
  });
  expect(numbersOf(line(40, 'eval_accuracy=0.5'), line(43, 'examples=100'))).toEqual([]);
});

test('a table whose epochs have a name of their own has the loss of its first rows, too', () => {
  const rows = [2.75, 2.5, 2.25, 2].map((loss, i) => [
    `${i}.000000`,
    '0.010000',
    `${loss}`,
    '0.5',
    '2.5',
    '',
  ]);
  const table = [['Epoch-Num', 'Learning-Rate', 'Train-Loss', 'Train-acc', 'Valid-Loss', ''], ...rows];
  expect(reportsOf(...table.map(cells => cells.join('\t')))).toMatchObject(
    [2.75, 2.5, 2.25, 2].map((loss, step) => ({ step, loss, extra: { 'Valid-Loss': 2.5 } })),
  );
});

test('the peak of mmcv is the run’s, that of mmengine since the report before', () => {
  const peaks = (line: string) => reportsOf(line)[0]?.memory;
  const old =
    '2026-03-01 10:00:00,100 - mmdet - INFO - Epoch [1][50/120]\tlr: 1.000e-03, eta: 0:10:00, time: 0.500, data_time: 0.010, memory: 4000, loss: 0.5000';
  expect(peaks(old)).toMatchObject([{ peakAllocatedBytes: 4000 * 2 ** 20, peakScope: 'run' }]);
  expect(peaks(old.replace(/Epoch \[1\]\[50\/120\]/, 'Iter [50/400]'))).toMatchObject([{ peakScope: 'run' }]);
  const now =
    '03/01 10:00:00 - mmengine - INFO - Epoch(train)   [1][ 100/256]  lr: 3.9643e-04  eta: 5 days, 16:43:34  time: 0.6257  data_time: 0.0032  memory: 12397  loss: 2.1314';
  expect(peaks(now)).toMatchObject([{ peakScope: 'update' }]);
});

test('an epoch of nnU-Net that has only begun is no step', () => {
  const line = (text: string) => `2026-03-01 10:00:00.123456: ${text}`;
  const begun = (epoch: number) => [line(`Epoch ${epoch}`), line('Current learning rate: 0.01')];
  const done = (loss: number) => [
    line(`train_loss ${loss}`),
    line('val_loss -0.25'),
    line('Epoch time: 160.5 s'),
  ];
  const read = watched(...begun(0), ...done(-0.5), ...begun(1), 'Killed');
  expect(figuresOf(read)).toMatchObject([{ step: 0, loss: -0.5, learningRate: 0.01, stepMs: 160_500 }]);
  expect(numbersOf(...begun(4))).toEqual([]);
  expect(numbersOf(...begun(4), ...done(-0.5).slice(0, 1))).toEqual([4]);
});

test('a bar in front of a longer one that begins was none of the training', () => {
  const files = '100% 47/47 [00:11<00:00,  4.14it/s]';
  const begins = '  0% 0/3000 [00:00<?, ?it/s]';
  expect(numbersOf(files, begins)).toEqual([]);
  expect(numbersOf(files, `  0%|          | 0/3000 [00:00<?, ?it/s]Killed`)).toEqual([]);
  expect(numbersOf(files, begins, '  1% 30/3000 [00:10<10:00,  3.00it/s]')).toEqual([30]);
  // A shorter one may be of an evaluation.
  expect(numbersOf(files, '  0% 0/12 [00:00<?, ?it/s]')).toEqual([47]);
  expect(numbersOf('Epoch 1: 100% 47/47 [00:11<00:00,  4.14it/s]', begins)).toEqual([47]);
});

test('a cross entropy is a loss, that of a validation is not', () => {
  const line = (text: string) => `INFO:tensorflow:2026-03-01 10:00:00.123456: Step 80: ${text}`;
  expect(reportsOf(line('Cross entropy = 0.125'))).toMatchObject([{ step: 80, loss: 0.125 }]);
  expect(reportsOf(line('Validation cross entropy = 0.125'))).toEqual([]);
  expect(reportsOf('step 80, loss: 0.5, cross_entropy: 0.25')).toMatchObject([{ step: 80, loss: 0.5 }]);
});

describe('rows of Keras on one line', () => {
  const row = (done: number, loss: string) =>
    `${done}/82 [=====================>........] - ETA: 37s - loss: ${loss} - accuracy: 0.5000`;
  const first = ' - ETA: 38s - loss: 0.9000 - accuracy: 0.2500';
  const joined = [row(61, '0.8000'), row(62, '0.7000'), row(63, '0.6000')];
  test('the newest counts, whether the cursor’s way back is in the text or a page has lost it', () => {
    for (const text of [
      `${first} ${joined.join(' ')}`,
      joined.join('\b'.repeat(60)),
      `${first}${'\b'.repeat(20)}${joined.join('\b'.repeat(60))}`,
      ` ${joined.join('  ')}`,
    ])
      expect(reportsOf('Epoch 1/5', text), text).toMatchObject([
        { step: 1, loss: 0.6, extra: { accuracy: 0.5 } },
      ]);
    const whole = '82/82 [==============================] - 35s 430ms/step - loss: 0.5000 - val_loss: 0.7500';
    expect(reportsOf('Epoch 1/5', `${joined.join(' ')} ${whole}`)).toMatchObject([
      { step: 1, loss: 0.5, extra: { val_loss: 0.75 } },
    ]);
  });
  test('also where their counts are lost', () => {
    const lost = `63/82 [=====================>........] - ETA: 37s - loss: 0.8000 - accuracy: 0.953 - ETA: 30s - loss: 0.7000 - accuracy: 0.9`;
    expect(reportsOf('Epoch 1/5', lost)).toMatchObject([{ step: 1, loss: 0.7, extra: { accuracy: 0.9 } }]);
    const whole = `${lost} - 35s 430ms/step - loss: 0.5000 - val_loss: 0.7500`;
    expect(reportsOf('Epoch 1/5', whole)).toMatchObject([{ step: 1, loss: 0.5, extra: { val_loss: 0.75 } }]);
  });
  test('two brackets of a logger are none', () => {
    const line = (step: number) => `[10:00:00] - [train] - step ${step}/40 loss: 0.5`;
    expect(numbersOf(line(10), line(20))).toEqual([10, 20]);
  });
});

test('a fit of one epoch that the log ends in is another one than the one before', () => {
  const whole = '600/600 [==============================] - 8s - loss: 0.4000 - val_loss: 0.5000';
  const read = watched(
    'Epoch 1/1',
    whole,
    'Epoch 1/1',
    '80/600 [===>..........................] - ETA: 6s - loss: 0.3000Killed',
  );
  expect(figuresOf(read)).toMatchObject([
    { step: 1, loss: 0.4 },
    { step: 2, loss: 0.3 },
  ]);
  expect(read.report.run.state).toBe('failed');
});

describe('counts that are padded within their brackets', () => {
  test.each([
    ['Epoch [  1/ 50], Step [ 100/ 600], Loss: 0.5', 100, 30_000],
    ['Epoch: [ 1 / 50 ] Iter: [ 100 / 600 ] Loss: 0.5', 100, 30_000],
    ['Epoch: [ 0 / 50 ][ 100 / 600 ] Loss: 0.5', 100, 30_000],
    ['Epoch [  5/ 50] Loss: 0.5, inside_loss: 0.1', 5, 50],
    ['Iteration [   40 / 600 ] loss: 0.5', 40, 600],
  ])('%s', (line, number, total) => {
    expect(watched(line).report.run).toMatchObject({ lastBatch: number, maxBatches: total });
  });
  test('a size in brackets is no count', () => {
    expect(numbersOf('batch size [ 16 ] loss: 0.5', 'loss of [ 3 / 4 ] parts')).toEqual([]);
  });
});

test('torch-ngp’s bars: a mean behind the value, an epoch above', () => {
  const bar = (at: number) => `loss=0.1250 (0.0150), lr=0.009806: :  31% ${at}/194 [00:00<00:02, 61.26it/s]`;
  expect(reportsOf(bar(60), bar(61))).toMatchObject([
    { step: 60, loss: 0.125, learningRate: 0.009806 },
    { step: 61 },
  ]);
  const head = (epoch: number) => `==> Start Training Epoch ${epoch}, lr=0.009852 ...`;
  expect(numbersOf(head(1), bar(60), head(2), bar(60))).toEqual([60, 254]);
});

describe('MindSpore’s words for a device that is full', () => {
  const steps = ['epoch: 1 step: 195, loss is 1.5', 'epoch: 2 step: 195, loss is 1.0'];
  const full = (device: string) =>
    `RuntimeError: ${device} memory isn't enough and alloc failed, kernel name: Default/Conv2D-op1, alloc size: 1073741824B.`;
  test.each(['Device', 'Device(id:0)'])('%s', device => {
    const answer = explainText(`${[...steps, full(device)].join('\n')}\n`, 'pasted', 2e12)!;
    expect(answer).toMatchObject({ whose: 'GPU', state: 'failed' });
    expect(answer.says).toContain('after step 390');
    expect(answer.says).toContain('in MindSpore: 1.00 GiB was refused');
    expect(answer.next.join()).toContain('max_device_memory');
    expect([answer.says, ...answer.next].join()).not.toContain('PyTorch');
  });
  test('its pool’s own, with what is free; on a processor it is the host’s', () => {
    const pool =
      'RuntimeError: Memory not enough: current free memory size[1048576] is smaller than required size[241827840].';
    const answer = explainText(`${pool}\n`, 'pasted', 2e12)!;
    expect(answer.whose).toBe('GPU');
    expect(answer.evidence.join()).toContain('asked 230.62 MiB, free 1.00 MiB');
    const host =
      "RuntimeError: Memory isn't enough and alloc failed, kernel name: Default/Add-op1, alloc size: 1073741824B.";
    expect(explainText(`${host}\n`, 'pasted', 2e12)).toMatchObject({ whose: 'host' });
  });
});

test('Paddle’s Model.fit evaluates with the lines of its training', () => {
  const line = (step: number, of: number, loss: number) =>
    `step ${step}/${of} [==============================] - loss: ${loss} - acc: 0.5 - 12ms/step`;
  const evaluated = ['Eval begin...', line(10, 20, 0.9), line(20, 20, 0.8), 'Eval samples: 640'];
  const lines = [
    'Epoch 1/2',
    line(40, 80, 0.5),
    line(80, 80, 0.4),
    ...evaluated,
    'Epoch 2/2',
    line(40, 80, 0.3),
  ];
  const read = watchedTruly(...lines);
  expect(figuresOf(read)).toMatchObject([
    { step: 40, loss: 0.5 },
    { step: 80, loss: 0.4 },
    { step: 120, loss: 0.3 },
  ]);
  expect(read.report.run.maxBatches).toBe(160);
  // Without its own end, the next epoch ends it.
  expect(numbersOf(...lines.filter(line => !line.startsWith('Eval samples')))).toEqual([40, 80, 120]);
});

test('YOLACT’s iterations, whose sum of losses is called T', () => {
  const line = (epoch: number, at: number, sum: string) =>
    `[  ${epoch}]     ${at} || B: 5.250 | C: 2.250 | M: 5.500 | S: 1.250 | T: ${sum} || ETA: 5 days, 3:55:21 || timer: 0.500`;
  expect(reportsOf(line(0, 10, '14.250'), line(1, 110, 'nan'))).toMatchObject([
    { step: 10, loss: 14.25, stepMs: 500, extra: { B: 5.25, S: 1.25 } },
    { step: 110, loss: 'NaN' },
  ]);
  expect(reportsOf('[  0]     10 || B: 5.250 | C: 2.250 || ETA: 5 days')).toEqual([]);
});

test('OpenPCDet’s two bars: one counts, the other has the figures', () => {
  const train = (at: number, total: number) =>
    `train:   1%|▏         | ${at}/928 [00:20<30:00,  1.96s/it, total_it=${total}]`;
  const epochs = (done: number, loss: number) =>
    `epochs:   ${done}%|          | ${done}/80 [00:20<?, ?it/s, loss=${loss}, lr=0.001]`;
  const read = watched(
    'epochs:   0%|          | 0/80 [00:00<?, ?it/s]',
    train(10, 10),
    epochs(0, 3.25),
    epochs(0, 3),
    train(20, 20),
    epochs(0, 2.75),
    train(4, 932),
    epochs(1, 1.5),
  );
  expect(figuresOf(read)).toMatchObject([
    { step: 10, loss: 3.25, learningRate: 0.001 },
    { step: 20, loss: 2.75 },
    { step: 932, loss: 1.5 },
  ]);
  expect(read.report.run.maxBatches).toBe(null);
  expect(numbersOf(train(10, 938))).toEqual([938]);
});

describe('bars of as many steps, one after another', () => {
  const bar = (at: number, time: string, loss: number, rest = '') =>
    `${at * 2}%|█████     | ${at}/50 [${time}<00:00,  9.50it/s, ${rest}loss=${loss}]`;
  test('are epochs, whose number nothing shows', () => {
    for (const bars of [
      [bar(50, '00:05', 0.5), bar(50, '00:04', 0.4)],
      [bar(25, '00:02', 0.6), bar(50, '00:05', 0.5), bar(25, '00:02', 0.45), bar(50, '00:06', 0.4)],
    ]) {
      const read = watched(...bars);
      expect(figuresOf(read).at(-1)).toMatchObject({ step: 100, loss: 0.4 });
      expect(read.report.run.state).toBe('unknown');
    }
  });
  test('one that is full and drawn again is one', () => {
    const read = watched(bar(25, '00:02', 0.6), bar(50, '00:05', 0.5), bar(50, '00:05', 0.4));
    expect(figuresOf(read)).toMatchObject([{ step: 25 }, { step: 50, loss: 0.4 }]);
    expect(read.report.run.state).toBe('completed');
  });
  test('GluonTS has the epoch behind the bar', () => {
    const epoch = (at: number) => bar(50, '00:05', 1 / at, `epoch=${at}/3, avg_epoch_`);
    expect(watched(epoch(1), epoch(2)).report.run).toMatchObject({
      state: 'unknown',
      lastBatch: 100,
      maxBatches: 150,
    });
    expect(reportsOf(epoch(1), epoch(2))).toMatchObject([
      { step: 50, loss: 1 },
      { step: 100, loss: 0.5 },
    ]);
    expect(watched(epoch(1), epoch(2), epoch(3)).report.run.state).toBe('completed');
  });
});

test('the Flax examples of Hugging Face; a rate of learning in two words', () => {
  expect(reportsOf('Step... (500 | Loss: 3.25, Learning Rate: 4.5e-05)')).toMatchObject([
    { step: 500, loss: 3.25, learningRate: 4.5e-5 },
  ]);
  expect(watched('Epoch... (1/3 | Loss: 3.25, Learning Rate: 4.5e-05)').report.run).toMatchObject({
    lastBatch: 1,
    maxBatches: 3,
  });
  expect(numbersOf('Step... (500 | Eval Loss: 3.25)', 'Step... (the first 500 | Loss: 3.25)')).toEqual([]);
  expect(reportsOf('Epoch 1, Learning Rate: 0.001, Loss: 0.5')).toMatchObject([
    { step: 1, learningRate: 0.001 },
  ]);
});

test('ParallelWaveGAN’s figures, a sentence each', () => {
  const line = (step: number, figure: string) =>
    `2026-03-01 10:00:00,123 (train:100) INFO: (Steps: ${step}) ${figure}.`;
  const read = watched(
    line(100, 'train/log_stft_magnitude_loss = 0.9123'),
    line(100, 'train/generator_loss = 2.125'),
    line(100, 'eval/generator_loss = 2.5'),
    line(200, 'train/generator_loss = 1.875'),
  );
  const logged = read.events.flatMap(({ type, data }) => (type === 'FIGURES_LOGGED' ? [data] : []));
  expect(figuresOf(read)).toMatchObject([
    { step: 100, extra: { 'train/log_stft_magnitude_loss': 0.9123 } },
    { step: 200, extra: { 'train/generator_loss': 1.875 } },
  ]);
  expect(figuresOf(read)[0]).not.toHaveProperty('extra.train');
  expect(logged).toMatchObject([
    { batch: 100, figures: { 'train/generator_loss': 2.125 } },
    { batch: 100, figures: { 'eval/generator_loss': 2.5 } },
  ]);
});

test('a row of Ultralytics that is typed, however wide its spaces', () => {
  const head = 'Epoch    GPU_mem   box_loss   obj_loss   cls_loss  Instances       Size';
  const row = '39/99      2.50G         0.0400    0.0125          0         28               640';
  expect(reportsOf(head, row)).toMatchObject([
    { step: 39, extra: { box_loss: 0.04, obj_loss: 0.0125, Instances: 28, Size: 640 } },
  ]);
  expect(reportsOf(head, `${row}               7`)).toEqual([]);
});

test('the line of a program that a logger names is no figure', () => {
  const line =
    '2026-03-01 10:00:00 - progress_bar.py[line:272] - INFO: epoch 003:    272 / 469 loss=0.5, num_updates=1210, lr=1.5e-06';
  expect(reportsOf(line)).toMatchObject([{ step: 1210, loss: 0.5 }]);
  expect(reportsOf(line)[0]).not.toHaveProperty('extra.line');
});
