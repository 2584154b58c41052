/** Logs and tables of vision and speech trainers as people keep them, values invented: totals above the reports, counts of samples, sums of an epoch, tables without numbers. */
import { describe, expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { numbersOf, reportsOf, watched } from './report-of-log.ts';

const stateOf = (...lines: string[]) => {
  const { state, lastBatch, maxBatches } = watched(...lines).report.run;
  return { state, lastBatch, maxBatches };
};

describe('epochs of OpenMMLab, which a line above its reports has', () => {
  const report = (epoch: number, at: number) =>
    `2026-03-01 10:00:00,100 - mmdet - INFO - Epoch [${epoch}][${at}/120]\tlr: 1.000e-03, eta: 0:10:00, time: 0.500, data_time: 0.010, memory: 4000, loss_cls: 0.2500, loss: 0.5000`;
  const both = (epoch: number) => [report(epoch, 50), report(epoch, 100)];
  const flow = (epochs: number) =>
    `2026-03-01 10:00:00,000 - mmdet - INFO - workflow: [('train', 1)], max: ${epochs} epochs`;

  test('reports of the last epoch end before its last iteration', () => {
    const whole = [flow(2), ...both(1), ...both(2)];
    expect(stateOf(...whole)).toEqual({ state: 'completed', lastBatch: 220, maxBatches: 240 });
    expect(stateOf(...whole.slice(0, -1))).toEqual({ state: 'unknown', lastBatch: 170, maxBatches: 240 });
    expect(stateOf(flow(3), ...both(1), ...both(2))).toMatchObject({ state: 'unknown', maxBatches: 360 });
  });

  test('of a configuration, too; a text that begins in the last epoch has no distance from one report alone', () => {
    for (const line of [
      "runner = dict(type='EpochBasedRunner', max_epochs=2)",
      'total_epochs = 2',
      "train_cfg = dict(max_epochs=2, type='EpochBasedTrainLoop', val_interval=1)",
    ])
      expect(stateOf(line, ...both(1), ...both(2))).toMatchObject({ state: 'completed', maxBatches: 240 });
    expect(stateOf(flow(2), report(2, 100))).toMatchObject({ state: 'unknown', maxBatches: 240 });
    expect(stateOf(...both(1), ...both(2))).toMatchObject({ state: 'unknown', maxBatches: null });
  });

  test('an epoch and its iteration in brackets, as loops by hand print them, are none of it', () => {
    const line = (epoch: number, iter: number) =>
      `Epoch [${epoch}/10], Iter [${iter}/40] Loss: 0.5000, average_loss: 0.7500`;
    const { events, numbers, report: read } = watched(line(1, 20), line(1, 40), line(2, 20));
    expect(numbers).toEqual([20, 40, 60]);
    expect(events[1]?.data).toMatchObject({ loss: 0.5 });
    expect(read.run.maxBatches).toBe(400);
    expect(
      numbersOf('2026-03-01 10:00:00,100 - mmseg - INFO - Iter [50/400]\tlr: 1.0e-3, loss: 0.5'),
    ).toEqual([50]);
  });
});

describe('samples instead of batches', () => {
  const clip = (seen: number) =>
    `2026-03-01,10:00:00 | INFO | Train Epoch: 0 [${seen}/40000 (3%)] Loss: 1.2500 (1.250) Data (t): 0.050 Batch (t): 0.500, 64.0/s LR: 0.000100 Logit Scale: 14.250 - V4`;
  test('are named as such', () => {
    const read = watched(clip(32), clip(3232));
    expect(read.numbers).toEqual([32, 3232]);
    expect(read.report.run).toMatchObject({ numbered: 'samples', lastBatch: 3232 });
    expect(read.events[2]?.data).toMatchObject({
      loss: 1.25,
      stepMs: 500,
      learningRate: 1e-4,
      extra: { logit_scale: 14.25 },
    });
    const answer = explainText(`${clip(32)}\n${clip(3232)}\n`, 'pasted', 2e12)!;
    expect(answer.says).toContain('ends after sample 3232');
    const example = (at: number) => `Train Epoch: 1 [${at}/60000 (${at / 600}%)]\tLoss: 0.5`;
    expect(watched(example(0), example(600), example(1200)).report.run.numbered).toBe('samples');
  });
  test('batches of timm are batches', () => {
    const timm = (at: number) =>
      `Train: 0 [${String(at).padStart(4)}/1251 (  4%)]  Loss: 6.5 (6.6)  Time: 0.500s`;
    expect(watched(timm(0), timm(50)).report.run.numbered).toBe('steps');
  });
});

describe('two brackets whose epochs have no total', () => {
  const line = (epoch: number, at: number) => `[Train] Epoch: [${epoch}][${at}/300]  Loss:0.500 (Avg 0.6000)`;
  test('the first epoch of a text is 1 where it begins with it, and 0 where that stands there', () => {
    expect(numbersOf(line(1, 20), line(1, 21), line(2, 20))).toEqual([20, 21, 320]);
    expect(numbersOf(line(0, 20), line(1, 20))).toEqual([20, 320]);
    expect(numbersOf(line(4, 20), line(5, 20))).toEqual([1220, 1520]);
  });
});

describe('the sum of the last epoch', () => {
  const step = (epoch: number, at: number) => `Epoch[${epoch}/2], Step[${at}/150], Avg Loss: 0.5000`;
  const sum = (epoch: number) => `----- Epoch[${epoch}/2], Train Loss: 0.4500, time: 60.00`;
  test('is the end of its steps, though none is reported behind the last hundred', () => {
    const lines = [step(1, 0), step(1, 100), sum(1), step(2, 0), step(2, 100)];
    expect(stateOf(...lines, sum(2))).toEqual({ state: 'completed', lastBatch: 250, maxBatches: 300 });
    expect(stateOf(...lines)).toMatchObject({ state: 'unknown' });
    expect(stateOf(...lines.slice(0, 3))).toMatchObject({ state: 'unknown', lastBatch: 100 });
  });
});

test('OpenPCDet’s rule of stars ends the training, not the evaluation behind it', () => {
  const line = (at: number) =>
    `2026-03-01 10:00:00,100   INFO  Train:    1/2 ( 50%) [ ${at}/300 ( 10%)]  Loss: 1.5 (1.6)  LR: 1.000e-04  Acc_iter ${at}`;
  const stars = (words: string) =>
    `2026-03-01 10:10:00,100   INFO  **********************${words} kitti_models/second(default)**********************`;
  expect(stateOf(line(100), line(150), stars('End training')).state).toBe('completed');
  expect(stateOf(stars('Start training'), line(100), line(150)).state).toBe('unknown');
});

test('rates of learning in a list, a loss so far, the time of all that went before', () => {
  expect(
    reportsOf('Epoch: [1/9] Iter:[10/40], Time: 0.50, lr: [0.025], Loss: 0.750000, Acc:0.5'),
  ).toMatchObject([{ learningRate: 0.025, loss: 0.75 }]);
  const far = 'Epoch 0, Step 25, total used time 7.25 (s), avg loss so far is 0.125';
  expect(reportsOf(far)).toMatchObject([{ step: 25, loss: 0.125 }]);
  expect(reportsOf(far)[0]).not.toHaveProperty('stepMs');
  expect(reportsOf('iter 5: loss 0.5, time 200ms')).toMatchObject([{ stepMs: 200 }]);
  expect(numbersOf('Epoch 3, val loss is 0.03, val mse is 0.01.')).toEqual([]);
});

test('the first PyTorch-YOLOv3: parts and their sum in brackets; losses of pix2pix with a sign in their names', () => {
  const line = (batch: number) =>
    `[Epoch 0/30, Batch ${batch}/70] [Losses: x 0.25, y 0.5, w 4.5, h 4.25, conf 3.5, cls 0.75, total 13.75, recall: 0.125, precision: 0.25]`;
  expect(reportsOf(line(0), line(1))).toMatchObject([
    { step: 0, loss: 13.75, extra: { x: 0.25, conf: 3.5, recall: 0.125 } },
    { step: 1 },
  ]);
  expect(
    reportsOf('(epoch: 1, iters: 100, time: 0.500) G_GAN: 4.5 G_L1: 9.25 D_real+fake: -2.5 '),
  ).toMatchObject([{ extra: { G_GAN: 4.5, 'D_real+fake': -2.5 } }]);
});

test('the batches of YOLOv3 behind a logger’s words', () => {
  const words = '2026-03-01 10:00:00 [INFO]: ';
  const row = (place: string) =>
    `${words}   ${place}      0.25       2.5       4.5      7.25        80      7.25`;
  const read = watched(
    `${words}   Epoch       Batch       box      conf        id     total  nTargets      time`,
    row('0/29       0/164'),
    row('1/29      40/164'),
  );
  expect(read.numbers).toEqual([0, 205]);
  expect(read.events[1]?.data).toMatchObject({ loss: 7.25, stepMs: 7250, extra: { id: 4.5 } });
  expect(read.report.run.maxBatches).toBe(4950);
});

describe('tables', () => {
  test('results.csv of YOLOv5: padded, with a range in a name', () => {
    const cells = (...row: string[]) => row.map(cell => cell.padStart(20)).join(',');
    const read = watched(
      cells(
        'epoch',
        'train/box_loss',
        'train/obj_loss',
        'metrics/mAP_0.5',
        'metrics/mAP_0.5:0.95',
        'val/box_loss',
      ),
      cells('0', '0.125', '0.0625', '0.01', '0.005', '0.25'),
      cells('1', '0.0625', '0.03125', '0.02', '0.01', '0.125'),
    );
    expect(read.numbers).toEqual([0, 1]);
    expect(read.notices).toEqual([]);
    expect(read.events[1]?.data).toMatchObject({
      extra: { 'train/box_loss': 0.125, 'metrics/mAP_0.5:0.95': 0.005 },
    });
  });

  test('a batch beside its epoch counts through, from 0 or from 1', () => {
    const gan = (from: number) =>
      [0, 1].flatMap(epoch => [0, 1, 2].map(batch => `${epoch},${batch + from},0.5,0.25`));
    expect(numbersOf('Epoch,Batch,Gen Loss,Disc Loss', ...gan(0))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(numbersOf('Epoch,Batch,Gen Loss,Disc Loss', ...gan(1))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(numbersOf('epoch,step,train_loss', '1,100,0.5', '1,200,0.5', '2,100,0.5')).toEqual([
      100, 200, 300,
    ]);
    // Steps that go on from epoch to epoch, and another training behind them.
    expect(numbersOf('epoch,step,loss', '1,100,0.5', '1,200,0.4', '2,300,0.3', '2,400,0.2')).toEqual([
      100, 200, 300, 400,
    ]);
    // Lightning's count from 0.
    expect(numbersOf('epoch,step,train_loss', '0,49,0.5', '0,99,0.4')).toEqual([50, 100]);
  });

  test('rows of losses that nothing numbers are counted, and the report has that', () => {
    const read = watched(
      'total loss\tscore loss\tctc loss',
      '4.5\t0.5\t1.5',
      '4.25\t0.25\t1.25',
      '4.0\t0.5\t1.0',
    );
    expect(read.numbers).toEqual([1, 2, 3]);
    expect(read.report.run.numbered).toBe('reports');
    // Two alone may be anything; names beside them make a comparison of it.
    expect(numbersOf('total loss\tscore loss', '4.5\t0.5', '4.25\t0.25')).toEqual([]);
    expect(numbersOf('lr,momentum,accuracy', '0.5,0.9,0.7', '0.25,0.9,0.8', '0.1,0.9,0.9')).toEqual([]);
  });

  test('the numbers of rows that pandas writes without a name', () => {
    expect(
      numbersOf(',loss,accuracy,val_loss', '0,0.75,0.5,0.8', '1,0.5,0.625,0.7', '2,0.25,0.75,0.6'),
    ).toEqual([0, 1, 2]);
  });
});

test('an out-of-memory text that is cut behind its reserved bytes has them', () => {
  const answer = explainText(
    'RuntimeError: CUDA out of memory. Tried to allocate 304.00 MiB (GPU 0; 32.00 GiB total capacity; 18.00 GiB already allocated; 128.00 MiB free; 20.00\nGiB reserved in total by\n',
    'pasted',
    2e12,
  )!;
  expect(answer.evidence.join('\n')).toContain('PyTorch holds 20.00 GiB of 32.00 GiB');
});

describe('losses of Det3D, on a line below', () => {
  const report = (at: number) =>
    `2026-03-01 10:00:00,100 - INFO - Epoch [1/20][${at}/500]\tlr: 0.00010, eta: 1:00:00, time: 0.500, data_time: 0.100, transfer_time: 0.010, forward_time: 0.200, loss_parse_time: 0.000 memory: 3000, `;
  const task = (names: string, loss: number) =>
    `2026-03-01 10:00:00,100 - INFO - task : [${names}], loss: ${loss}, hm_loss: 0.2500, loc_loss_elem: ['0.5', '0.25'], num_positive: 40.0`;
  test('those of the only task are the training’s, those of several its own', () => {
    const one = reportsOf(report(50), task("'car', 'van'", 1.5), '', report(100), task("'car', 'van'", 1.25));
    expect(one).toMatchObject([
      { step: 50, loss: 1.5, stepMs: 500, extra: { hm_loss: 0.25 } },
      { step: 100, loss: 1.25 },
    ]);
    const [two] = reportsOf(report(50), task("'car'", 1.5), task("'truck', 'bus'", 2.5));
    expect(two).toMatchObject({ step: 50, extra: { 'car/loss': 1.5, 'truck/loss': 2.5 } });
    expect(two).not.toHaveProperty('loss');
    expect(reportsOf(report(50), report(100))).toMatchObject([{ step: 50 }, { step: 100 }]);
  });
});

describe('a log that a command appends to', () => {
  const start = ['nohup: ignoring input', 'Loading the data'];
  const error = [
    'Traceback (most recent call last):',
    '  File "train.py", line 10, in <module>',
    'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 3.00 GiB (GPU 0; 4.00 GiB total capacity; 50.00 MiB already allocated; 2.80 GiB free; 64.00 MiB reserved in total by PyTorch)',
  ];
  const steps = [10, 20, 30].map(at => `epoch 1 step ${at} loss 0.5`);
  test('what ended an attempt was not survived by the next', () => {
    const { report, events } = watched(...start, ...error, ...start, ...steps);
    expect(report.run).toMatchObject({ state: 'unknown', lastBatch: 30 });
    expect(events.map(({ type }) => type)).not.toContain('MEMORY_SAMPLED');
    const again = watched(...start, ...steps, ...error, ...start, ...steps);
    expect(again.report.run).toMatchObject({ starts: 2, lastBatch: 30 });
    expect(again.events.map(({ type }) => type)).toContain('TRAINING_FAILED');
    expect(again.numbers).toEqual([10, 20, 30, 10, 20, 30]);
  });
  test('where it only goes on, it was', () => {
    expect(watched(...start, ...error, ...steps).events.map(({ type }) => type)).toContain('MEMORY_SAMPLED');
    // The first line of an excerpt may be a report like any other.
    const survived = watched(...steps.slice(0, 2), ...error, ...steps.slice(2));
    expect(survived.report.run.starts).toBe(1);
    expect(survived.events.map(({ type }) => type)).toContain('MEMORY_SAMPLED');
  });
});

test('iterations of pix2pix begin behind those that the end of an epoch has counted', () => {
  const line = (epoch: number, at: number) =>
    `(epoch: ${epoch}, iters: ${at}, time: 0.500, data: 0.100) G_GAN: 1.5 G_L1: 9.5 D_real: 0.5 D_fake: 0.25 `;
  const ended = 'saving the model at the end of epoch 1, iters 77';
  expect(numbersOf(line(1, 40), line(1, 60), ended, line(2, 3), line(2, 23))).toEqual([40, 60, 80, 100]);
  expect(numbersOf(line(1, 40), line(1, 60), line(2, 3))).toEqual([40, 60, 63]);
});

test('tensors and arrays of one, an epoch in angles, a long rule around one', () => {
  const tensor = (loss: number) =>
    `epoch: 1 step: ${loss * 10} loss: tensor(${loss}, device='cuda:0', grad_fn=<NllLossBackward>)`;
  expect(reportsOf(tensor(0.5), tensor(0.6))).toMatchObject([
    { step: 5, loss: 0.5 },
    { step: 6, loss: 0.6 },
  ]);
  expect(reportsOf('train --- Current batch:200/1600  loss:[ 0.5]')).toMatchObject([
    { step: 200, loss: 0.5 },
  ]);
  expect(reportsOf('loss:[ 0.5 0.25] batch: 3')).toEqual([]);
  expect(reportsOf('<epoch:7, lr:1.000e-04> loss: 2.5e-02 ')).toMatchObject([
    { step: 7, loss: 0.025, learningRate: 1e-4 },
  ]);
  const rule = '-'.repeat(50);
  const under = watched(`03-01 10:00:00, ${rule}Epoch:0/9${rule}`, '03-01 10:01:00, Epoch 0 Train, loss:0.5');
  expect(under.report.run.maxBatches).toBe(9);
});

test('a table of trials is numbered by no setting that happens to grow', () => {
  const rows = [
    '0.5,32,7,60.5',
    '0.25,64,3,61.5',
    '0.1,32,5,62.5',
    '0.5,16,1,63.5',
    '0.5,16,2,64.5',
    '0.5,16,3,65.5',
  ];
  expect(numbersOf('learning_rate,batch_size,gamma,best_accuracy', ...rows)).toEqual([]);
});

test('a time and a level without a name in front of a loop’s line', () => {
  const line = (epoch: number) =>
    `2026-03-01 10:00:0${epoch},100 INFO:Epoch ${epoch}: Train Loss=0.5000, Val Loss=0.2500`;
  expect(reportsOf(line(1), line(2))).toMatchObject([
    { step: 1, loss: 0.5 },
    { step: 2, loss: 0.5 },
  ]);
});

test('the loss of a batch in Lightning’s table', () => {
  expect(reportsOf('train_loss_batch,epoch,step', '0.5,0,49', '0.25,0,99')).toMatchObject([
    { step: 50, loss: 0.5 },
    { step: 100, loss: 0.25 },
  ]);
});

describe('last words', () => {
  const steps = [1, 2, 3].map(epoch => `epoch ${epoch}/50 loss 0.5`);
  test.each([
    'Epoch 3: early stopping',
    'Early stopping triggered.',
    'Early stopping at epoch 3',
    'done solving',
  ])('%s', words => expect(stateOf(...steps, words).state).toBe('completed'));
  test.each([
    'EarlyStopping counter: 3 out of 10',
    'early_stopping: True',
    'Training complete. max_training_steps reached or we blew up.',
  ])('%s is none', words => expect(stateOf(...steps, words).state).toBe('unknown'));
  test('figures behind them are of a training that goes on', () => {
    expect(stateOf(steps[0]!, 'Early stopping triggered.', ...steps.slice(1)).state).toBe('unknown');
  });
});

test('a text that ends in the words in front of detectron2’s traceback, or in its head', () => {
  const event = (iter: number) =>
    `[03/01 10:00:00 d2.utils.events]:  eta: 1:00:00  iter: ${iter}  total_loss: 2.5  time: 0.2500  lr: 0.001  max_mem: 4000M`;
  const raised = 'ERROR [03/01 10:00:04 d2.engine.train_loop]: Exception during training:';
  for (const cut of [[], ['Traceback (mo']])
    expect(stateOf(event(19), event(39), raised, ...cut)).toMatchObject({ state: 'failed', lastBatch: 39 });
  expect(stateOf(event(19), event(39)).state).toBe('unknown');
});

test('SpeechBrain: bars of two epochs, each behind its line', () => {
  const epoch = (number: number, loss: number) => [
    `speechbrain.utils.epoch_loop - Going into epoch ${number}`,
    `100%|██████████| 13/13 [00:02<00:00,  5.45it/s, train_loss=${loss}]`,
    '100%|██████████| 3/3 [00:00<00:00,  3.50it/s]',
    `speechbrain.utils.train_logger - epoch: ${number}, lr: 5.00e-04 - train loss: ${loss} - valid loss: 0.5`,
  ];
  const read = watched(...epoch(1, 2.5), ...epoch(2, 1.5));
  expect(read.numbers).toEqual([13, 26]);
  expect(read.report.run.state).toBe('unknown');
});

test('gpustat among the lines of a training', () => {
  const table = (used: number) => [
    '2026-03-01 10:00:00,653   INFO  42b910279906                Sun Mar  1 10:00:00 2026  535.00.00',
    `[0] NVIDIA GeForce RTX 4090 | 70°C,  13 % | ${used} / 24564 MB |`,
    `[1] NVIDIA GeForce RTX 4090 | 68°C,  37 % | 1000 / 24564 MB | me(900M)`,
  ];
  const { events } = watched(
    'epoch 1 step 1 loss 0.5',
    ...table(20000),
    'epoch 1 step 2 loss 0.5',
    ...table(20500),
  );
  const devices = events.filter(({ type }) => type === 'DEVICE_SAMPLED').map(({ data }) => data);
  expect(devices).toMatchObject([
    { devices: [{ index: 0, usedBytes: 20000 * 2 ** 20, totalBytes: 24564 * 2 ** 20 }, { index: 1 }] },
    { devices: [{ index: 0, usedBytes: 20500 * 2 ** 20 }, { index: 1 }] },
  ]);
});

test('arrays of fastai’s first version: two from epoch 0, three from a later one, and none of whole numbers', () => {
  const row = (epoch: number, loss: string) => `[ ${epoch}.       ${loss}  0.25000  0.87500]`;
  expect(numbersOf(row(0, '0.50000'), row(1, '0.37500'))).toEqual([0, 1]);
  expect(numbersOf(row(3, '0.50000'), row(4, '0.37500'))).toEqual([]);
  expect(numbersOf(row(3, '0.50000'), row(4, '0.37500'), row(5, '0.25000'), row(6, '0.25000'))).toEqual([
    3, 4, 5, 6,
  ]);
  expect(numbersOf('[ 0.  1.  0.  1.]', '[ 1.  0.  1.  1.]', '[ 2.  0.  1.  1.]')).toEqual([]);
});

test('Keras 3 has the rate of learning beside its validation: its epoch counts from 0', () => {
  expect(numbersOf('epoch,learning_rate,loss,val_loss', '0,0.001,0.5,0.75', '1,0.001,0.25,0.5')).toEqual([
    1, 2,
  ]);
  expect(numbersOf('{"loss": 0.5, "learning_rate": 0.001, "epoch": 0.5, "step": 10}')).toEqual([10]);
});

test('JSON of mmcv: iterations begin again in each epoch, and an evaluation has the last', () => {
  const record = (epoch: number, iter: number) =>
    `{"mode": "train", "epoch": ${epoch}, "iter": ${iter}, "lr": 0.002, "memory": 4000, "data_time": 0.25, "loss_cls": 0.25, "loss": 0.5, "grad_norm": 4.5, "time": 0.5}`;
  const evaluated = '{"mode": "val", "epoch": 1, "iter": 120, "lr": 0.002, "bbox_mAP": 0.25}';
  const reports = reportsOf(record(1, 50), record(1, 100), evaluated, record(2, 50));
  expect(reports).toMatchObject([
    { step: 50, loss: 0.5, stepMs: 500, gradNorm: 4.5, memory: [{ peakAllocatedBytes: 4000 * 2 ** 20 }] },
    { step: 100 },
    { step: 170 },
  ]);
  expect(numbersOf(record(1, 50), record(1, 100), record(2, 50))).toEqual([50, 100, 150]);
});

describe('other spellings', () => {
  test('WeNet’s rate in front of its batch, and its validation, which it calls CV', () => {
    const line = (phase: string, epoch: number, batch: number, rate = '') =>
      `2026-03-01 10:00:00,123 DEBUG ${phase} ${rate}Batch ${epoch}/${batch} loss 25.5 loss_att 20.5 lr 1.0e-06 rank 0`;
    expect(
      numbersOf(line('TRAIN', 0, 100), line('TRAIN', 0, 200), line('CV', 0, 100), line('TRAIN', 1, 100)),
    ).toEqual([100, 200, 300]);
    const rate = '| steps/sec 2.51| ';
    expect(
      numbersOf(line('TRAIN', 0, 100, rate), line('TRAIN', 0, 200, rate), line('CV', 0, 100, '| ')),
    ).toEqual([100, 200]);
  });
  test('a cost that is a loss, and one that is a time', () => {
    expect(reportsOf('Epoch: 001/010 | Batch 0050/0468 | Cost: 0.5000')).toMatchObject([
      { step: 50, loss: 0.5 },
    ]);
    expect(reportsOf('Cost after iteration 100: 0.25')).toMatchObject([{ step: 100, loss: 0.25 }]);
    const [timed] = reportsOf('Epoch 3 Train, reg:0.5, loss:0.25, Cost: 670.7 sec');
    expect(timed).toMatchObject({ step: 3, loss: 0.25 });
    expect(reportsOf('epoch 3, time cost: 12.5')).toEqual([]);
  });
  test('memory of a total, each with its unit', () => {
    expect(reportsOf('iter: 100, loss: 0.5, GPU mem: 5.25GB/11.0GB')).toMatchObject([
      { memory: [{ allocatedBytes: 5.25 * 2 ** 30, deviceTotalBytes: 11 * 2 ** 30 }] },
    ]);
  });
  test('rows of Keras that count samples', () => {
    const row = (loss: number) =>
      `1000/1000 [==============================] - 2s 2ms/sample - loss: ${loss} - accuracy: 0.5`;
    expect(reportsOf('Epoch 1/2', row(0.5), 'Epoch 2/2', row(0.25))).toMatchObject([
      { step: 1, loss: 0.5 },
      { step: 2, loss: 0.25 },
    ]);
  });
});
