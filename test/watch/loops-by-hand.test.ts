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
      memory: [{ peakAllocatedBytes: 7.5 * 2 ** 30, deviceTotalBytes: 12 * 2 ** 30 }],
    },
    { step: 1000, loss: 0.19 },
  ]);
  expect(reportOfLog(lines.join('\n')).report.run.maxBatches).toBe(70000);
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
  expect(reportOfLog(two.join('\n')).report.run.maxBatches).toBe(120);
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
    ].join('\n'),
  );
  expect(tagged.numbers).toEqual([7, 8]);
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
