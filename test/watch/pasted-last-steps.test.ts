/** How a log that breaks off came to its end, and how far it came: shapes as the programs print them, values invented. */
import { describe, expect, test } from 'vitest';
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
