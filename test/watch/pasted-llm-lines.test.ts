/** Lines of language models' and speech trainers that several processes print, or that are cut: values invented. */
import { describe, expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { numbersOf, reportsOf, watched } from './report-of-log.ts';

const GIB = 2 ** 30;
const memoryOf = (...lines: string[]) =>
  watched(...lines).events.flatMap(({ data, rank }) =>
    ((data as { memory?: object[] }).memory ?? []).map(reading => ({ rank, ...reading })),
  );

describe('a gradient’s norm that is no number, beside a finite loss', () => {
  const step = (n: number, loss: string) =>
    ` iteration  ${n}/  9000 | elapsed time per iteration (ms): 410.5 | learning rate: 3.0E-04 |${loss} loss scale: 1.0 | grad norm: nan | number of skipped iterations:   0 | number of nan iterations:   0 |`;
  test('is what there is to know of the log', () => {
    const log = [41, 42, 43].map(n => step(n, ' lm loss: 2.5E+00 |')).join('\n');
    const { says, next } = explainText(log, 'pasted', 2e12)!;
    expect(says).toContain(
      'norm was not a number in 3 updates in a row, while the loss was finite, from step 41',
    );
    expect(next[0]).toContain('loss scale');
    expect(watched(log).report.learning.broken).toBeNull();
  });
  test('a loss that is not in the log has no word', () => {
    const { says } = explainText([41, 42, 43].map(n => step(n, '')).join('\n'), 'pasted', 2e12)!;
    expect(says).toContain('No loss of these updates is in the log.');
    expect(says).not.toContain('while the loss');
  });
});

test('a Megatron line that is cut within a name keeps the figure in front of it', () => {
  const cut =
    ' iteration   20/ 1000 | elapsed time per iteration (ms): 140.5 | lm loss: 9.5E+00 | loss scale: 32768.0 | grad norm: 21.25 | number of skipp';
  expect(reportsOf(cut)).toMatchObject([{ step: 20, loss: 9.5, gradNorm: 21.25 }]);
  expect(reportsOf(cut.slice(0, cut.indexOf('.25')))[0]).not.toHaveProperty('gradNorm');
});

describe('RETURNN with several processes', () => {
  const step = (n: number, device: string, loss: number, used: string) =>
    `ep 1 train, step ${n}, acc 0.000e+00, loss ${loss}, loss_ctc 53.5, total 36.5, mem_usage:${device} ${used}GB, 8.25 sec/step`;
  test('names the device of each', () => {
    const lines = [step(0, 'cuda:1', 25.5, '4.5'), step(0, 'cuda:3', 25.25, '4.25')];
    expect(reportsOf(...lines)).toMatchObject([{ step: 0, loss: 25.5, stepMs: 8250 }]);
    expect(memoryOf(...lines)).toMatchObject([
      { device: 'cuda:1', peakAllocatedBytes: 4.5 * GIB },
      { device: 'cuda:3', peakAllocatedBytes: 4.25 * GIB },
    ]);
  });
  test('a loop that has neither its memory nor its counts is none of it', () => {
    const loop = 'ep 1 train, step 3, loss 2.5, acc 0.5, 8.25 sec/step';
    expect(watched(loop, loop.replace('3', '4')).events[0]?.data).toMatchObject({
      config: { format: 'plain' },
    });
  });
});

describe('FunASR’s lines of each rank', () => {
  const line = (rank: number, step: number, loss: number, phase = 'train') =>
    `[2024-03-04 10:20:3${rank},941][root][INFO] - ${phase}, rank: ${rank}, epoch: 0/50, data_slice: 0/5, step_in_slice: ${step}/8108, step_in_epoch: ${step}, total step: ${step}, (loss_avg_rank: ${loss}), (loss_avg_slice: 0.75), (ppl_avg_slice: 2.5e+00), (acc_avg_slice: 0.5), (lr: 5.5e-04), [('loss_att', 0.475), ('acc', 0.812), ('loss', ${loss})], {'data_load': '0.000', 'forward_time': '0.304', 'total_time': '0.775'}, GPU, memory: usage: 1.500 GB, peak: 60.500 GB, cache: 61.250 GB, cache_peak: 62.000 GB`;
  test('are its steps, with what it holds', () => {
    const lines = [line(1, 400, 0.5), line(3, 400, 0.625), line(1, 450, 0.25)];
    expect(reportsOf(...lines)).toMatchObject([
      { rank: 1, step: 400, loss: 0.5, learningRate: 5.5e-4, stepMs: 775 },
      { rank: 3, step: 400, loss: 0.625, extra: { loss_att: 0.475, acc: 0.812 } },
      { rank: 1, step: 450, loss: 0.25 },
    ]);
    expect(memoryOf(...lines)[1]).toMatchObject({
      rank: 3,
      allocatedBytes: 1.5 * GIB,
      peakAllocatedBytes: 60.5 * GIB,
      reservedBytes: 61.25 * GIB,
      peakReservedBytes: 62 * GIB,
    });
  });
  test('of a validation are none', () => {
    expect(reportsOf(line(0, 400, 0.5), line(0, 5, 0.5, 'val'), line(0, 450, 0.5))).toHaveLength(2);
  });
});

test('the loop of the paper on DPO is numbered by its updates', () => {
  const line = (phase: string, updates: number, loss: string) =>
    `${phase} stats after ${updates * 32} examples: {'rewards_train/chosen': '0.011', 'logps_train/chosen': '-143.9', 'loss/train': '${loss}', 'examples_per_second': '5.5', 'grad_norm': '12.5', 'counters/examples': ${updates * 32}, 'counters/updates': ${updates}}`;
  const lines = [line('train', 2, '0.75'), line('train', 3, 'nan')];
  expect(reportsOf(...lines)).toMatchObject([
    { step: 2, loss: 0.75, gradNorm: 12.5 },
    { step: 3, loss: 'NaN' },
  ]);
  // Of a line that is damaged the number is not known.
  expect(reportsOf(line('train', 2, '0.5').replace('updates', 'up  -dates'))).toEqual([]);
  expect(
    reportsOf("eval stats: {'loss/eval': '0.5', 'counters/examples': 64, 'counters/updates': 2}"),
  ).toEqual([]);
});

test('memory of Gaudi is an HPU’s', () => {
  const report = (total: string) =>
    `{'loss': 2.5, 'learning_rate': 2.5e-05, 'epoch': 0.25, 'memory_allocated (GB)': 3.5, 'max_memory_allocated (GB)': 6.5${total}}`;
  expect(memoryOf(report(", 'total_memory_available (GB)': 29.5"))).toMatchObject([
    { device: 'hpu', allocatedBytes: 3.5 * GIB, peakAllocatedBytes: 6.5 * GIB, deviceTotalBytes: 29.5 * GIB },
  ]);
  expect(memoryOf(report(''))).toMatchObject([{ device: 'cuda' }]);
});

describe('a notebook’s table as Markdown without outer bars', () => {
  const head = ['Step | Training Loss | reward | kl | entropy', '-- | -- | -- | -- | --'];
  const rows = [
    '1 | -0.250000 | 13.50 | nan | 0',
    '2 | -0.125000 | 6.25 | nan | No Log',
    '3 | -0.062500 | 6.50 | nan | No Log',
  ];
  test('is of updates', () => {
    expect(reportsOf(...head, ...rows)).toMatchObject([
      { batch: 1, loss: { total: -0.25 }, rollout: { episodicReturn: 13.5 }, extra: { kl: 'NaN' } },
      { batch: 2, loss: { total: -0.125 }, rollout: { episodicReturn: 6.25 } },
      { batch: 3, loss: { total: -0.0625 } },
    ]);
  });
  test('copied once more with other columns it is the same training', () => {
    const wide = [
      'Step | Training Loss | completions / mean_length',
      '-- | -- | --',
      '1 | -0.250000 | 115.5',
      '2 | -0.125000 | 120.5',
    ];
    const read = watched(...head, ...rows, '', ...wide);
    expect(read.numbers).toEqual([1, 2, 3]);
    expect(read.events.filter(({ type }) => type === 'TRAINING_STARTED')).toHaveLength(1);
  });
  test('with other losses it is another', () => {
    const other = [...head, ...rows.map(row => row.replace('0 | 6', '5 | 6').replace('00 | 1', '05 | 1'))];
    expect(numbersOf(...head, ...rows, '', ...other)).toEqual([1, 2, 3, 1, 2, 3]);
  });
});

describe('a report that was written over a bar', () => {
  const report = (epoch: number, rest = '') =>
    `{'loss': 2.5, 'grad_norm': 1.25, 'learning_rate': 1e-05, 'epoch': ${epoch}}${rest}`;
  const bar = (done: number) => `  1%|1         | ${done}/3000 [00:${10 + done}<50:00,  1.00s/it]`;
  test('of another total is of another training: nothing shows its step', () => {
    const read = watched(bar(7), report(0.1, '74 [00:00<?, ?it/s]'), report(0.2), report(0.3));
    expect(read.numbers).toEqual([1, 2, 3]);
    expect(read.report.run.numbered).toBe('reports');
    expect(read.report.run.maxBatches).toBeNull();
  });
  test.each(['3000 [00:17<50:00,  1.00s/it]', '0 [00:17<?, ?it/s]', '7/3000 [00:17<?, ?it/s]', ' '])(
    'of the same is of that step: %s',
    rest => expect(numbersOf(bar(7), report(0.1, rest), bar(8), report(0.2, rest), bar(9))).toEqual([7, 8]),
  );
});

describe('losses without a number below the line of an epoch', () => {
  const of = (lines: string[]) => {
    const read = watched(...lines);
    return { numbers: read.numbers, numbered: read.report.run.numbered };
  };
  const epochs = (...losses: string[][]) => losses.flatMap((each, i) => [`Epoch ${i + 1}/3`, ...each]);
  test('one is the epoch’s', () => {
    const lines = epochs(['loss: 0.5'], ['loss: 0.25'], ['loss: 0.125']);
    expect(of(lines)).toEqual({ numbers: [1, 2, 3], numbered: 'steps' });
    expect(of(epochs(['loss: 0.5', 'val loss: 0.75'], ['loss: 0.25', 'val loss: 0.5'])).numbers).toEqual([
      1, 2,
    ]);
  });
  test('several are batches, which are counted', () => {
    const lines = epochs(['loss: 0.5', 'loss: 0.375'], ['loss: 0.25', 'loss: 0.125']);
    expect(of(lines)).toEqual({ numbers: [1, 2, 3, 4], numbered: 'reports' });
  });
  test('numbered ones below them are the steps', () => {
    const lines = epochs(['loss: 0.5', 'step 10 loss: 0.375', 'step 20 loss: 0.25']);
    expect(of(lines)).toEqual({ numbers: [10, 20], numbered: 'steps' });
  });
});

describe('`srun --label` in front of a loss', () => {
  const both = (text: (rank: number) => string) => [0, 1].map(rank => `${rank}: ${text(rank)}`);
  const epoch = (n: number) => [...both(() => `Epoch ${n}/2`), ...both(rank => `loss 0.${n}${rank + 1}`)];
  test('is the rank, where two of them print the same', () => {
    const reports = reportsOf(...epoch(1), ...epoch(2));
    expect(reports.map(({ rank, step, loss }) => [rank, step, loss])).toEqual([
      [0, 1, 0.11],
      [1, 1, 0.12],
      [0, 2, 0.21],
      [1, 2, 0.22],
    ]);
  });
  test('is a round of the loop, where none has', () => {
    const rounds = [0, 1, 2, 3].flatMap(n => [`${n}: loss 0.${n + 1}`, `${n}: saved best model`]);
    expect(reportsOf(...rounds).map(({ rank, step }) => [rank, step])).toEqual([0, 1, 2, 3].map(n => [0, n]));
    const begun = [
      '0: loading the data',
      '1: building the model',
      ...[0, 1, 2].map(n => `${n}: loss 0.${n + 1}`),
    ];
    expect(reportsOf(...begun).map(({ rank, step }) => [rank, step])).toEqual([0, 1, 2].map(n => [0, n]));
  });
});

describe('ranks that a loop prints among its figures', () => {
  const line = (batch: number, loss: number, rank: string) =>
    `2024-03-04 10:20:30,180 DEBUG TRAIN Batch 5/${batch} loss ${loss} acc 0.25 lr 0.00055 grad_norm 0.125 rank ${rank}`;
  test('are those of the processes, each with its own count', () => {
    const lines = [line(600, 1.5, '1'), line(700, 1.25, '1'), line(600, 1.75, '0'), line(700, 1.625, '0')];
    expect(reportsOf(...lines).map(({ rank, step, loss }) => [rank, step, loss])).toEqual([
      [1, 600, 1.5],
      [1, 700, 1.25],
      [0, 600, 1.75],
      [0, 700, 1.625],
    ]);
  });
  test.each(['16', '64', '2.5'])('one number in every line may be LoRA’s: %s', rank => {
    const lines = [600, 700, 800].map(batch => line(batch, 1.5, rank));
    expect(reportsOf(...lines)).toMatchObject(
      [600, 700, 800].map(step => ({ rank: 0, step, extra: { rank: Number(rank) } })),
    );
  });
  test('of epochs', () => {
    const epoch = (n: number, rank: number) => `Epoch ${n} | loss: 0.${n}${rank + 1} | rank: ${rank}`;
    expect(
      reportsOf(epoch(1, 0), epoch(1, 1), epoch(2, 1), epoch(2, 0))
        .map(({ rank, step }) => [rank, step])
        .sort(),
    ).toEqual([
      [0, 1],
      [0, 2],
      [1, 1],
      [1, 2],
    ]);
  });
  test('the resident set of the process is a figure of its own, and no device’s', () => {
    const lines = ['5.25', '46.5', '105.5'].map(
      (used, i) => `${line(600 + i, 1.5, '0')} RSS MEM USE: ${used}G`,
    );
    expect(reportsOf(...lines)).toMatchObject(
      [5.25, 46.5, 105.5].map(used => ({ extra: { 'RSS (G)': used } })),
    );
    expect(memoryOf(...lines)).toEqual([]);
  });
});

describe('what the allocator holds, in a line of its own', () => {
  const MIB = 2 ** 20;
  test.each([
    'Allocated: 5120.5MB / Reserved: 6144.0MB',
    'GPU 0 - Allocated: 5120.5 MB, Cached: 6144.0 MB',
    'Memory allocated: 5120.5 MiB | reserved: 6144.0 MiB',
    'Allocated memory: 5120.5MB; reserved memory: 6144.0MB',
  ])('%s', line => {
    expect(memoryOf('step 1 loss: 2.5', line, 'step 2 loss: 2.25', 'step 3 loss: 2.25')).toMatchObject([
      { device: 'cuda', allocatedBytes: 5120.5 * MIB, reservedBytes: 6144 * MIB },
    ]);
  });
  test('with all its digits it is in powers of ten, as verl prints it while vLLM starts', () => {
    const line =
      '(WorkerDict pid=4711) before init cache memory allocated: 5.96926464GB, reserved: 6.079643648GB';
    expect(memoryOf('step 1 loss: 2.5', line, 'step 2 loss: 2.25', 'step 3 loss: 2.25')).toMatchObject([
      { allocatedBytes: 5_969_264_640, reservedBytes: 6_079_643_648 },
    ]);
  });
  test.each([
    'Allocated: 6144.0MB / Reserved: 5120.5MB',
    'Allocated: 5120.5 / Reserved: 6144.0',
    'Disk allocated: 5120.5MB, free: 6144.0MB',
    'Allocated: 5120.5MB of host buffers',
  ])('that cannot be, or is another’s: %s', line =>
    expect(memoryOf('step 1 loss: 2.5', line, 'step 2 loss: 2.25', 'step 3 loss: 2.25')).toEqual([]),
  );
});

describe('rows of Keras without the line of an epoch', () => {
  const row = (done: number, of: number) =>
    `${done}/${of} ━━━━━━━━━━━━━━━━━━━━ 3s 54ms/step - accuracy: 0.5 - loss: 0.25`;
  test('of several fits or evaluations are counted, and their batches are no steps', () => {
    const read = watched(row(64, 64), row(16, 16), row(198, 198), 'Killed');
    expect(read.numbers).toEqual([1, 2, 3]);
    expect(read.report.run.numbered).toBe('reports');
    expect(read.report.failure?.ending?.signal).toBe(9);
  });
  test('of one are its newest batch', () => expect(numbersOf(row(60, 198), row(61, 198))).toEqual([61]));
});

test('mlx-lm’s count of all iterations', () => {
  const line = (n: number) =>
    `Iter ${n}: Train loss 1.5, Learning Rate 7.000e-05, It/sec 0.95, Tokens/sec 380.5, Trained Tokens ${n * 100}, Peak mem 8.5 GB`;
  const read = watched('Training', 'Starting training..., iters: 2600', line(25), line(50), line(75));
  expect(read.report.run.maxBatches).toBe(2600);
});

describe('frames of bars', () => {
  const frame = (at: number, loss: string, elapsed = 10 + at) =>
    `  1%|1         | ${at}/400 [00:${String(elapsed % 60).padStart(2, '0')}<10:00,  1.00s/it, loss=${loss}]`;
  test('of a process that is a few steps behind are not of the next epoch', () => {
    const lines = [30, 28, 31, 29, 32, 30].map(at => frame(at, `2.${at}`, at < 30 ? at + 2 : at));
    const read = watched(...lines);
    expect(read.numbers).toEqual([30, 31, 32]);
    expect(read.report.run.state).not.toBe('completed');
  });
  test('that begin again are of the next epoch', () => {
    const lines = [200, 300, 400, 100, 200].map(at => frame(at, `2.${at}`, at / 10));
    expect(numbersOf(...lines)).toEqual([200, 300, 400, 500, 600]);
  });
  test('have their figures before they move, where one that has not moved has them', () => {
    const lines = [
      frame(0, '2.5', 0),
      frame(1, '2.5'),
      frame(1, '2.4'),
      frame(2, '2.4'),
      frame(2, '2.3'),
      frame(3, '2.3'),
    ];
    expect(reportsOf(...lines).map(({ step, loss }) => [step, loss])).toEqual([
      [1, 2.5],
      [2, 2.4],
      [3, 2.3],
    ]);
    // Frames in between may not be drawn.
    const few = [frame(0, '2.5', 0), frame(1, '2.4'), frame(2, '2.3'), frame(3, '2.2')];
    expect(reportsOf(...few).map(({ step, loss }) => [step, loss])).toEqual([
      [2, 2.4],
      [3, 2.3],
      [4, 2.2],
    ]);
  });
  test.each(['0', '0.0', 'nan'])('a loss that was set to %s before the first step is none', nothing => {
    const lines = [frame(0, nothing, 0), frame(1, '2.5'), frame(2, '2.4'), frame(3, '2.3')];
    expect(reportsOf(...lines).map(({ step, loss }) => [step, loss])).toEqual([
      [1, 2.5],
      [2, 2.4],
      [3, 2.3],
    ]);
  });
});
