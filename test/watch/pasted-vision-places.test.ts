/** Where a training of vision is, as people paste it, values invented: places among so many, epochs in front of bars, folds, samples of one device. */
import { describe, expect, test } from 'vitest';
import { figuresOf, reportsOf, watched } from './report-of-log.ts';

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
