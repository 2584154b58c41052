/** Where a training of vision is, as people paste it, values invented: places among so many, epochs in front of bars, folds, samples of one device. */
import { describe, expect, test } from 'vitest';
import { figuresOf, numbersOf, reportsOf, watched } from './report-of-log.ts';

const stateOf = (...lines: string[]) => {
  const { state, lastBatch, maxBatches } = watched(...lines).report.run;
  return { state, lastBatch, maxBatches };
};

describe('rows of nvidia-smi whose columns name no device', () => {
  const head = 'timestamp, memory.used [MiB], memory.total [MiB], utilization.gpu [%]';
  const row = (second: number, used: number, ms = 361) =>
    `2026/03/01 10:00:${String(second).padStart(2, '0')}.${ms}, ${used} MiB, 11264 MiB, 60 %`;
  const samples = (...lines: string[]) =>
    watched(...lines).events.flatMap(({ type, data }) =>
      type === 'DEVICE_SAMPLED' ? [(data as { devices: object[] }).devices.length] : [],
    );
  test('a second apart are of one device, some milliseconds apart of several', () => {
    expect(samples(head, row(1, 9000), row(2, 1700), row(3, 9100))).toEqual([1, 1, 1]);
    expect(
      samples(head, row(1, 9000), row(1, 500, 364), row(2, 9000), row(2, 500, 365), row(3, 9000)),
    ).toEqual([2, 2, 1]);
    const { report } = watched(head, ...Array.from({ length: 20 }, (_, i) => row(i, 9000 + (i % 3))));
    expect(report.verdict.says).not.toMatch(/neighbours/);
  });
});

describe('two pairs of brackets with a comma between them', () => {
  const step = (epoch: number, at: number, through: number) =>
    `2026-03-01 10:00:00,123 DBNet INFO: [${epoch}/20], [${at}/50], global_step: ${through}, speed: 0.8 samples/sec, acc: 0.5, loss: 1.5, lr:0.0003, time:2.5`;
  const sum = (epoch: number) =>
    `2026-03-01 10:00:00,123 DBNet INFO: [${epoch}/20], train_loss: 1.5, time: 13.25, lr: 0.0003`;
  test('are a step of an epoch, and one alone is the sum of it', () => {
    expect(numbersOf(step(1, 1, 1), sum(1), step(2, 1, 51), sum(2))).toEqual([1, 51]);
    expect(stateOf(step(1, 1, 1), sum(1))).toMatchObject({ lastBatch: 1, maxBatches: 1000 });
    const own = (epoch: number, at: number) => `[${epoch}/20], [${at}/50], loss: 1.5`;
    expect(numbersOf(own(1, 25), own(1, 50), '[1/20], train_loss: 1.5', own(2, 25))).toEqual([25, 50, 75]);
  });
  test('where nothing has two, one is a count of the whole', () => {
    expect(numbersOf('[10/200], train_loss: 1.5', '[20/200], train_loss: 1.25')).toEqual([10, 20]);
  });
});

test('a batch right behind the number of its epoch, or in front of it', () => {
  const line = (epoch: number, at: number) =>
    `Epoch ${epoch}[${at}/500]: loss:0.25000, lr:0.00159, batch time:0.4`;
  expect(numbersOf(line(1, 16), line(1, 416), line(2, 16))).toEqual([16, 416, 516]);
  const behind = (at: number, epoch: number) =>
    `${at}/300 in ${epoch} epoch finished at time 0:00:21.793655 from start, Loss is 1.25 Acc is 0.5`;
  expect(reportsOf(behind(0, 0), behind(1, 0))).toMatchObject([{ step: 0, loss: 1.25 }, { step: 1 }]);
  expect(reportsOf(behind(0, 0), behind(1, 0))[1]).not.toHaveProperty('extra.in');
  expect(stateOf(behind(0, 0), behind(299, 0), behind(5, 1))).toMatchObject({
    lastBatch: 305,
    maxBatches: null,
  });
  expect(numbersOf('10/50 in all, loss: 0.5', '20/50 in all, loss: 0.25')).toEqual([10, 20]);
});

test('pix2pix counts images: those of an epoch are named above', () => {
  const line = (epoch: number, iters: number) =>
    `[Rank 0] (epoch: ${epoch}, iters: ${iters}, time: 1.25, data: 0.5) , D_A: 1.25, G_A: 1.5, cycle_A: 1.25`;
  const images = 'The number of training images = 180';
  expect(numbersOf(images, line(1, 100), line(2, 20), line(2, 120), line(3, 40))).toEqual([
    100, 200, 300, 400,
  ]);
  expect(numbersOf('The number of training images = a lot', line(1, 100), line(2, 100))).toEqual([100, 200]);
});

describe('SlowFast’s records print their place', () => {
  const record = (type: string, rest: string) =>
    `json_stats: {"_type": "${type}", "RAM": "10.11/31.07G", ${rest}, "gpu_mem": "17.50G"}`;
  const epoch = (at: number) =>
    record('train_epoch', `"dt": 0.9, "dt_data": 0.1, "epoch": "${at}/40", "loss": 2.5, "lr": 0.001`);
  const iter = (at: number, of: number) =>
    record(
      'train_iter',
      `"dt": 0.9, "dt_data": 0.1, "epoch": "${of}/40", "iter": "${at}/100", "loss": 2.5, "lr": 0.001`,
    );
  const validation = (at: number) => record('val_epoch', `"epoch": "${at}/40", "top1_err": 44.5`);
  test('an epoch, where no iteration is printed', () => {
    const read = watched(epoch(1), validation(1), epoch(2));
    expect(read.numbers).toEqual([1, 2]);
    expect(read.report.run.maxBatches).toBe(40);
    expect(figuresOf(read)[0]).toMatchObject({
      loss: 2.5,
      learningRate: 0.001,
      memory: [{ peakAllocatedBytes: 17.5 * 2 ** 30, peakScope: 'run' }],
    });
  });
  test('iterations through all epochs, whose sums are none', () => {
    const read = watched(iter(50, 1), iter(100, 1), epoch(1), validation(1), iter(50, 2));
    expect(read.numbers).toEqual([50, 100, 150]);
    expect(read.report.run.maxBatches).toBe(4000);
  });
  test('a size with a letter is an amount where it is of memory alone', () => {
    const read = watched(
      '{"step": 1, "loss": 0.5, "size": "640M"}',
      '{"step": 2, "loss": 0.5, "size": "1G"}',
    );
    expect(figuresOf(read)[0]).not.toHaveProperty('extra.size');
  });
});

describe('bars that no word names', () => {
  test('gsplat parts its figures by bars', () => {
    const bar = (at: number, loss: number) =>
      `loss=${loss}| sh degree=3| :  20%|██▏        | ${at}/30000 [02:15<08:20, 47.77it/s]Step ${at}: 719 GSs duplicated, 9 GSs split. Now having 207196 GSs.`;
    expect(reportsOf(bar(6000, 0.25), bar(6100, 0.125))).toMatchObject([
      { step: 6000, loss: 0.25, extra: { 'sh degree': 3 } },
      { step: 6100, loss: 0.125 },
    ]);
  });
  const bar = (fold: number, epoch: number, at: number) =>
    `[fold_${fold}] 00${epoch}/2: ${at * 25}%|█████▌    | ${at}/4 [00:14<00:42, 14.14s/it, loss=${4 - epoch}.${at}]`;
  const whole = (fold: number) => [1, 2].flatMap(epoch => [1, 2, 3, 4].map(at => bar(fold, epoch, at)));
  test('each fold is a training', () => {
    const { report, numbers } = watched(...whole(0), ...whole(1));
    expect(report.run).toMatchObject({ state: 'completed', lastBatch: 8, maxBatches: 8, starts: 2 });
    expect(numbers).toHaveLength(16);
    expect(watched(...whole(0)).report.run.starts).toBe(1);
  });
  test('a share of something else in front is no epoch', () => {
    const other = (at: number) => `size 512/512 px: 10%|█  | ${at}/40 [00:14<00:42, 1.14s/it, loss=0.${at}]`;
    expect(numbersOf(other(1), other(2))).toEqual([1, 2]);
  });
});

test('PaddleDetection before 2: figures in quotes', () => {
  const line = (at: number) =>
    `2026-03-01 10:00:00,123-INFO: iter: ${at}, lr: 0.000125, 'loss_cls': '1.125000', 'loss': '2.500000', eta: 0:00:00, batch_cost: 0.25000 sec, ips: 16.00000 images/sec`;
  expect(reportsOf(line(0), line(20))).toMatchObject([
    { step: 0, loss: 2.5, learningRate: 0.000125, extra: { loss_cls: 1.125 } },
    { step: 20 },
  ]);
});

test('Ultralytics on Apple’s GPU', () => {
  const row =
    '       1/50      2.50G     0.9014      2.375     0.9244         52        640: 100%|██████████| 75/75';
  const head = '      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size';
  const own = 'Ultralytics 8.4.1 🚀 Python-3.13.9 torch-2.9.0 MPS (Apple M4)';
  const device = (...lines: string[]) =>
    (reportsOf(...lines)[0] as { memory: { device: string }[] }).memory[0]!.device;
  expect(device(own, head, row)).toBe('mps');
  expect(
    device('Ultralytics 8.4.1 🚀 Python-3.13.9 torch-2.9.0 CUDA:0 (Tesla T4, 15102MiB)', head, row),
  ).toBe('cuda');
});

describe('a report of detectron2 that a terminal’s width has cut', () => {
  const lines = [
    '[03/01 10:00:00 d2.utils.events]:  eta: 0:02:30  iter: 19  cls_acc: 0.75  total_loss: 7.125  loss_cls: 0.1',
    '25  loss_box: 0.226  loss_l1: 0.5  loss_mask: 0.3545  loss_dice: 0.195  loss_point: 0.0638  rg_',
    'loss: 0.125  focal: 0.5  bbox_loss: 0.25  time: 0.5  data_time: 0.25  lr: 0.001  max_mem: 3242M',
  ];
  test('has the figures of all its lines, but those that are cut', () => {
    const [step] = reportsOf(...lines);
    expect(step).toMatchObject({
      step: 19,
      loss: 7.125,
      stepMs: 500,
      learningRate: 0.001,
      extra: { loss_l1: 0.5, loss_dice: 0.195, focal: 0.5 },
      memory: [{ peakAllocatedBytes: 3242 * 2 ** 20 }],
    });
    expect(step).not.toHaveProperty('extra.loss_cls');
    expect(step).not.toHaveProperty('extra.loss');
  });
  test('a key behind it shows that a figure is whole, and words are none of it', () => {
    expect(
      reportsOf(`${lines[0]!.replace('  loss_cls: 0.1', '  loss_')}`, 'cls: 0.5  lr: 0.1')[0],
    ).toMatchObject({
      loss: 7.125,
    });
    const other = 'a: 1  b: 2  c: 3  d: 4 (of many)  e: 5';
    expect(reportsOf(lines[0]!, other)[0]).not.toHaveProperty('extra.c');
  });
});

test('pytracking’s epochs and batches; its validation is none of them', () => {
  const line = (phase: string, epoch: number, at: number) =>
    `[${phase}: ${epoch}, ${at} / 1000] FPS: 4.0 (7.9)  ,  Loss/total: 3.25  ,  Loss/segm: 1.5  ,  Stats/acc: 0.75`;
  expect(reportsOf(line('train', 1, 50), line('val', 1, 50), line('train', 2, 50))).toMatchObject([
    { step: 50, loss: 3.25, extra: { 'Loss/segm': 1.5, FPS: 4 } },
    { step: 1050 },
  ]);
});

test('DINOv2’s logger has the iterations of the whole training', () => {
  const line = (at: number, word = 'Training') =>
    `I20260301 10:00:00 90 dinov2 helpers.py:102] ${word}  [   ${at}/5000]  eta: 1 day, 2:36:05  lr: 0.0001 (0.0001)  total_loss: 12.5 (12.75)  koleo_loss: inf (inf)  time: 1.5  data: 0.001  max mem: 4096`;
  expect(stateOf(line(40), line(50))).toMatchObject({ lastBatch: 50, maxBatches: 5000 });
  expect(reportsOf(line(40))).toMatchObject([{ step: 40, loss: 12.5, stepMs: 1500 }]);
  expect(reportsOf(line(40, 'Test:'), line(50, 'Test:'))).toEqual([]);
});

describe('Paddle’s first trainers', () => {
  test('a pass and its batch', () => {
    const line = (pass: number, batch: number) =>
      `[INFO 2026-03-01 10:00:00,123 train.py:70] Pass ${pass}, Batch ${batch}, Cost 2.250000, {'classification_error_evaluator': 0.5}`;
    const read = reportsOf(
      line(0, 0),
      line(0, 100),
      'Test with Pass 0, Cost 0.5, {}',
      line(1, 0),
      line(1, 100),
    );
    expect(read).toMatchObject([
      { step: 0, loss: 2.25, extra: { classification_error_evaluator: 0.5 } },
      { step: 100 },
      { step: 101 },
      { step: 201 },
    ]);
  });
  test('a batch, whose pass is named where it ends', () => {
    const line = (batch: number) =>
      `I0301 10:00:00.005338 10456 TrainerInternal.cpp:163]  Batch=${batch} samples=${batch * 16} AvgCost=2.5 CurrentCost=2.25 Eval:  CurrentEval: `;
    const end = (pass: number) =>
      `......I0301 10:00:00.005338 10456 TrainerInternal.cpp:180]  Pass=${pass} Batch=250 samples=4000 AvgCost=2.5 Eval: `;
    const lines = [line(100), line(200), end(0), line(100), line(200), end(1), line(100)];
    expect(numbersOf(...lines)).toEqual([100, 200, 350, 450, 600]);
    expect(reportsOf(...lines)[0]).toMatchObject({ loss: 2.25, extra: { avg_cost: 2.5 } });
  });
});

describe('Keras’ TerminateOnNaN', () => {
  const whole = (loss: string) => `100/100 [==============================] - 1s 2ms/step - loss: ${loss}`;
  const stopped =
    '  1/100 [..............................] - ETA: 0s - loss: 2.25Batch 1: Invalid loss, terminating training';
  const lines = ['Epoch 1/10', whole('2.5'), 'Epoch 2/10', stopped, whole('nan')];
  test('is the end, though the row of its epoch is drawn', () => {
    const { report } = watched(...lines);
    expect(report.run).toMatchObject({ state: 'failed', lastBatch: 1, maxBatches: 10 });
    expect(report.failure?.message).toBe('Invalid loss, terminating training');
  });
  test('and is none where the fit goes on', () => {
    const goes = ['Epoch 3/10', whole('2.25'), 'Epoch 4/10', whole('2.0')];
    expect(stateOf(...lines, ...goes)).toMatchObject({ state: 'unknown', lastBatch: 4 });
    expect(watched('Epoch 1/10', whole('2.5'), 'an invalid loss, terminating').report.failure).toBeNull();
  });
});

test('sg2im’s blocks under a time', () => {
  const block = (at: number) => [
    `t = ${at} / 3000`,
    ' G [l1_pixel_loss]: 0.1250',
    ' G [total_loss]: 1.5000',
    ' D_obj [total_loss]: 1.2500',
  ];
  const read = watched(...block(100), ...block(110));
  expect(figuresOf(read)).toMatchObject([
    { step: 100, loss: 1.5, extra: { 'G [l1_pixel_loss]': 0.125, 'D_obj [total_loss]': 1.25 } },
    { step: 110 },
  ]);
  expect(read.report.run.maxBatches).toBe(3000);
  expect(numbersOf('t = 100 / 3000', 'loss of nothing', 't = 110 / 3000')).toEqual([]);
});

describe('NequIP’s tables', () => {
  const head = '  Train      #    Epoch      wal       LR       loss_f         loss        f_mae';
  const row = (word: string, epoch: number, loss: number) =>
    `! ${word}               ${epoch}   15.713    0.005        0.125        ${loss}         13.5`;
  const batches = [
    'training',
    '# Epoch batch         loss       loss_f        f_mae',
    '      1    10        0.512        0.512         13.5',
  ];
  const lines = [
    ...batches,
    head,
    row('Train', 1, 0.5),
    row('Validation', 1, 0.25),
    ...batches,
    head,
    row('Train', 2, 0.25),
  ];
  test('are an epoch each', () => {
    expect(reportsOf(...lines)).toMatchObject([
      { step: 1, loss: 0.5, learningRate: 0.005, extra: { loss_f: 0.125, f_mae: 13.5 } },
      { step: 2, loss: 0.25 },
    ]);
    expect(stateOf(...lines)).toMatchObject({ state: 'unknown' });
    expect(stateOf(...lines, '! Stop training: max epochs')).toMatchObject({
      state: 'completed',
      lastBatch: 2,
    });
  });
  test('rows without their head, or of other columns, are not read', () => {
    expect(reportsOf(row('Train', 1, 0.5))).toEqual([]);
    expect(reportsOf(head, `${row('Train', 1, 0.5)}   7`)).toEqual([]);
  });
});

test('OpenPCDet’s epochs of so many give the total', () => {
  const line = (of: string, at: number) =>
    `2026-03-01 10:00:00,418   INFO  Train:    ${of} ( 33%) [ ${at}/300 ( 10%)]  Loss: 1.5 (1.6)  LR: 1.000e-04  Acc_iter ${at + 1}           Data time: 0.87(0.87)`;
  expect(stateOf(line('1/3', 49), line('1/3', 99))).toMatchObject({ lastBatch: 100, maxBatches: 900 });
  const timm = (of: string) => `Train: ${of} [  50/300 (  4%)]  Loss: 6.5 (6.6)  Time: 0.500s`;
  expect(stateOf(timm('0/3'))).toMatchObject({ maxBatches: 900 });
  expect(stateOf(timm('0'))).toMatchObject({ maxBatches: null });
});

describe('detectron2’s end', () => {
  const line = (iter: number) =>
    `[03/01 10:00:00 d2.utils.events]:  eta: 0:00:03  iter: ${iter}  total_loss: 1.5  loss_cls: 1.25  time: 0.4014  data_time: 0.0081   lr: 0.005  max_mem: 3961M`;
  const total = '  MAX_ITER: 70';
  const start = '[03/01 09:59:00 d2.engine.train_loop]: Starting training from iteration 0';
  const saved = '[03/01 10:00:00 fvcore.common.checkpoint]: Saving checkpoint to out/model_final.pth';
  const speed =
    '[03/01 10:00:01 d2.engine.hooks]: Overall training speed: 68 iterations in 0:00:28 (0.4233 s / it)';
  test('is by the total of its configuration, whose iterations count from 0', () => {
    expect(stateOf(total, line(59), line(69))).toEqual({
      state: 'completed',
      lastBatch: 69,
      maxBatches: 70,
    });
    expect(stateOf(total, line(39), line(59), speed)).toMatchObject({ state: 'unknown', maxBatches: 70 });
  });
  test('is by its last checkpoint; the speed alone is printed behind an error, too', () => {
    expect(stateOf(start, line(59), saved, line(69), speed)).toMatchObject({
      state: 'completed',
      lastBatch: 69,
    });
    expect(stateOf(start, line(59), line(69), speed)).toMatchObject({ state: 'unknown' });
    expect(stateOf(line(59), saved, start, line(19), speed)).toMatchObject({ state: 'unknown' });
  });
});

describe('timm’s epochs', () => {
  const line = (epoch: number, at: number) =>
    `Train: ${epoch} [${String(at).padStart(4)}/12 (${Math.round(((at + 1) / 12) * 100)}%)]  Loss: 0.500 (0.600)  Time: 0.125s,   32.00/s  (0.130s,   30.77/s)  LR: 5.000e-02  Data: 0.010 (0.011)`;
  const planned =
    'Scheduled epochs: 2 (epochs + cooldown_epochs). Warmup within epochs when warmup_prefix=False. LR stepped per epoch.';
  test('the number behind the phase is no figure', () => {
    expect(reportsOf(line(0, 0), line(1, 11))).toEqual([
      { step: 0, loss: 0.5, learningRate: 0.05, stepMs: 125, extra: { Data: 0.01 }, rank: 0 },
      { step: 23, loss: 0.5, learningRate: 0.05, stepMs: 125, extra: { Data: 0.01 }, rank: 0 },
    ]);
    // What was measured, and no epoch.
    expect(reportsOf('step 3 Train: 2.5 [10 batches] loss 0.5')[0]).toMatchObject({ extra: { Train: 2.5 } });
  });
  test('those that are scheduled give the total, and the last batch of the last completes it', () => {
    expect(stateOf(planned, line(0, 0), line(0, 11), line(1, 0), line(1, 11))).toMatchObject({
      state: 'completed',
      maxBatches: 24,
    });
    expect(stateOf(planned, line(0, 0), line(0, 11), line(1, 0))).toMatchObject({
      state: 'unknown',
      maxBatches: 24,
    });
  });
});

test('the number of an epoch in parentheses behind its phase', () => {
  const line = (epoch: number) => `Train(${epoch}), loss: 2.25, time: 689 s`;
  const others = [
    'eval point avg class IoU: 0.25',
    'class grasp, IoU: 0.125',
    'Val(0), loss: 0.5, time: 20 s',
  ];
  expect(reportsOf(line(0), ...others, line(1))).toMatchObject([
    { step: 0, loss: 2.25, stepMs: 689_000 },
    { step: 1 },
  ]);
  expect(numbersOf('Train(fast), loss: 2.25', 'Train(all), loss: 2.0')).toEqual([]);
});

test('a row of Lightning’s CSV that has the loss of an evaluation alone, whatever was measured with it', () => {
  const head = 'ErrorRate,epoch,loss/train,loss/val,step';
  expect(
    reportsOf(head, '0.07,0,,0.1875,194', ',0,0.25,,194', '0.06,1,,0.125,389', ',1,0.125,,389'),
  ).toMatchObject([
    { step: 195, loss: 0.25 },
    { step: 390, loss: 0.125 },
  ]);
  expect(reportsOf('acc,epoch,step,train_loss,val_loss', '0.5,0,49,0.5,0.25')).toMatchObject([
    { step: 50, loss: 0.5, extra: { val_loss: 0.25 } },
  ]);
});
