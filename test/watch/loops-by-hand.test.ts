/** Loops written by hand, and the shapes that shells and pagers give to a log, values invented → which steps, with which figures. */
import { expect, test } from 'vitest';
import { wrongIn } from './invention.ts';
import { reportOfLog } from './report-of-log.ts';

function figuresOf(...lines: string[]): Record<string, unknown>[] {
  const text = `${lines.join('\n')}\n`;
  expect(wrongIn(text)).toEqual([]);
  return reportOfLog(text).events.flatMap(({ type, data }) =>
    type === 'STEP_COMPLETED' || type === 'PPO_UPDATE_COMPLETED' ? [data as Record<string, unknown>] : [],
  );
}
const stepsOf = (...lines: string[]) => figuresOf(...lines).map(({ step }) => step);

test('a count in brackets in front of a line; the size of a batch is no number of it', () => {
  const line = (at: string, loss: number) =>
    `[${at}/70000] DIV2K | loss ${loss} | VRAM 7.5/12.0GB (62%) | GPU 97% | 2.2 it/s | batch 8`;
  const lines = [line('000500', 0.21), line('001000', 0.19)];
  expect(figuresOf(...lines)).toMatchObject([
    {
      step: 500,
      loss: 0.21,
      memory: [{ allocatedBytes: 7.5 * 2 ** 30, deviceTotalBytes: 12 * 2 ** 30 }],
    },
    { step: 1000, loss: 0.19 },
  ]);
  expect(reportOfLog(lines.join('\n')).report.run.maxBatches).toBe(70000);
});

test('the host’s memory over its total is none of the device’s', () => {
  for (const name of ['RAM:', 'cpu mem:', 'host memory', 'system memory:'])
    for (const { memory } of figuresOf(
      ...[1, 2, 3].map(step => `step ${step}/9 loss 0.${step} | ${name} 12.${step}/64.0 GB`),
    ))
      expect(memory).toBeUndefined();
  for (const name of ['VRAM', 'gpu ram:', 'mem:'])
    expect(figuresOf(`step 3/9 loss 0.5 | ${name} 12.5/64.0 GB`)).toMatchObject([
      { memory: [{ allocatedBytes: 12.5 * 2 ** 30, deviceTotalBytes: 64 * 2 ** 30 }] },
    ]);
});

test('a number behind a dash counts steps and epochs; behind batch it is its size', () => {
  expect(stepsOf('epoch-1, batch-32, loss 0.5', 'epoch-2, batch-32, loss 0.25')).toEqual([1, 2]);
  expect(stepsOf('step-10, loss 0.5', 'step-20, loss 0.25')).toEqual([10, 20]);
  expect(figuresOf('epi 1, reward 10', 'epi 2, reward 12')).toEqual([
    { step: 1, rollout: { episodicReturn: 10 } },
    { step: 2, rollout: { episodicReturn: 12 } },
  ]);
});

test('a peak over the device’s total has the unit behind both', () => {
  for (const name of ['peak mem', 'max memory:', 'max_mem:', 'Max VRAM ='])
    expect(figuresOf(`step 3/9 loss 0.5 | ${name} 12.5/64.0 GB`)).toMatchObject([
      { memory: [{ peakAllocatedBytes: 12.5 * 2 ** 30, deviceTotalBytes: 64 * 2 ** 30 }] },
    ]);
});

test('an epoch and a half of so many is no step', () => {
  expect(stepsOf('12.5/100 loss=0.5', '13.5/100 loss=0.25')).toEqual([]);
  expect(stepsOf('3.  12/100 loss=0.5', '4.  13/100 loss=0.25')).toEqual([12, 13]);
});

test('settings are no reports, whatever they are settings of', () => {
  expect(
    stepsOf('alpha=0.5, loss_weight=1.0', 'alpha=0.5, loss_weight=2.0', 'alpha=0.1, loss_weight=2.0'),
  ).toEqual([]);
  expect(stepsOf('alpha=0.5, loss=1.0', 'alpha=0.5, loss=2.0')).toEqual([1, 2]);
  const block = (epoch: number, name: string) => [
    `epoch: ${epoch}`,
    'batch_size: 32',
    `${name}: 4.5`,
    'apply_norm: 1',
    '-----',
  ];
  const blocksOf = (name: string) => [10, 20, 30].flatMap(epoch => block(epoch, name));
  for (const name of ['accumulation', 'previous_scale', 'confidence', 'kl_coef'])
    expect(stepsOf(...blocksOf(name))).toEqual([]);
  for (const name of ['train_acc', 'mIoU', 'Score', 'val_err'])
    expect(stepsOf(...blocksOf(name))).toEqual([10, 20, 30]);
});

test('batches under a line that names their epoch count through', () => {
  const tutorial = (batch: number, loss: number) => `  batch ${batch} loss: ${loss}`;
  expect(
    figuresOf(
      'EPOCH 1:',
      tutorial(400, 1.5),
      tutorial(800, 1.25),
      'LOSS train 1.25 valid 1.5',
      'EPOCH 2:',
      tutorial(400, 1.125),
    ),
  ).toMatchObject([
    { step: 400, loss: 1.5 },
    { step: 800, loss: 1.25 },
    { step: 1200, loss: 1.125 },
  ]);
  const epoch = (number: number) => [`Epoch ${number}/3`, '-'.repeat(10)];
  const batch = (number: number) => `step ${number}/40 loss: 0.${number}`;
  const two = [...epoch(1), batch(20), batch(40), ...epoch(2), batch(20)];
  expect(stepsOf(...two)).toEqual([20, 40, 60]);
  expect(reportOfLog(`${two.join('\n')}\n`).report.run.maxBatches).toBe(120);
  // Whether 40 are all there will be does not show in one epoch.
  expect(reportOfLog(two.slice(0, 4).join('\n')).report.run.maxBatches).toBeNull();
});

test('a place behind its epoch, validation in the same words, and batches without a number', () => {
  const place = (phase: string, epoch: number, at: string) =>
    `- ${phase} | Epoch ${epoch} | ${at} | 1.5 it/sec | Loss 0.25 | Penalty 20.5`;
  expect(
    stepsOf(
      place('Train', 1, '50/120'),
      place('Train', 1, '100/120'),
      '- Train Summary | Epoch 1 | Loss=0.25',
      place('Valid', 1, '2/3'),
      place('Train', 2, '50/120'),
    ),
  ).toEqual([50, 100, 170]);
  const at = (message: string) => `2026-01-02 10:20:30,456 - INFO - ${message}`;
  const tagged = reportOfLog(
    [
      at('[Train] Epoch 007: loss = 0.0625'),
      at('[Diff-Val(Test)] Epoch 007 (Fixed): loss = 0.5'),
      at('[Train] Epoch 008: loss = 0.03125'),
      '',
    ].join('\n'),
  );
  const phases = tagged.events.filter(({ type }) => type === 'STEP_COMPLETED' || type === 'FIGURES_LOGGED');
  expect(phases.map(({ data }) => data)).toEqual([
    { step: 7, loss: 0.0625 },
    { batch: 7, figures: { 'test loss': 0.5 } },
    { step: 8, loss: 0.03125 },
  ]);
  expect(tagged.reader.counts.repeated).toBe(0);
  expect(
    figuresOf(
      at('Epoch 1 - Batch loss: 2.5'),
      at('Epoch 1 - Batch loss: 2.25'),
      at('Epoch 2 - Batch loss: 2'),
    ),
  ).toMatchObject([
    { step: 1, loss: 2.5 },
    { step: 2, loss: 2.25 },
    { step: 3, loss: 2 },
  ]);
});

test('what is no number of a step: how many there will be', () => {
  expect(stepsOf('total steps 900, step 30, loss 0.5', 'total steps 900, step 40, loss 0.4')).toEqual([
    30, 40,
  ]);
  expect(stepsOf('train_iter 30 loss 0.5', 'train_iter 40 loss 0.4')).toEqual([30, 40]);
});

test('episodes: the return of each, its mean where it is all there is', () => {
  expect(figuresOf('Episode 100\tAverage Score: 3.25', 'Episode 200\tAverage Score: 13.5')).toMatchObject([
    { step: 100, rollout: { episodicReturn: 3.25 } },
    { step: 200, rollout: { episodicReturn: 13.5 } },
  ]);
  const line = 'Episode: 10/500, Avg reward: 18.5, Reward: 21.5, Epsilon: 0.75, Loss: 0.25';
  expect(figuresOf(line)).toMatchObject([
    { step: 10, loss: 0.25, rollout: { episodicReturn: 21.5 }, extra: { 'Avg reward': 18.5 } },
  ]);
  // In an epoch it is a score of anything.
  expect(figuresOf('Epoch 3 loss 0.5 score 0.75')).toMatchObject([{ step: 3, extra: { score: 0.75 } }]);
});

test('a unit behind nanoGPT’s estimate', () => {
  expect(
    figuresOf(
      'step 0: train loss 9.5 BPC, val loss 9.75 BPC',
      'iter 0: loss 9.625 BPC, time 300.50ms',
      'iter 10: loss 8.5 BPC, time 200.50ms',
    ),
  ).toMatchObject([
    { step: 0, loss: 9.625, stepMs: 300.5 },
    { step: 10, loss: 8.5 },
  ]);
});

test('tables: cells parted by tabs, and a training loss by any of its names', () => {
  expect(figuresOf('step\tloss', '10\t8.5', '20\t7.5')).toMatchObject([
    { step: 10, loss: 8.5 },
    { step: 20, loss: 7.5 },
  ]);
  expect(figuresOf('epoch,Train_Loss,Val_Loss,lr', '0,2.5,3,0.1', '1,2,2.5,0.1')).toMatchObject([
    { step: 0, loss: 2.5, learningRate: 0.1, extra: { Val_Loss: 3 } },
    { step: 1, loss: 2 },
  ]);
  expect(reportOfLog('epoch,val_loss\n1,0.5\n2,0.4\n').numbers).toEqual([]);
});

test('a bar that begins again each epoch counts through, and shows no total', () => {
  const bar = (done: number, of = 300) =>
    `${Math.floor((100 * done) / of)}%|███| ${done}/${of} [00:10<00:10,  5.00it/s]`;
  const again = reportOfLog([bar(150), bar(300), bar(40, 40), bar(150), bar(300)].join('\n'));
  expect(again).toMatchObject({ numbers: [600], report: { run: { maxBatches: null, state: 'unknown' } } });
  expect(reportOfLog([bar(150), bar(300)].join('\n')).report.run.state).toBe('completed');
  const named = ['Epoch 2/3', 'Training:  50%|███| 20/40 [00:10<00:10,  5.00it/s, loss=0.5]'];
  expect(reportOfLog(named.join('\n'))).toMatchObject({
    numbers: [60],
    report: { run: { maxBatches: 120 } },
  });
});

test('rows of Ultralytics above the first head have the columns that it names', () => {
  const row = (epoch: number, box: number) =>
    `      ${epoch}/200      10.4G     ${box}     0.2344      0.805       1578        640: 100%|██████████| 99/99 [01:52<00:00,  1.14s/it]`;
  const bar =
    '                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100%|██████████| 9/9 [00:02<00:00,  4.1it/s]';
  const head = '      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size';
  const read = (...lines: string[]) =>
    reportOfLog(lines.join('\n')).events.flatMap(({ type, data }) =>
      type === 'STEP_COMPLETED' ? [data] : [],
    );
  for (const lines of [
    [row(150, 0.5), bar, head, row(151, 0.4), bar],
    [row(150, 0.5), head, row(151, 0.4)],
  ])
    expect(read(...lines)).toMatchObject([
      { step: 150, extra: { box_loss: 0.5, dfl_loss: 0.805 } },
      { step: 151, extra: { box_loss: 0.4, dfl_loss: 0.805 } },
    ]);
  // Another version's head names other columns, and none names nothing.
  const other =
    '      Epoch    GPU_mem   box_loss   pose_loss   kobj_loss   cls_loss   dfl_loss  Instances       Size';
  for (const lines of [
    [row(150, 0.5), bar, other],
    [row(150, 0.5), bar],
  ]) {
    expect(read(...lines)).toMatchObject([{ step: 150, memory: [{ device: 'cuda' }] }]);
    expect(read(...lines)[0]).not.toHaveProperty('extra.box_loss');
  }
});

test('rows of Ultralytics whose bars a narrow terminal has cut off', () => {
  const { numbers, report } = reportOfLog(
    [
      '      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size',
      '      5/300      7.5G      1.25      1.5      1.75        64        640:',
      '                 Class     Images  Instances      Box(P          R      mAP50  m',
      '      6/300      7.75G      1.125      1.5      1.75        64        640:',
    ].join('\n'),
  );
  expect(numbers).toEqual([5, 6]);
  expect(report.run.maxBatches).toBe(300);
});

test('what a logger could not print has ended nothing', () => {
  const { report } = reportOfLog(
    [
      '10it [00:07,  1.39it/s]--- Logging error ---',
      'Traceback (most recent call last):',
      '  File "/usr/lib/python3.11/logging/__init__.py", line 1110, in emit',
      '    msg = self.format(record)',
      'TypeError: not all arguments converted during string formatting',
    ].join('\n'),
  );
  expect(report.run.state).not.toBe('failed');
});

test('output that Python held back: reports that come together have the steps that their epochs show', () => {
  const bar = (done: number) => `${Math.floor(done / 12)}%|▉ | ${done}/1200 [0${done}:01<10:00,  1.00it/s]\r`;
  const bars = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => bar(from + i + 1)).join('');
  // 400 steps an epoch, a report each 20.
  const report = (step: number, epoch = step / 400) =>
    `{'loss': ${2 - step / 1000}, 'learning_rate': 1e-05, 'epoch': ${Math.round(epoch * 1000) / 1000}}\n`;
  const reports = (from: number, to: number) => {
    let text = '';
    for (let step = from; step <= to; step += 20) text += report(step);
    return text;
  };
  const whole = `${bars(0, 300)}\n${reports(20, 300)}${bars(300, 600)}\n${reports(320, 600)}`;
  const { numbers, report: made } = reportOfLog(whole);
  expect(numbers).toEqual(Array.from({ length: 30 }, (_, i) => 20 * (i + 1)));
  expect(made.run.maxBatches).toBe(1200);
  // The newest has not come yet.
  expect(reportOfLog(`${bars(0, 300)}\n${reports(20, 280)}`).numbers.at(-1)).toBe(280);
  // One by one, as ever.
  expect(reportOfLog(`${bars(0, 20)}\n${report(20)}${bars(20, 40)}\n${report(40)}`).numbers).toEqual([
    20, 40,
  ]);
});

test('a bar that is drawn a step late: the epoch shows which step it was', () => {
  const at = (bar: number, step: number) =>
    `  1%|▏ | ${bar}/2400 [0${bar}:01<10:00,  1.00it/s]\n[INFO] {'loss': 0.5, 'learning_rate': 1e-05, 'epoch': ${step / 120}}\n`;
  expect(reportOfLog(at(24, 25) + at(49, 50) + at(74, 75)).numbers).toEqual([25, 50, 75]);
});

test('how many steps there will be, in a line of the beginning', () => {
  const total = (line: string, ...lines: string[]) =>
    reportOfLog([line, ...lines].join('\n')).report.run.maxBatches;
  expect(total('Max steps               : 12,000', 'step 10 | loss 2.5', 'step 20 | loss 2.25')).toBe(12000);
  expect(total('max_iters = 500 # in all', 'iter 10: loss 2.5', 'iter 20: loss 2.25')).toBe(500);
  const done = reportOfLog(
    '25 iterations per epoch. 50 max iterations\niteration 50, epoch 1 : loss : 1.5\n',
  );
  expect(done.report.run).toMatchObject({ maxBatches: 50, state: 'completed' });
  // Of something else, where there are more.
  expect(total('total steps: 5', 'step 10 loss 2.5', 'step 20 loss 2.25')).toBeNull();
});

test('memory with its unit in the key; beside a peak it is what is held now', () => {
  expect(figuresOf('[Step 4/10] Loss: 4.5 | GPU Mem (GB): 0.75 | Peak Mem: 12.5GB')).toMatchObject([
    { step: 4, memory: [{ allocatedBytes: 0.75 * 2 ** 30, peakAllocatedBytes: 12.5 * 2 ** 30 }] },
  ]);
  expect(figuresOf('[Step 4/10] Loss: 4.5 | GPU Mem (GB): 0.75')).toMatchObject([
    { step: 4, memory: [{ peakAllocatedBytes: 0.75 * 2 ** 30 }] },
  ]);
});

test('figures behind a comma without a space; an epoch’s own sum behind its steps', () => {
  expect(figuresOf('Iteration: 0007, D Learning Rate: 0.5,G Loss : 0.25, D Loss : 1.5')).toMatchObject([
    { step: 7, extra: { 'G Loss': 0.25, 'D Loss': 1.5 } },
  ]);
  const sum = '----- Epoch[002/004], Train Loss: 1.5, Train Acc: 0.5, time: 17.25';
  expect(stepsOf('Epoch[002/004], Step[0010/0020], Avg Loss: 1.5', sum)).toEqual([30]);
});

test('DeepSpeed prints no loss: the loop’s own line of the step has it', () => {
  const of = (step: number) =>
    `[2026-01-02 10:00:0${step},045] [INFO] [logging.py:107:log_dist] [Rank 0] step=${step}, skipped=0, lr=[1e-05], mom=[[0.8, 0.999]]`;
  const read = reportOfLog(
    [of(1), '[Step 1/3] Loss: 5.5 | Tokens/s: 206.5', of(2), '[Step 2/3] Loss: 5.25 | Tokens/s: 206.5'].join(
      '\n',
    ),
  );
  expect(read.events.flatMap(({ data }) => ('loss' in data ? [data] : []))).toMatchObject([
    { step: 1, loss: 5.5, learningRate: 1e-5 },
    { step: 2, loss: 5.25 },
  ]);
  expect(read.report.run.maxBatches).toBe(3);
});

test('PureJaxRL’s episodes; what one answer got is no update', () => {
  const episodes = [512, 512, 1024, 2048].map(
    (step, i) => `global step=${step}, episodic return=${i + 10.5}`,
  );
  expect(reportOfLog(`${episodes.join('\n')}\n`).numbers).toEqual([512, 1024, 2048]);
  const at = '2026-01-02 10:20:30,456 - train - INFO -';
  expect(figuresOf(`${at} reward: {'format_reward': 1.0, 'answer_reward': 0.0, 'reward': 0.5}`)).toEqual([]);
});

test('a message behind a bar whose length is not known', () => {
  const bar = 'Validation: |          | 0/? [00:00<?, ?it/s]';
  expect(figuresOf(`${bar}[12/09/24 10:20:30] INFO   Epoch 7: v_loss 4.5e+00  loss 5.5e+00`)).toMatchObject([
    { step: 7, loss: 5.5, extra: { v_loss: 4.5 } },
  ]);
});

test('train_runtime alone is the end; another training behind it begins again', () => {
  const end = (loss: number) =>
    `{'train_runtime': 9.5, 'train_samples_per_second': 0.75, 'train_loss': ${loss}}`;
  expect(reportOfLog(`${end(1.5)}\n`).report.run.state).toBe('completed');
  const training = (total: number) => [
    `  0%|  | 0/${total} [00:00<?, ?it/s]`,
    `50%|██  | ${total / 2}/${total} [00:10<00:10, 1.00it/s]`,
    "{'loss': 2.5, 'learning_rate': 1e-05}",
    `100%|███| ${total}/${total} [00:20<00:00, 1.00it/s]`,
    "{'loss': 2.25, 'learning_rate': 1e-05}",
    end(2.5),
  ];
  const two = reportOfLog([...training(80), ...training(20)].join('\n'));
  expect(two.numbers).toEqual([40, 80, 10, 20]);
  expect(two.report.run).toMatchObject({ state: 'completed', maxBatches: 20 });
  // A report behind another rank's end, and the first bar behind it.
  const late = [...training(80), "{'loss': 2.125, 'learning_rate': 1e-05}", '  0%|  | 0/80 [00:00<?, ?it/s]'];
  expect(reportOfLog(late.join('\n')).numbers).toEqual([40, 80, 120]);
});

test('three trainings of one log: each goes on from a checkpoint, and what failed was not survived', () => {
  const step = (number: number, memory: number) =>
    `step ${number}/500 loss ${1 - number / 1000} mem ${memory}GB`;
  const oom = [
    'Traceback (most recent call last):',
    '  File "train.py", line 3, in <module>',
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 15.50 GiB of which 1.00 GiB is free.',
  ];
  const lines = [
    step(100, 10),
    step(200, 11),
    step(300, 12),
    ...oom,
    step(200, 8),
    step(300, 8),
    step(400, 8),
  ];
  const { events, report, reader } = reportOfLog([...lines, 'Killed', step(300, 8), step(500, 8)].join('\n'));
  const kinds = events.map(({ type, data }) => [type, 'resumedAtStep' in data ? data.resumedAtStep : null]);
  expect(kinds.filter(([type]) => type !== 'STEP_COMPLETED')).toEqual([
    ['TRAINING_STARTED', null],
    ['TRAINING_FAILED', null],
    ['TRAINING_STARTED', 199],
    ['TRAINING_FAILED', null],
    ['TRAINING_STARTED', 299],
    ['TRAINING_COMPLETED', null],
  ]);
  expect(report.run).toMatchObject({ state: 'completed', maxBatches: 500 });
  expect(reader.counts.repeated).toBe(0);
  // Two processes without ranks, one of which lags: an error that was caught.
  const both = reportOfLog(
    [step(100, 10), step(100, 10), step(200, 10), ...oom, step(200, 10), step(300, 10)].join('\n'),
  );
  expect(both.events.map(({ type }) => type)).not.toContain('TRAINING_FAILED');
});

test('an epoch on one line, its losses on the next: a step is an epoch', () => {
  const epoch = (number: number) => [
    `2026-01-02 10:20:30,456 - INFO - Epoch ${number}/3`,
    `2026-01-02 10:20:31,456 - INFO - Train Loss: ${2 - number / 4}, Train Acc: 16.5%`,
    `2026-01-02 10:20:32,456 - INFO - Val Loss: 2.5, Val Acc: 12.5%`,
  ];
  expect(figuresOf(...epoch(1), ...epoch(2))).toMatchObject([
    { step: 1, loss: 1.75, extra: { 'Train Acc': 16.5 } },
    { step: 2, loss: 1.5 },
  ]);
  expect(reportOfLog([1, 2, 3].flatMap(epoch).join('\n')).report.run).toMatchObject({
    maxBatches: 3,
    state: 'completed',
  });
  // What a loop calls its loss may be another word.
  expect(figuresOf('Epoch 2/3 | Train Energy: 1.5 | Val Energy: 1.75')).toMatchObject([
    { step: 2, extra: { 'Train Energy': 1.5 } },
  ]);
  const rated = ['Epoch 1/100 (LR: 0.001)', 'Batch 10/1200 | Loss: 14.5'];
  expect(reportOfLog(rated.join('\n')).report.run.maxBatches).toBeNull();
});

test('bars of epochs that are counted from 1', () => {
  const bar = (epoch: number, done: number) =>
    `Epoch ${epoch}:  50%|██ | ${done}/40 [00:10<00:10, 5.0it/s, loss=0.5]`;
  expect(reportOfLog(['Total batches per epoch: 40', bar(1, 20), bar(2, 20)].join('\n')).numbers).toEqual([
    20, 60,
  ]);
  expect(reportOfLog([bar(0, 20), bar(1, 20)].join('\n')).numbers).toEqual([20, 60]);
});

test('tables of episodes; Lightning’s row of an epoch is none of a step', () => {
  expect(figuresOf('Episode,Score,Total_Reward,Epsilon', '1,0,-12.5,0.9', '2,100,7.5,0.8')).toMatchObject([
    { step: 1, rollout: { episodicReturn: -12.5 }, extra: { Score: 0 } },
    { step: 2, rollout: { episodicReturn: 7.5 } },
  ]);
  const { numbers, notices } = reportOfLog(
    [
      'epoch,epoch_time,step,train_epoch_perplexity,train_loss_epoch,train_loss_step,val_loss',
      '0,,9,,,2.5,',
      '0,,19,,,2.25,',
      '0,,19,,,,2.5',
      '0,7.5,19,12.5,2.375,,',
    ].join('\n'),
  );
  expect(numbers).toEqual([10, 20]);
  expect(notices).toEqual([]);
});

test('UTF-16, as PowerShell writes it, however its bytes come; zero bytes that a machine left that stopped', () => {
  const text = 'step 10/40 loss 2.5\r\nstep 20/40 loss 2.25\r\n';
  const little = Buffer.from(`\ufeff${text}`, 'utf16le');
  const big = Buffer.from(little).swap16();
  for (const bytes of [little, big, little.subarray(2), big.subarray(2)])
    for (const chunk of [4096, 100, 33]) expect(reportOfLog(bytes, { chunk }).numbers).toEqual([10, 20]);
  for (const bytes of [little, big]) expect(reportOfLog(bytes, { chunk: 1 }).numbers).toEqual([10, 20]);
  expect(reportOfLog(`\ufeff${text}`).numbers).toEqual([10, 20]);
  expect(reportOfLog(`step 10 loss 2.5\n${'\0'.repeat(500)}step 20 loss 2.25\n`).numbers).toEqual([10, 20]);
});

test('Chinese and Japanese words', () => {
  expect(figuresOf('第 3/10 轮，训练损失：1.5，验证损失：1.75，学习率：0.001')).toMatchObject([
    { step: 3, loss: 1.5, learningRate: 0.001, extra: { val_loss: 1.75 } },
  ]);
  expect(figuresOf('Epoch 4/10 訓練損失: 0.5 検証損失: 0.75')).toMatchObject([{ step: 4, loss: 0.5 }]);
  expect(figuresOf('Epoch 4/10', '2026-01-02 10:20:30,456 - 验证损失: 0.5, 准确率: 43.5%')).toEqual([]);
});

const LOOP = ['step 10/40 | loss: 2.5 | mem: 10.5GB', 'step 20/40 | loss: 2.25 | mem: 11.5GB'];
const read = [
  { step: 10, loss: 2.5, memory: [{ peakAllocatedBytes: 10.5 * 2 ** 30 }] },
  { step: 20, loss: 2.25 },
];
test.each<[string, (line: string, i: number) => string]>([
  [
    'Docker’s file',
    line => JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: '2026-01-02T10:20:30.123456789Z' }),
  ],
  ['Kubernetes’ file', line => `2026-01-02T10:20:30.123456789Z stdout F ${line}`],
  ['journalctl', line => `Jan 02 10:20:30 node-3 python3[12345]: ${line}`],
  ['GitHub Actions', line => `2026-01-02T10:20:30.1234567Z ${line}`],
  ['grep -n', (line, i) => `${i + 100}:${line}`],
  ['loguru', line => `2026-01-02 10:20:30.123 | INFO     | __main__:train:123 - ${line}`],
  ['absl', line => `I0102 10:20:30.123456 140123456789 train.py:123] ${line}`],
  ['Hydra', line => `[2026-01-02 10:20:30,123][__main__][INFO] - ${line}`],
  ['Rich', line => `[01/02/26 10:20:30] INFO     ${line}     train.py:123`],
  ['a rocket', line => `🚀 [10:20:30] ${line}`],
  ['Windows', line => `${line}\r`],
])('the same loop behind what %s puts in front', (_, wrap) => {
  const text = LOOP.map(wrap).join('\n');
  const { events, report } = reportOfLog(text);
  expect(events.flatMap(({ type, data }) => (type === 'STEP_COMPLETED' ? [data] : []))).toMatchObject(read);
  expect(report.run.maxBatches).toBe(40);
});

test.each<[string, string, Record<string, unknown>]>([
  [
    'a rate behind its number',
    'iter: 7 | train loss 3.5 | 120.5 ms/it | 54,321 tok/s',
    { step: 7, stepMs: 120.5, tokensPerSecond: 54321 },
  ],
  ['seconds an iteration', 'step 7/9 loss 3.5 0.52 s/it', { step: 7, stepMs: 520 }],
  ['PyTorch’s first tutorial', '[1,  2000] loss: 2.25', { step: 2000, loss: 2.25 }],
  ['a count without a word', '10/50 loss=0.5 acc=0.75', { step: 10, loss: 0.5 }],
  ['of', 'Epoch 2 of 5 - loss: 0.5', { step: 2, loss: 0.5 }],
  [
    'a time step',
    'Episode : 3 \t\t Timestep : 4000 \t\t Average Reward : 12.5',
    { step: 4000, rollout: { episodicReturn: 12.5 } },
  ],
  [
    'a reward beside a loss',
    'Iteration 3 | Reward: 12.5 | Loss: 0.5',
    { step: 3, loss: 0.5, rollout: { episodicReturn: 12.5 } },
  ],
  [
    'two amounts',
    'step 7: loss=3.5 gpu_mem=12345MB (peak 15000MB)',
    {
      step: 7,
      memory: [
        {
          device: 'cuda',
          allocatedBytes: 12345 * 2 ** 20,
          peakAllocatedBytes: 15000 * 2 ** 20,
          peakScope: 'run',
          resolutionBytes: 2 ** 20,
        },
      ],
    },
  ],
  [
    'a unit in a record’s key',
    '{"step": 7, "loss": 2.5, "gpu_mem_gb": 10.5}',
    { step: 7, memory: [{ device: 'cuda', peakAllocatedBytes: 10.5 * 2 ** 30, peakScope: 'run' }] },
  ],
])('%s', (_, line, step) => {
  expect(figuresOf(line)).toMatchObject([step]);
});

test('a date is no count', () => {
  expect(figuresOf('01/02 10:20:30 loss=0.5')).toEqual([]);
});

test('PyTorch’s first tutorial: batches of the next epoch go on', () => {
  const lines = [2, 4, 6].map(k => `[1, ${k}000] loss: 2.25`);
  expect(stepsOf(...lines, '[2,  2000] loss: 1.25')).toEqual([2000, 4000, 6000, 8000]);
});

test('fastai’s table, and Markdown’s; other words end one', () => {
  const fastai = [
    'epoch     train_loss  valid_loss  accuracy  time',
    '0         0.75        0.5         0.8125    00:12',
    '1         0.5         0.625       0.875     00:12',
  ];
  expect(figuresOf(...fastai, 'Saved  the  best')).toMatchObject([
    { step: 0, loss: 0.75, extra: { valid_loss: 0.5 } },
    { step: 1, loss: 0.5 },
  ]);
  expect(
    figuresOf('| epoch | train_loss | val_loss |', '|---|---:|---|', '| 1 | 0.5 | 0.75 |'),
  ).toMatchObject([{ step: 1, loss: 0.5 }]);
});

test('a step that a dictionary or a record has itself; keras-rl’s count in front of its episode', () => {
  const dict = (step: number) =>
    `[INFO] >> {'loss': 0.5, 'learning_rate': 4e-05, 'epoch': 0.5, 'step': ${step}}`;
  expect(stepsOf('[INFO] >>   Total optimization steps = 60', dict(10), dict(20))).toEqual([10, 20]);
  expect(stepsOf('{"episode": 80.0, "episode_reward": 60.5, "step": 20000}')).toEqual([20000]);
  const line = (at: number, episode: number) =>
    `  ${at}/50000: episode: ${episode}, duration: 0.5s, episode steps: 13, episode reward: 13.500, mean reward: 1.000 [1.000, 1.000], loss: 7.5`;
  expect(figuresOf(line(39160, 569), line(39173, 570))).toMatchObject([
    { step: 39160, loss: 7.5, rollout: { episodicReturn: 13.5 } },
    { step: 39173 },
  ]);
});

test('a text from the midst: batches count within an epoch by their word', () => {
  const line = (epoch: number, batch: number) =>
    `Epoch: ${epoch} | Batch: ${batch}/ 130 | LR: 2e-04 |Loss: 4.5`;
  expect(stepsOf(line(16, 92), line(16, 93), line(17, 1))).toEqual([
    15 * 130 + 92,
    15 * 130 + 93,
    16 * 130 + 1,
  ]);
});

test('losses of GANs by their letters, below the end of their epoch too', () => {
  const line = (epoch: number, iters: number) =>
    `(epoch: ${epoch}, iters: ${iters}, time: 0.125, data: 0.25) D_A: 0.25 G_A: 0.5 cycle_A: 1.25`;
  expect(figuresOf(line(1, 100), line(1, 200), line(2, 100))).toMatchObject([
    { step: 100, stepMs: 125, extra: { D_A: 0.25, G_A: 0.5 } },
    { step: 200 },
    { step: 300 },
  ]);
  expect(
    figuresOf(
      'End of epoch 22 / 100 \t Time Taken: 160.5 sec',
      'Generator Loss: 15.5, Discriminator Loss: 5.25',
    ),
  ).toMatchObject([{ step: 22, extra: { 'Generator Loss': 15.5, 'Discriminator Loss': 5.25 } }]);
});

test('a counter and its loss in words', () => {
  const lines: [say: (number: number) => string, first: number][] = [
    [number => `${number}th step, loss: 0.25`, 40],
    [number => `Step number ${number}, loss = 0.25`, 40],
    [number => `Iter No. ${number} - Loss 0.25`, 40],
    [number => `It. ${number}: loss 0.25`, 40],
    [number => `At iteration ${number}, the loss is 0.25`, 40],
    [number => `After ${number} steps: train loss 0.25`, 40],
    [number => `Loss after ${number} iterations: 0.25`, 40],
    [number => `Loss at step ${number}: 0.25`, 40],
    [number => `Training loss (for one batch) at step ${number}: 0.25`, 40],
    [number => `INFO:root:loss = 0.25, step = ${number} (4.5 sec)`, 40],
    [number => `[${number}] train_loss=0.25, lr=0.001`, 40],
    [
      number => `epoch:        1 | nupdates:           ${number} | lr: 0.02 | loss:    0.25 | dev-loss: 0.75`,
      40,
    ],
    [number => `DEBUG TRAIN Batch 0/${number} loss 0.25 loss_att 1.5 lr 0.001 rank 0`, 40],
    [number => `Train loss ${number} 0.25 Grad Norm 1.25 0.92s/it`, 40],
    [
      number => `Epoch   1, Step:      ${number}, Batch Loss:     0.25, Tokens per Sec:     5012, Lr: 0.0003`,
      40,
    ],
    [number => `Epoch [1/9], Step [${number}/500], Loss: 0.25, Disc Loss: 3.1, Dur Loss: 1.2`, 40],
    [number => `step: ${number} Loss 0.25   LearningRate 0.1000   Epoch: 0   Required: 50 hours`, 40],
    [number => `train (${number}/200) accuracy01: 0.8 | loss: 0.25 | lr: 0.001`, 40],
    [number => `Step = ${number} ; steps/s = 2.5 ; Learning rate = 0.001 ; Loss = 0.25`, 40],
  ];
  for (const [say] of lines)
    expect(figuresOf(say(40), say(80), say(120)), say(40)).toMatchObject(
      [40, 80, 120].map(step => ({ step, loss: 0.25 })),
    );
});

test('samples of an epoch in brackets count through under its name', () => {
  const line = (at: number) => `loss: 0.5  [${String(at).padStart(5)}/20000]`;
  expect(
    stepsOf('Epoch 1', '-'.repeat(30), line(64), line(6464), 'Epoch 2', '-'.repeat(30), line(64)),
  ).toEqual([64, 6464, 20064]);
});

test('a line for each metric is of the step that it names; the same metric again is another process’', () => {
  const line = (step: number, rest: string) => `Epoch 0 Step ${step} | ${rest}`;
  const { events, reader } = reportOfLog(
    [
      line(50, 'train_loss: 0.5'),
      line(50, 'train_acc: 0.25'),
      line(100, 'train_loss: 0.375'),
      line(100, 'train_acc: 0.5'),
      '',
    ].join('\n'),
  );
  expect(reader.counts.repeated).toBe(0);
  expect(events.map(({ type, data }) => [type, data]).slice(1, -1)).toMatchObject([
    ['STEP_COMPLETED', { step: 50, loss: 0.5 }],
    ['FIGURES_LOGGED', { batch: 50, figures: { train_acc: 0.25 } }],
    ['STEP_COMPLETED', { step: 100, loss: 0.375 }],
    ['FIGURES_LOGGED', { batch: 100, figures: { train_acc: 0.5 } }],
  ]);
  const twice = [1, 2].flatMap(step => [`step ${step} loss: 0.5 lr: 0.1`, `step ${step} loss: 0.75 lr: 0.1`]);
  expect(reportOfLog(twice.join('\n')).reader.counts.repeated).toBe(2);
});

test('batches that count from 0 in each epoch are steps of their own', () => {
  const line = (epoch: number, batch: number) => `Epoch ${epoch}, Batch ${batch}, Loss: 0.5`;
  expect(stepsOf(line(0, 0), line(0, 50), line(1, 0), line(1, 50))).toEqual([0, 50, 51, 101]);
});

test('a table of validation between bars of its phase is no step; PFRL’s episodes are numbered by steps', () => {
  const line = (epoch: number, phase: string) =>
    `Epoch ${epoch} | ${phase} | Elapsed Time: 0:00:10 | Steps: 20 | Loss: 0.5`;
  expect(stepsOf(line(0, '  Training'), line(0, 'Validation'), line(1, '  Training'))).toEqual([20, 40]);
  const pfrl = (step: number, episode: number) => `outdir:results/a step:${step} episode:${episode} R:12.5`;
  expect(figuresOf(pfrl(400, 2), pfrl(600, 3), pfrl(800, 4))).toMatchObject(
    [400, 600, 800].map(step => ({ step, rollout: { episodicReturn: 12.5 } })),
  );
});
