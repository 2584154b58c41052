/** Logs as people paste them, kind by kind: lines that a page has parted or joined, bars whose loop runs ahead, readings that complete each other. Values invented. */
import { describe, expect, test } from 'vitest';
import { runDocument } from '../../src/report/index.ts';
import { watchedTruly } from './pasted.ts';
import { figuresOf, numbersOf, watched } from './report-of-log.ts';

const factsOf = (...lines: string[]): string[] =>
  runDocument(watched(...lines).report, { nowMs: 2e12, timeZone: null, version: '0' }).facts;
const verdictOf = (...lines: string[]) => watchedTruly(...lines).report.verdict.says;
const failureOf = (...lines: string[]) =>
  watched(...lines).events.find(({ type }) => type === 'TRAINING_FAILED')?.data as Record<string, unknown>;

describe('a long step of verl’s that a page has parted', () => {
  const many = Array.from({ length: 40 }, (_, i) => `critic/own_${i}:0.${i + 100}`).join(' - ');
  const begin = `(TaskRunner pid=7) step:5 - actor/pg_loss:0.012 - actor/grad_norm:0.180 - ${many}`;
  test.each([
    ['within a name', ' - critic', '/rewards/mean:0.250 - timing_s/gen:30.000 - timing_s/step:96.500'],
    ['behind a pair', '', ' - critic/rewards/mean:0.250 - timing_s/gen:30.000 - timing_s/step:96.500'],
    ['within a figure', ' - critic/rewards/mean:0.2', '50 - timing_s/gen:30.000 - timing_s/step:96.500'],
  ])('%s is one', (_where, end, rest) => {
    const [update] = figuresOf(watched(begin + end, rest));
    expect(update).toMatchObject({
      batch: 5,
      rollout: { episodicReturn: 0.25 },
      timing: { rolloutMs: 30_000 },
    });
  });
  test('is whole once its times are there', () => {
    const line = `${begin} - timing_s/gen:30.000 - timing_s/step:96.500`;
    const [update] = figuresOf(watched(line, 'critic/rewards/mean:0.250 - perf/throughput:12.000'));
    expect(update).not.toHaveProperty('rollout');
  });
});

describe('bars', () => {
  const rl = (done: number, pg: number) =>
    `Train epoch [1/1]:  20%|██   | ${done}/8 [00:1${done}<00:30,  1.50s/it, pg=${pg}, rm=0.5, ret=0.25, glen=300, tlen=350, kl=0]`;
  const numbered = (...lines: string[]) =>
    figuresOf(watched(...lines)).map(({ batch, step, loss }) => [
      batch ?? step,
      (loss as { policy?: number })?.policy ?? loss,
    ]);
  test('of a loop that sets its figures first are of the step that comes', () => {
    expect(numbered(rl(2, 0.5), rl(2, 0.75), rl(3, 0.75), rl(3, 0.25), rl(4, 0.25))).toEqual([
      [2, 0.5],
      [3, 0.75],
      [4, 0.25],
    ]);
    // Drawn once each, nothing shows it.
    expect(numbered(rl(2, 0.5), rl(3, 0.75), rl(4, 0.25))).toEqual([
      [2, 0.5],
      [3, 0.75],
      [4, 0.25],
    ]);
  });
  test('of a loop that nobody knows are of the step that they show', () => {
    const bar = (done: number, loss: number) =>
      ` 20%|██   | ${done}/8 [00:1${done}<00:30,  1.50s/it, loss=${loss}]`;
    expect(numbered(bar(2, 0.5), bar(2, 0.75), bar(3, 0.75), bar(3, 0.25))).toEqual([
      [2, 0.75],
      [3, 0.25],
    ]);
  });
  test('behind a report on its line are read', () => {
    const dict = (loss: number, epoch: number) =>
      `{'loss': ${loss}, 'learning_rate': 1e-05, 'epoch': ${epoch}}`;
    const bar = (done: number) => ` ${done / 10}%|▏         | ${done}/1000 [00:${done}<49:30,  3.00s/it]`;
    const read = watched(`${bar(10)}${dict(1.5, 0.01)} ${bar(20)}${dict(1.25, 0.02)} ${bar(30)}`);
    expect(figuresOf(read).map(({ step, loss }) => [step, loss])).toEqual([
      [10, 1.5],
      [20, 1.25],
    ]);
  });
  test('without an end have the total of the bar beside them', () => {
    const outer = 'Training:   0%|          | 3/1200 [00:10<01:30,  1.00it/s]';
    expect(factsOf(outer, 'loss: 2.5: : 3it [00:10,  3.33s/it]')).toContain('end unknown at step 3 of 1,200');
    expect(factsOf(outer, 'loss: 2.5: : 40it [00:10,  3.33s/it]')).toContain('end unknown at step 40');
  });
  test.each([
    'loading image sizes.',
    '   INFO     loading image sizes.        train_util.py:987',
    'caching latents...',
  ])('below “%s” count no steps', head =>
    expect(numbersOf(head, '100%|██████| 160/160 [00:00<00:00, 9999.83it/s]', 'make buckets')).toEqual([]),
  );
  test('below other words do', () => {
    const bar = ' 50%|███   | 80/160 [00:40<00:40,  2.00it/s]';
    expect(numbersOf('loading model for process 0/1', bar)).toEqual([80]);
    expect(numbersOf('loading image sizes.', bar, 'running training', bar)).toEqual([80]);
  });
  test('and what is refused between them stand in their order', () => {
    const flushed = (count: number) =>
      `[2026-01-02 10:20:30,123] [WARNING] [stage3.py:2069:step] ${count} pytorch allocator cache flushes since last step. this happens when there is high memory pressure and is detrimental to performance.`;
    const bar = (done: number, loss: number) =>
      `  2%|██   | ${done}/90 [1${done}:00<25:12:00, 1000.50s/it, loss=${loss}]`;
    expect(verdictOf(bar(1, 7.5) + flushed(3), bar(2, 6.5) + flushed(4))).toContain(
      'refused memory in 2 updates',
    );
  });
});

describe('epochs of YOLO', () => {
  const row = (epoch: string, head: string) => [
    head,
    `     ${epoch}     15.8G      3.99     0.358         0      4.35        22       608: 100%|██████████| 54/54 [00:42<00:00,  1.26s/it]`,
  ];
  const old = '     Epoch   gpu_mem       box       obj       cls     total    labels  img_size';
  test('that count from 0 are one more than the last one’s number', () => {
    expect(factsOf(...row('0/299', old))).toContain('end unknown at epoch 0 of 300');
    expect(factsOf(...row('12/299', old))).toContain('end unknown at epoch 12 of 300');
    expect(factsOf(...row('299/299', old))).toContain('completed, newest report at epoch 299 of 300');
  });
  test('that count from 1 are not', () => {
    const head = '      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  seg_loss  Instances       Size';
    expect(factsOf(...row('12/300', head))).toContain('end unknown at epoch 12 of 300');
  });
});

test('a training that is over may have had steps without a report', () => {
  const line = (step: number, loss: number | null) =>
    JSON.stringify({ current_steps: step, total_steps: 93, loss, epoch: 0.5, percentage: 50 });
  expect(factsOf(line(80, 1.5), line(90, 1.25), line(93, null))).toContain(
    'completed, newest report at step 90 of 93',
  );
  expect(factsOf(line(90, 1.5), line(93, 1.25))).toContain('completed at step 93 of 93');
});

describe('memory outside of updates', () => {
  const seen = (allocated: number, peak: number) =>
    `[2026-01-02 10:20:30,338] [INFO] [utils.py:827:see_memory_usage] MA ${allocated} GB         Max_MA ${peak} GB         CA 6.39 GB         Max_CA 6 GB`;
  test('has the highest of its peaks', () => {
    expect(verdictOf(seen(4.25, 5.5), seen(4.5, 4.75))).toMatch(
      /tensors held 5\.50 GiB, held by tensors 4\.50 GiB/,
    );
  });
  test('has what lines of one amount each have', () => {
    const says = verdictOf(
      'Max CUDA memory allocated was 18 GB',
      'Max CUDA memory reserved was 28 GB',
      'Peak active CUDA memory was 18 GB',
    );
    expect(says).toMatch(/held 18\.0 GiB, peak of what was reserved 28\.0 GiB/);
  });
  test('is still known once a request was refused', () => {
    const timer =
      '[2026-01-02 10:20:30,702] [INFO] [timer.py:193:stop] 0/50, SamplesPerSec=8.5, MemAllocated=0.93GB, MaxMemAllocated=12.75GB';
    const flushed =
      '[2026-01-02 10:20:33,651] [WARNING] [stage3.py:2391:step] 2 pytorch allocator cache flushes since last step. this happens when there is high memory pressure';
    expect(verdictOf(timer, flushed)).toMatch(/newest peak is 12\.8 GiB.*refused memory/);
  });
  test('that cannot be is called so', () => {
    const line = (allocated: string) =>
      `(WorkerDict pid=1) INFO:2026-05-01 10:00:00,123:After megatron actor update, memory allocated (GB): ${allocated}, memory reserved (GB): 98.80, device memory used/total (GB): 61.10/79.11`;
    expect(verdictOf(line('97.02'))).toMatch(
      /That cannot be: reserved 98\.80 GiB exceeds the device’s 79\.11 GiB/,
    );
    expect(verdictOf(line('97.02').replace('98.80', '60.80').replace('97.02', '59.50'))).not.toMatch(
      /cannot be/,
    );
  });
});

describe('torchrun’s summary', () => {
  const failed = (time: string, rank: number, code?: number) => [
    `  time      : 2026-01-02_${time}`,
    '  host      : node1',
    `  rank      : ${rank} (local_rank: ${rank})`,
    ...(code === undefined ? [] : [`  exitcode  : ${code} (pid: 10${rank})`, '  error_file: <N/A>']),
  ];
  const head = ['train.py FAILED', '------------------', 'Failures:', '[1]:', ...failed('10:20:30', 3, 1)];
  const later = ['[2]:', ...failed('10:21:01', 0, -9)];
  const root = ['------------------', 'Root Cause (first observed failure):', '[0]:'];
  test('names what failed first, though its exit code was not copied', () => {
    expect(failureOf(...head, ...later, ...root, ...failed('10:20:30', 1))).toMatchObject({
      ending: { kind: 'launcher', by: 'torchrun', rank: 1 },
    });
    expect(verdictOf(...head, ...later, ...root, ...failed('10:20:30', 1))).toMatch(/failed first/);
  });
  test('has its exit code where it was', () => {
    expect(failureOf(...head, ...later, ...root, ...failed('10:20:30', 1, -9))).toMatchObject({
      ending: { kind: 'signal', signal: 9, rank: 1 },
    });
    expect(failureOf(...head, ...later, ...root, ...failed('10:20:30', 1, 1))).toMatchObject({
      ending: { kind: 'launcher', exitCode: 1, rank: 1 },
    });
  });
  test('lists those that torchrun ended later behind it', () => {
    expect(failureOf(...head, ...later)).toMatchObject({
      ending: { kind: 'launcher', exitCode: 1, rank: 3 },
    });
    expect(failureOf(...head, '[2]:', ...failed('10:20:30', 0, -9))).toMatchObject({
      ending: { kind: 'signal', signal: 9, rank: 0 },
    });
  });
});

describe('loops', () => {
  test('that print a metric a line have all of them in each step', () => {
    const lines = (step: number) => [
      `train_loss: 1.${step}5  step:${step}`,
      `train_acc: 0.${step}5  step:${step}`,
    ];
    const own = watched(...lines(1), ...lines(2), ...lines(3), ...lines(4)).events.filter(
      ({ type }) => type === 'FIGURES_LOGGED',
    );
    expect(own.map(({ data }) => data)).toEqual(
      [1, 2, 3, 4].map(step => ({ batch: step, figures: { train_acc: Number(`0.${step}5`) } })),
    );
  });
  test('that count as detectron2 does are their own', () => {
    const line = (step: number, loss: number) =>
      `iter: ${step} train_loss: ${loss}  train_score: 0.6225  val_score: 0.6008 val_loss: 3.4801 time(s): 561.6 s`;
    expect(figuresOf(watched(line(2100, 2.75), line(2200, 2.5)))).toMatchObject([
      { step: 2100, loss: 2.75 },
      { step: 2200, loss: 2.5 },
    ]);
    const own =
      ' eta: 8:05:12  iter: 1259  total_loss: 1.25  loss_cls: 0.5  time: 0.3  lr: 0.01  max_mem: 3961M';
    expect(figuresOf(watched(own))).toMatchObject([{ step: 1259, loss: 1.25, stepMs: 300 }]);
  });
  test('that print a mean right behind each figure are read', () => {
    const line = (step: number, loss: string) =>
      `Stage [train] iter: [${step}/500], time: 1.4696(1.4502), loss: ${loss}, scale: 65536.000000`;
    expect(figuresOf(watchedTruly(line(10, '0.0975(0.1125)'), line(20, '0.0875(0.1025)')))).toMatchObject([
      { step: 10, loss: 0.0975 },
      { step: 20, loss: 0.0875 },
    ]);
    // What else stands in brackets is no mean.
    expect(numbersOf('iter: [10/500], loss: 0.0975(sum), scale: 65536.0')).toEqual([]);
  });
});
