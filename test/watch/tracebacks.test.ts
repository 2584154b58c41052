/** Errors that followed from one another: which of them the run failed of. */
import { expect, test } from 'vitest';
import { readLog } from './read-log.ts';

const DURING = 'During handling of the above exception, another exception occurred:';
const CAUSE = 'The above exception was the direct cause of the following exception:';
const OOM = 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.';

/** A step, then tracebacks of these errors, each chained to the one before. */
const chained = (link: string, errors: string[], prefix = '') =>
  [
    'step:1 - actor/pg_loss:0.500 - actor/entropy:0.250',
    errors
      .map(error => [
        'Traceback (most recent call last):',
        '  File "t.py", line 3, in <module>',
        '    main()',
        error,
      ])
      .map(lines => lines.map(line => prefix + line).join('\n'))
      .join(`\n${prefix}\n${prefix}${link}\n${prefix}\n`),
    '',
  ].join('\n');

const failureOf = (log: string) => readLog(log).events.find(({ type }) => type === 'TRAINING_FAILED')?.data;

test.each([DURING, CAUSE])('the first of a chain is the cause: "%s"', link => {
  const log = chained(link, ['ValueError: the cause', 'RuntimeError: what came of it']);
  expect(failureOf(log)).toMatchObject({ errorType: 'ValueError', message: 'the cause' });
});

test.each([DURING, CAUSE])('one of memory is the cause wherever in the chain it stands: "%s"', link => {
  for (const errors of [
    [OOM, 'RuntimeError: could not recover'],
    ['ValueError: before', OOM],
    ['ValueError: before', OOM, 'RuntimeError: after'],
  ])
    expect(failureOf(chained(link, errors))).toMatchObject({
      errorType: 'OutOfMemoryError',
      outOfMemory: { triedBytes: 2 * 1024 ** 3 },
    });
});

test('all of a chain is the text of an error, and none of it a line of the log', () => {
  for (const link of [DURING, CAUSE]) {
    const log = chained(link, ['ValueError: a', 'KeyError: b', 'RuntimeError: c'], '(Worker pid=7) ');
    const { reader } = readLog(log);
    expect(reader.counts.read).toBe(log.trimEnd().split('\n').length);
  }
});

test('a terminal wraps an error of memory, and leaves the launcher’s prefix out of what it wraps', () => {
  const log = [
    '(Runner pid=41) torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.25 GiB of which 1.50 GiB is free. Of the allocated memory 70.50 GiB is allocated by P',
    'yTorch, with 256.00 MiB allocated in private pools (e.g., CUDA Graphs), and 3.25 GiB is reserved by PyTorch but unallocated. If reserved but',
    'unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF',
    '(Runner pid=41) wandb:',
    '',
  ].join('\n');
  expect(failureOf(log)).toMatchObject({
    outOfMemory: {
      allocatedBytes: 70.5 * 2 ** 30,
      privatePoolBytes: 256 * 2 ** 20,
      reservedUnallocatedBytes: 3.25 * 2 ** 30,
    },
  });
});

test('a text that is cut within a traceback ends with an error, which is not in it', () => {
  const step = 'step:1 - actor/pg_loss:0.500 - actor/entropy:0.250\n';
  const cut = 'Traceback (most recent call last):\n  File "t.py", line 3, in <module>\n    main()\n';
  expect(failureOf(step + cut)).toMatchObject({
    errorType: null,
    message: expect.stringContaining('within a traceback'),
    ending: { kind: 'error' },
  });
  expect(failureOf(cut + step)).toBeUndefined();
  expect(failureOf(`${step}${cut}INFO goes on\nINFO and on\n`)).toBeUndefined();
});

test('the simulator’s error of a kernel raises nothing; where the training goes on, it was survived', () => {
  const error =
    '2026-03-01 09:13:08 [11,526ms] [Error] [omni.physx.plugin] PhysX error: Synchronizing GPU Narrowphase failed! 700\n, FILE /b/PxgNarrowphaseCore.cpp, LINE 1259\n';
  const step = (n: number) => `step:${n} - actor/pg_loss:0.500 - actor/entropy:0.250\n`;
  expect(failureOf(step(1) + error)).toMatchObject({ errorType: 'PhysXError' });
  expect(failureOf(step(1) + error + step(2))).toBeUndefined();
});

test('torchrun stops the others after one has ended: its exit code explains more', () => {
  const step = 'step:1 - actor/pg_loss:0.500 - actor/entropy:0.250\n';
  const stop =
    'W0301 10:54:35.225000 6862 torch/distributed/elastic/multiprocessing/api.py:897] Sending process 6872 closing signal SIGTERM\n';
  const code =
    'E0301 10:54:36.225000 6862 torch/distributed/elastic/multiprocessing/api.py:869] failed (exitcode: 1) local_rank: 2 (pid: 6874) of binary: /usr/bin/python\n';
  expect(failureOf(step + stop)).toMatchObject({
    message: 'Process 6872 was ended by torchrun with SIGTERM',
    ending: { kind: 'signal', by: 'torchrun', signal: 15, pid: 6872 },
  });
  const ofRank = readLog(step + stop + code).events.find(
    ({ rank, type }) => rank === 2 && type === 'TRAINING_FAILED',
  );
  expect(ofRank?.data).toMatchObject({ ending: { kind: 'launcher', exitCode: 1 } });
});

test('a shell’s word behind a line of figures that had no end yet', () => {
  const log =
    'Epoch 1/3\n317/450 [====================>.........] - ETA: 17:45 - loss: 20.5 - class_loss: 0.625Killed\n';
  expect(readLog(log).events.slice(1)).toMatchObject([
    { data: { loss: 20.5, extra: { class_loss: 0.625 } } },
    { type: 'TRAINING_FAILED', data: { ending: { kind: 'signal', signal: 9 } } },
  ]);
});

test('Ray’s list shows who holds most of the host’s memory, besides whom it killed', () => {
  const log = [
    'ray.exceptions.OutOfMemoryError: Task was killed due to the node running low on memory.',
    'Memory on the node (IP: 10.0.0.7, ID: 41b6) where the task (task ID: ff, name=W.__init__, pid=227, memory used=4.50GB) was running was 250.00GB / 251.50GB (0.994), which exceeds the memory usage threshold of 0.95.',
    'The top 10 memory users are:',
    'PID\tMEM(GB)\tCOMMAND',
    '201\t229.75\tray::TaskRunner.run',
    '227\t4.50\tray::W',
    '',
  ].join('\n');
  expect(failureOf(log)).toMatchObject({
    ending: {
      kind: 'host memory',
      evidence: expect.stringContaining('ray::TaskRunner.run (pid 201): 229.75 GB'),
    },
  });
});
