/** More logs as people paste them, kind by kind: bars behind their reports or of data, tracebacks in one another, counts that are shortened. Values invented. */
import { describe, expect, test } from 'vitest';
import { runDocument } from '../../src/report/index.ts';
import { Candidates } from '../../src/watch/candidates.ts';
import type { LineParser, LogFormat } from '../../src/watch/format.ts';
import { readLogLine } from '../../src/watch/log-line.ts';
import { watchedTruly } from './pasted.ts';
import { figuresOf, watched } from './report-of-log.ts';

const startOf = (...lines: string[]) => watched(...lines).events[0]?.data as Record<string, unknown>;
const endOf = (...lines: string[]) => watched(...lines).events.at(-1);
const stepsOf = (...lines: string[]) => figuresOf(watched(...lines)).map(({ step, loss }) => [step, loss]);

const report = (loss: number, epoch: number) =>
  `{'loss': ${loss}, 'grad_norm': 1.25, 'learning_rate': 1e-05, 'epoch': ${epoch}}`;
const bar = (done: number, of = 1000) => `  1%|          | ${done}/${of} [00:${done}<16:30,  1.00s/it]`;

describe('a bar behind each report', () => {
  test('is the report’s own where the first would else be before all steps', () => {
    const pairs = [10, 20, 30, 40].flatMap(step => [report(step / 16, step / 1000), bar(step)]);
    expect(stepsOf(...pairs)).toEqual([
      [10, 0.625],
      [20, 1.25],
      [30, 1.875],
      [40, 2.5],
    ]);
    expect(watched(...pairs).notices).toEqual([]);
  });
  test('is of the next report where the training began before the text', () => {
    const pairs = [40, 50, 60].flatMap(step => [report(step / 16, step / 1000), bar(step)]);
    expect(stepsOf(...pairs)).toEqual([
      [30, 2.5],
      [40, 3.125],
      [50, 3.75],
    ]);
  });
});

describe('a bar in front of the first report', () => {
  const data = '100%|██████████| 7/7 [00:00<00:00, 1809.34it/s]';
  test('that is full before a second is over is no training’s', () => {
    const lines = [data, report(2.5, 0.04), report(2.25, 0.08)];
    expect(stepsOf(...lines)).toEqual([
      [1, 2.5],
      [2, 2.25],
    ]);
    expect(startOf(...lines)).not.toHaveProperty('maxSteps');
    expect(endOf(...lines)?.data).toMatchObject({ reason: 'unknown' });
  });
  test('that took its time is', () => {
    const lines = ['100%|██████████| 7/7 [01:10<00:00, 10.00s/it]', report(2.5, 1)];
    expect(startOf(...lines)).toMatchObject({ maxSteps: 7 });
    expect(stepsOf(...lines)).toEqual([[7, 2.5]]);
  });
});

describe('LLaMA-Factory’s rows as dictionaries', () => {
  const row = "{'loss': 2.5, 'epoch': 2.9, 'current_steps': 90, 'total_steps': 93, 'percentage': 96.8}";
  test('are numbered by their places, and the last has no figure', () => {
    const last = "{'current_steps': 93, 'total_steps': 93, 'epoch': 3.0, 'percentage': 100.0}";
    expect(stepsOf(row, last)).toEqual([[90, 2.5]]);
    expect(startOf(row, last)).toMatchObject({ maxSteps: 93 });
    expect(endOf(row, last)?.data).toMatchObject({ reason: 'finished' });
  });
  test.each([
    ["{'current_steps': 92, 'total_steps': 93, 'epoch': 3.0, 'percentage': 98.9}"],
    ["{'current_steps': 93, 'total_steps': 93, 'eval_loss': 2.0, 'epoch': 3.0}"],
  ])('have not ended with %s', line => {
    expect(endOf(row, line)?.data).toMatchObject({ reason: 'unknown' });
  });
});

describe('tracebacks of two processes in one another', () => {
  const mixed = [
    'Epoch 2 Iter 2 Loss 4.5',
    'Traceback (most recent call last):',
    '  File "train.py", line 134, in <module>',
    '    Traceback (most recent call last):',
    'main()',
    '  File "train.py", line 116, in main',
    '    engine.step()',
    '  File "train.py", line 134, in <module>',
    '    main()',
    '  File "lib/engine.py", line 216, in step',
    '        self._take_step(kwargs)',
    '  File "lib/engine.py", line 207, in _take_step',
    'self._take_step(kwargs)',
    '  File "lib/engine.py", line 207, in _take_step',
  ];
  test('that end before their error are a failure', () => {
    expect(endOf(...mixed)).toMatchObject({ type: 'TRAINING_FAILED' });
  });
  test('have their error', () => {
    const lines = [...mixed, '    self.optimizer.step()', 'RuntimeError: no room on the host'];
    expect(endOf(...lines)?.data).toMatchObject({
      errorType: 'RuntimeError',
      message: 'no room on the host',
    });
  });
  test('in front of steps that go on were printed', () => {
    const lines = [...mixed, 'done', 'Epoch 2 Iter 3 Loss 4.25', 'Epoch 2 Iter 4 Loss 4.125'];
    expect(endOf(...lines)).toMatchObject({ type: 'TRAINING_COMPLETED' });
  });
});

describe('figures', () => {
  test('of nanotron are shortened counts', () => {
    const line =
      '01/17/2024 13:47:27 [INFO|DP=0|PP=0|TP=0|node-1]: iteration: 991 / 1000 | consumed_tokens: 634K | elapsed_time_per_iteration_ms: 11.5K | tokens_per_sec: 14.2K | lm_loss: 10.5 | cuda_memory_allocated: 75.25M';
    expect(figuresOf(watchedTruly(line))).toMatchObject([
      {
        step: 991,
        stepMs: 11_500,
        tokensPerSecond: 14_200,
        extra: { consumed_tokens: 634_000 },
        memory: [{ allocatedBytes: 75.25 * 2 ** 20 }],
      },
    ]);
    // What has another name may be of memory, and who else prints tokens may mean others.
    const [step] = figuresOf(watched('step 5 | loss: 2.5 | size: 14.2K | tokens: 7.5K'));
    expect(step).toEqual({ step: 5, loss: 2.5 });
  });
  test('of ArcticTraining are of a count through all epochs', () => {
    const line =
      'iter:  130/3000   4% | loss: 16.5 | iter time: 1.038s | lr: 8.667E-04 | epoch: 0 | MA 2.84 GB | Max_MA 28.95 GB';
    expect(startOf(line)).toMatchObject({ maxSteps: 3000 });
    expect(startOf(line.replace(' 4% ', ' '))).not.toHaveProperty('maxSteps');
  });
  test('of super-gradients are named by the class of their loss', () => {
    const drawn = (key: string) =>
      `Train epoch 10:  47%|████▋     | 3459/7368 [18:21<20:45,  3.14it/s, ${key}=1.625, OwnLoss/loss_cls=0.75]`;
    expect(figuresOf(watched(drawn('OwnLoss/loss')))).toMatchObject([
      { loss: 1.625, extra: { 'OwnLoss/loss_cls': 0.75 } },
    ]);
    expect(figuresOf(watched(drawn('Valid_OwnLoss/loss')))[0]).not.toHaveProperty('loss');
  });
  test('of Composer before 0.13 are in bytes', () => {
    const rows = ['allocated_mem: 9095214455296', 'active_mem: 4314857984', 'reserved_mem: 40017854464'];
    const block = ['[batch=12/4800]:', ...rows.map(row => `         Train memory/${row}`)];
    const [step] = figuresOf(watchedTruly(...block, '         Train loss/train/total: 9.5'));
    expect(step).toMatchObject({ memory: [{ activeBytes: 4_314_857_984, reservedBytes: 40_017_854_464 }] });
    expect((step!.memory as object[])[0]).not.toHaveProperty('allocatedBytes');
  });
  test('of slime’s supervised training have its rate of learning', () => {
    const line =
      "(Actor pid=7) [2026-01-18 07:42:01] model.py:665 - step 271: {'train/loss': 11.5, 'train/grad_norm': 0.0, 'train/lr-pg_0': 8e-06, 'train/step': 271}";
    expect(figuresOf(watched(line))).toMatchObject([{ step: 271, loss: 11.5, learningRate: 8e-6 }]);
  });
});

describe('a block under a rule with figures in it', () => {
  const block = (head: string) => [
    head,
    'ExplainedVarNew: 0.875',
    'KL: nan',
    'PolicyEntropy: 1.25',
    'PolicyLoss: nan',
    'Steps: 672',
    'ValFuncLoss: 114',
    '',
  ];
  test('is an update', () => {
    const lines = block('***** Episode 31455, Mean R = 28911.0 *****');
    expect(figuresOf(watched(...lines))).toMatchObject([
      {
        batch: 31455,
        rollout: { episodicReturn: 28_911 },
        policy: { approxKl: 'NaN', entropy: 1.25 },
        loss: { policy: 'NaN', value: 114 },
      },
    ]);
  });
  test('is none under a sentence', () => {
    expect(figuresOf(watched(...block('***** Episode 31455, the best of all *****')))).toEqual([]);
  });
});

test('samples a second are not called steps', () => {
  const line = (step: number) => `step ${step} | loss: 2.5 | samples/sec: 83.5`;
  const { report } = watched(line(1), line(2), line(3));
  const text = JSON.stringify(runDocument(report, { nowMs: 2e12, timeZone: null, version: '0' }));
  expect(text).toContain('Samples per second');
  expect(text).not.toContain('Steps per second');
});

describe('more held than the device has', () => {
  const lines = (updates: number, allocated: string) =>
    Array.from({ length: updates }, (_, i) => [
      `(WorkerDict pid=11) After rollout offload, memory allocated (GB): ${allocated}, memory reserved (GB): ${allocated}, device memory used/total (GB): 45.00/79.11`,
      `(TaskRunner pid=7) step:${i + 1} - actor/pg_loss:0.012 - critic/rewards/mean:0.250 - timing_s/step:96.500`,
    ]).flat();
  test.each([
    [3, /Held at last: 96\.2 GiB, which cannot be: the device has 79\.1 GiB\./],
    [40, /96\.2 GiB at last, which cannot be: the device has 79\.1 GiB\./],
  ])('cannot be, after %i updates', (updates, says) => {
    const { report } = watched(...lines(updates, '96.21'));
    expect(JSON.stringify(report)).toMatch(says);
    expect(JSON.stringify(report)).not.toContain('122%');
    expect(JSON.stringify(watched(...lines(updates, '41.21')).report)).not.toContain('cannot be');
  });
});

test('the time of a line is this process’s own', () => {
  const pass = (wait: () => void): number => {
    const parser: LineParser = {
      read: () => {
        wait();
        return false;
      },
    };
    const format: LogFormat = { name: 'own', about: '', marks: ['step'], open: () => parser };
    let late = 0;
    const candidates = new Candidates(format, { map: new Map() });
    candidates.read(readLogLine('step 1', 1, false, false), null as never, 1, false, () => late++);
    return late;
  };
  const asleep = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100);
  const atWork = () => {
    const { user } = process.cpuUsage();
    while (process.cpuUsage().user - user < 1_100_000);
  };
  expect(pass(asleep)).toBe(0);
  expect(pass(atWork)).toBe(1);
});
