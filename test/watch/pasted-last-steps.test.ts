/** How a log that breaks off came to its end, and how far it came: shapes as the programs print them, values invented. */
import { describe, expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { counter } from '../../src/present/status-line.ts';
import { stateText } from '../../src/report/run-document.ts';
import { watched } from './report-of-log.ts';

/** How the run ended. */
const endOf = (...lines: string[]) =>
  watched(...lines).events.flatMap(({ type, data }) =>
    type === 'TRAINING_FAILED' || type === 'TRAINING_COMPLETED' ? [data as Record<string, unknown>] : [],
  );

describe('a warning of memory, and the traceback behind it', () => {
  const inner = (update: number) =>
    `2026-03-01 10:00:0${update % 10} | INFO | train_inner | epoch 002:   ${update} / 900 loss=4.5, ppl=6.1, num_updates=${update}, lr=2e-05, gnorm=1.5`;
  const refused =
    '2026-03-01 10:00:08 | WARNING | fairseq.trainer | OOM: Ran out of memory with exception: CUDA out of memory. Tried to allocate 30.00 MiB (GPU 1; 10.92 GiB total capacity; 10.10 GiB already allocated; 14.00 MiB free; 10.30 GiB reserved in total by PyTorch)';
  const recovers =
    '2026-03-01 10:00:08 | WARNING | fairseq.trainer | attempting to recover from OOM in forward/backward pass';
  const cut = [
    'Traceback (most recent call last):',
    '  File "/env/bin/fairseq-train", line 33, in <module>',
    '    sys.exit(main())',
    '  File "/w/fairseq/trainer.py", line 512, in train_step',
    '    rai',
  ];
  test('which the text is cut in, is how it failed', () => {
    expect(endOf(inner(41), refused, recovers, ...cut)).toMatchObject([
      { outOfMemory: { device: 'cuda:1', triedBytes: 30 * 2 ** 20 } },
    ]);
  });
  test('a traceback that is cut far behind it is of something else', () => {
    const between = Array.from({ length: 8 }, (_, i) => `loading shard ${i}`);
    const [end] = endOf(inner(41), refused, recovers, ...between, ...cut);
    expect(end!.outOfMemory ?? null).toBe(null);
    expect(end!.message).toMatch('ends within a traceback');
  });
  test('without a traceback, or with steps behind it, the training went on', () => {
    expect(endOf(inner(41), refused, recovers)).toEqual([{ reason: 'unknown' }]);
    expect(endOf(inner(41), refused, recovers, inner(42))).toEqual([{ reason: 'unknown' }]);
  });
});

describe('an error by its name alone, whose lines behind it have the cause', () => {
  const step = 'ep 3 train, step 96, ctc 4.672, num_seqs 9, mem_usage:cuda:3 8.8GB, 0.816 sec/step';
  const error =
    'RuntimeError: NCCL error in: ../torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp:11, unhandled cuda error, NCCL version 2.19.3';
  test('a refusal ended the training', () => {
    for (const [last, bytes] of [
      ["Cuda failure 2 'out of memory'", undefined],
      ['Failed to CUDA calloc async 608 bytes', 608],
    ] as const)
      expect(
        endOf(step, error, 'ncclUnhandledCudaError: Call to CUDA function failed.', 'Last error:', last),
      ).toMatchObject([{ outOfMemory: { by: 'nccl', ...(bytes !== undefined && { triedBytes: bytes }) } }]);
  });
  test('another cause is no refusal', () => {
    const [end] = endOf(
      step,
      error,
      'ncclUnhandledCudaError: Call failed.',
      'Last error:',
      'Cuda failure 700',
    );
    expect(end).toMatchObject({ errorType: 'RuntimeError' });
    expect(end!.outOfMemory ?? null).toBe(null);
  });
  test('a warning that only sounds so ends nothing', () => {
    expect(endOf(step, 'WARNING: memory is nearly full', step.replace('96', '97'))).toEqual([
      { reason: 'unknown' },
    ]);
  });
});

describe('a bar that moved on behind the newest report', () => {
  const bar = (done: number, behind = '') =>
    `  6%|█████▉    | ${done}/625 [${10 + done}:30<2:10:00, 61.52s/it]${behind}`;
  const report = (loss: number, epoch: number) =>
    `{'loss': ${loss}, 'grad_norm': 1.5, 'learning_rate': 2e-05, 'epoch': ${epoch}}`;
  const reports = [bar(35), report(1.5, 0.05), bar(36), bar(40), report(1.25, 0.06)];
  const signal =
    'E0209 07:18:34.1 29 torch/distributed/elastic/multiprocessing/api.py:869] failed (exitcode: -9) local_rank: 0 (pid: 71) of binary: /usr/bin/python';
  const lastOf = (...lines: string[]) => watched(...lines).report.run.lastBatch;
  test('shows how far the training came, and its loss is still the newest that was reported', () => {
    for (const end of [['Killed'], [signal], []]) {
      const { numbers, report: run, snapshot } = watched(...reports, bar(41), bar(44), ...end);
      expect(numbers).toEqual([35, 40]);
      expect(run.run).toMatchObject({ lastBatch: 44, maxBatches: 625 });
      expect(snapshot.ranks[0]!.ppo.totalLoss).toBe(1.25);
    }
    // Another program's line behind it, as a pipe joins them.
    expect(lastOf(...reports, bar(41), bar(44, signal))).toBe(44);
  });
  test('an evaluation’s does not, nor a bar that does not count what the reports are numbered by', () => {
    const evaluation = ' 20%|██        | 80/428 [01:53<04:33,  1.24it/s]';
    expect(lastOf(...reports, evaluation, 'Killed')).toBe(40);
    const numbered = "step 7: {'loss': 1.5, 'grad_norm': 1.5, 'learning_rate': 2e-05}";
    expect(lastOf(bar(2), numbered, bar(90), 'Killed')).toBe(7);
  });
  test('the first rank is named where the launcher names it', () => {
    const { report: run } = watched(...reports, bar(41), signal);
    expect(run.explanation?.says ?? JSON.stringify(run)).toMatch('Process 71 (rank 0) was killed by SIGKILL');
    expect(JSON.stringify(watched(...reports, 'Killed').report)).not.toMatch('(rank 0)');
  });
});

describe('steps of an epoch, where nothing shows how many epochs there will be', () => {
  const perEpoch = (...lines: string[]) => {
    const { report, snapshot } = watched(...lines);
    expect(snapshot.tamiyo.stepsPerEpoch).toBe(report.run.stepsPerEpoch);
    return [stateText(report), counter(snapshot.tamiyo)];
  };
  const bar = (epoch: number, done: number, of = '') =>
    `Epoch ${epoch}${of}:  16%|██   | ${done}/200 [01:17<06:47,  2.43s/it, loss=9.25, v_num=1]`;
  test.each([
    ['Lightning’s bar', bar(0, 32), 32, 200],
    ['a later epoch’s', bar(2, 32), 432, 200],
    [
      'OpenMMLab',
      '02/27 15:32:14 - mmengine - INFO - Epoch(train) [2][ 50/400]  lr: 2.5e-04  eta: 6:14:43  time: 0.5  data_time: 0.003  memory: 4150  loss: 1.5',
      450,
      400,
    ],
    [
      'DETR and MAE',
      'Epoch: [0]  [ 130/3696]  eta: 0:32:17  lr: 0.0001  loss: 5.11 (5.49)  time: 0.79  data: 0.03  max mem: 2950',
      130,
      3696,
    ],
    ['a loop by hand', 'INFO Iteration: 18/1184, epoch 0, loss: 0.0125, lr: 0.1', 18, 1184],
  ])('%s', (_, line, step, each) => {
    const count = each.toLocaleString('en');
    expect(perEpoch(line)).toEqual([
      `end unknown at step ${step} (${count} an epoch)`,
      `Step:${step} (${each}/epoch)`,
    ]);
  });
  test('beside a total they are not needed, and of no epoch there are none', () => {
    expect(perEpoch(bar(1, 32, '/4'))).toEqual(['end unknown at step 32 of 800', 'Step:32/800']);
    const started = 'Namespace(batch_size=4, epochs=30, lr=0.1)';
    const line =
      'Epoch: [0]  [ 130/3696]  eta: 0:32:17  lr: 0.0001  loss: 5.11 (5.49)  time: 0.79  data: 0.03';
    expect(perEpoch(started, line)).toEqual(['end unknown at step 130 of 110,880', 'Step:130/110880']);
    expect(perEpoch(started, line.replace('[0]', '[2]'))[1]).toBe('Step:7522/110880');
    expect(perEpoch('step 7 loss 0.5', 'step 8 loss 0.25')).toEqual(['end unknown at step 8', 'Step:8']);
  });
  test('explained, too', () => {
    const error =
      'RuntimeError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 7.79 GiB total capacity; 5.90 GiB already allocated; 19.38 MiB free; 6.05 GiB reserved in total by PyTorch)';
    expect(JSON.stringify(explainText(`${bar(0, 32)}\n${error}\n`, 'log', 2e12))).toMatch(
      'after step 32, 200 an epoch',
    );
  });
});

test('samples of an epoch, which one rank’s are printed for, are no length of it', () => {
  const line = (sample: number, at: number) =>
    `2026-03-04,05:06:07 | INFO | Train Epoch: 2 [${sample}/109000 (${at}%)] Loss: 0.25 (0.5) Data (t): 0.125 Batch (t): 0.5, 78.5/s LR: 0.000001 Logit Scale: 100.000`;
  const { run } = watched(line(140800, 64), line(147200, 67)).report;
  expect(run).toMatchObject({ lastBatch: 147200, numbered: 'samples' });
  expect(run.stepsPerEpoch ?? null).toBeNull();
});

describe('the host’s memory, where a killer ended the training', () => {
  const evidenceOf = (...lines: string[]) =>
    (watched(...lines).report.explanation?.evidence ?? []).map(({ says }) => says).join('\n');
  const virtual = (used: number) =>
    `[2026-03-01 10:00:00,338] [INFO] [utils.py:838:see_memory_usage] CPU Virtual Memory:  used = ${used} GB, percent = 22.6%`;
  const kill = ['Killing subprocess 80', "['python', 'run.py'] exits with return code = -9"];
  test('as DeepSpeed’s last line has it', () => {
    expect(evidenceOf(virtual(28.5), ...kill)).toMatch(
      'The host had 28.50 GiB in use when it was read last.',
    );
    expect(evidenceOf(virtual(10.25), virtual(28.5), ...kill)).toMatch(
      '28.50 GiB in use when it was read last, 10.25 GiB at first.',
    );
    // explain has the share besides.
    const given = explainText([virtual(28.5), ...kill].join('\n'), 'log', 2e12)!.evidence.join('\n');
    expect(given).toMatch('28.5 GiB in use, 22.6% of what it has');
    expect(given).not.toMatch('The host had');
  });
  test('as a loop prints its process, and what it was before', () => {
    const batch = (at: number, rss: number) =>
      `2026-03-23 23:57:43,632 DEBUG TRAIN Batch 0/${at} loss 5.5 loss_att 4.5 loss_ctc 6.5 lr 0.0006 rank 0 RSS MEM USE: ${rss}G`;
    expect(evidenceOf(batch(100, 5.25), batch(200, 106.5), 'Killed')).toMatch(
      'The process held 106.5 G of the host’s memory when it was printed last, 5.25 G at least before.',
    );
    expect(evidenceOf(batch(100, 5.25), batch(200, 5.5), 'Killed')).toMatch(
      'held 5.5 G of the host’s memory when it was printed last.',
    );
  });
  test('a device that ran out has nothing of it', () => {
    const error =
      'RuntimeError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 7.79 GiB total capacity; 5.90 GiB already allocated; 19.38 MiB free; 6.05 GiB reserved in total by PyTorch)';
    expect(evidenceOf(virtual(28.5), error)).not.toMatch('The host had');
  });
});
