/** Meters and bars of trainers by hand and by libraries, whole and cut, as people paste them: values invented. */
import { describe, expect, test } from 'vitest';
import { figuresOf, watched } from './report-of-log.ts';

describe('the meters of a batch, whatever its losses are called', () => {
  const head = (batch: number) =>
    `Epoch: [2][${batch}/900]\tTime: 0.625s (0.750s)\tSpeed: 12.5 samples/s\tData: 0.125s (0.250s)\tStage0-maps: 1.5e-04 (2.5e-04)\t`;
  test('with their unit behind the time', () => {
    const read = watched(head(100), head(200));
    expect(read.numbers).toEqual([1900, 2000]);
    expect(figuresOf(read)[1]).toMatchObject({ stepMs: 625, extra: { Data: 0.125, 'Stage0-maps': 1.5e-4 } });
  });
  test('an evaluation’s are of no step', () => {
    const evaluation = 'Test: [10/90]\tTime 0.625 (0.750)\tLoss 0.5 (0.25)\tAccuracy 0.75 (0.5)';
    expect(watched(head(100), evaluation, head(200)).numbers).toEqual([1900, 2000]);
    expect(watched('Epoch: [2][100/900] resumed', 'Epoch 2 took 31.5 s').numbers).toEqual([]);
  });
  test('a process that spawn lost has its rank', () => {
    const { report } = watched(head(100), 'Exception: process 3 terminated with signal SIGKILL');
    expect(report.failure).toMatchObject({ rank: 3, ending: { kind: 'signal', signal: 9, rank: 3 } });
    expect(report.explanation!.says).toMatch('A process (rank 3) was killed by SIGKILL');
  });
});

describe('Ignite’s bar, whose count stands in front', () => {
  const bar = (about: string, done: number, loss: number, end = ']') =>
    `${about}[${done}/400]   3%|▎                         , loss=${loss}, lr=5e-5 [00:09<01:25${end}`;
  test('of one epoch', () => {
    const read = watched(bar('Epoch: ', 12, 0.5), bar('Epoch: ', 13, 0.25, ''));
    expect(figuresOf(read)).toMatchObject([
      { step: 12, loss: 0.5, learningRate: 5e-5 },
      { step: 13, loss: 0.25 },
    ]);
    expect(read.report.run.maxBatches).toBe(400);
  });
  test('of several', () => {
    const read = watched(bar('Epoch [2/10]: ', 12, 0.5), bar('Epoch [2/10]: ', 13, 0.25));
    expect(read.numbers).toEqual([412, 413]);
    expect(read.report.run.maxBatches).toBe(4000);
  });
  test('a bar whose count in front is another’s stays as it is', () => {
    expect(watched(' [3/10] 12%|█▏   | 12/100 [00:09<01:25,  1.00it/s, loss=0.5]').numbers).toEqual([12]);
  });
});

describe('Ultralytics’ rows that a terminal’s edge has cut', () => {
  const head = '      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size';
  const row = (epoch: number, end: string) =>
    `   ${epoch}/300      4.${epoch}G      2.717      1.583      3.579        570       1024:${end}`;
  test.each(['', ' 1', ' 10', ' 100'])('behind the colon: %j', end => {
    const read = watched(head, row(25, end), head, row(26, end));
    expect(read.numbers).toEqual([25, 26]);
    expect(read.report.run.maxBatches).toBe(300);
    expect(read.events[0]!.data).toMatchObject({ config: { format: 'ultralytics' } });
  });
});

test('what was active is no peak of what was allocated, which a line of its own has', () => {
  const says = (...lines: string[]) => watched(...lines).report.verdict.says;
  const lines = ['Max CUDA memory allocated was 71 GB', 'Peak active CUDA memory was 72 GB'];
  expect(says(...lines)).toMatch('peak of what tensors held 71.0 GiB');
  expect(says(...lines.toReversed())).toMatch('peak of what tensors held 71.0 GiB');
  expect(says(lines[1]!)).toMatch('peak of what tensors held 72.0 GiB');
});

test('Megatron-LM’s skipped steps are of the report that counts them', () => {
  const report = (iteration: number) =>
    ` iteration ${iteration}/ 900 | elapsed time per iteration (ms): 1978.5 | learning rate: 0.000E+00 | loss scale: 262144.0 | number of skipped iterations:   5 | number of nan iterations:   0 |`;
  const skipped = watched(report(5), report(10)).events.flatMap(({ type, data }) =>
    type === 'FIGURES_LOGGED' ? [data] : [],
  );
  expect(skipped).toMatchObject([
    { batch: 5, figures: { 'skipped steps': 5 } },
    { batch: 10, figures: { 'skipped steps': 10 } },
  ]);
});

test('MLX has no allocator of torch’s', () => {
  const iteration = (at: number) =>
    `Iter ${at}: Train loss 0.5, Learning Rate 1.000e-06, It/sec 0.5, Tokens/sec 140.5, Trained Tokens 5000, Peak mem 100.5 GB`;
  const refused =
    'libc++abi: terminating due to uncaught exception of type std::runtime_error: [METAL] Command buffer execution failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)';
  const { report } = watched(iteration(10), iteration(20), refused);
  expect(report.failure?.outOfMemory).toMatchObject({ by: 'mlx' });
  expect(JSON.stringify(report)).not.toMatch('torch’s allocator did not');
});

test('YANMTT, with the seconds and the memory of its batches', () => {
  const row = (batch: number, loss: number) =>
    `${batch} ${loss} 47.5 seconds for 100 batches. Memory used post forward / backward passes: 18.25 / 16.5 GB.`;
  expect(figuresOf(watched(row(300, 2.5), 'Saving the model', row(400, 2.25)))).toMatchObject([
    { step: 300, loss: 2.5, extra: { 'GB after forward': 18.25, 'GB after backward': 16.5 } },
    { step: 400, loss: 2.25 },
  ]);
  expect(watched('Waited 300 2.5 47.5 seconds for 100 batches.').numbers).toEqual([]);
});

describe('a block of RSL-RL, printed row by row', () => {
  const block = (iteration: number, ...more: string[]) => [
    '#'.repeat(80),
    `                       Learning iteration ${iteration}/900                       `,
    '',
    '                       Computation: 900 steps/s (collection: 8.25s, learning 3.5s)',
    '               Value function loss: 0.1250',
    ...more,
  ];
  const raised = [
    'Traceback (most recent call last):',
    '  File "train.py", line 9, in <module>',
    '    loss.backward()',
    'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.25 GiB (GPU 2; 11.75 GiB total capacity; 8.25 GiB already allocated; 1.25 GiB free; 9.25 GiB reserved in total by PyTorch)',
  ];
  test('ends with the error that was raised below it', () => {
    const { report } = watched(...block(5), ...block(6), ...raised);
    expect(report.failure?.outOfMemory).toMatchObject({ triedBytes: 1280 * 2 ** 20 });
  });
  test('has rows whose names end like an error’s', () => {
    const { report } = watched(...block(5, '  TDError: 0.25'), ...block(6, '  TDError: 0.125'));
    expect(report.failure).toBeNull();
    // A traceback that something cut is no reason to take a figure for its error.
    const cut = watched(...block(7), ...raised.slice(0, -1), 'TDError: 0.25', ...block(8));
    expect(cut.report.failure).toBeNull();
    expect(cut.report.own).toMatchObject([{ name: 'TDError', newest: 0.25 }]);
    expect(cut.numbers).toEqual([7, 8]);
  });
});

test('vedadet’s reports: their loss, and the two peaks in MB', () => {
  const line = (batch: number, loss: number) =>
    `2026-03-04 05:06:${batch} - vedatad - INFO - Epoch [4][${batch}/200] lr: 0.00875, loss_cls: 0.2500, loss_segment: 0.1250, loss: ${loss}. max mem allocated: 3944.25 MB. max reservered: 4468.0 MB`;
  const read = watched(line(10, 0.375), line(20, 0.25));
  expect(figuresOf(read)).toMatchObject([{ loss: 0.375 }, { loss: 0.25 }]);
  expect(read.report.verdict.says).toMatch('newest peak is 3.85 GiB');
});

test('a collector’s time may stand in front of the trainer’s bar', () => {
  const lines = (time: string) => [
    `${time}{'loss': 0.5, 'grad_norm': 1.5, 'learning_rate': 4.5e-05, 'epoch': 0.02}`,
    `${time}  2%|▏         | 12/600 [05:12<4:15:00, 26.00s/it]`,
  ];
  for (const time of ['', '2026-03-04 05:06:07 ']) {
    const { report } = watched(...lines(time));
    expect(report.run).toMatchObject({ lastBatch: 12, maxBatches: 600 });
  }
});
