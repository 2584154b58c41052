/** Whole files as loops leave them, values invented: trainings one behind another, sums among steps, evaluations among records, how they end. */
import { expect, test } from 'vitest';
import { watchedTruly } from './pasted.ts';

const upTo = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
const starts = (lines: string[]) =>
  watchedTruly(...lines).events.filter(({ type }) => type === 'TRAINING_STARTED').length;

const batch = (epoch: number, at: number, each: number, from = 9) =>
  `2026-01-02 10:00:00,123 - Net - INFO - Epoch ${epoch} [${at}/${each}] Loss: ${(from - epoch - at / 1000).toFixed(4)}`;

test('a training that begins again within its first epoch, or with longer epochs, is another', () => {
  const first = upTo(6, i => batch(0, i * 10, 200));
  const again = [...upTo(20, i => batch(0, i * 10, 200, 8)), ...upTo(4, i => batch(1, i * 10, 200, 8))];
  const longer = upTo(3, i => batch(0, i * 10, 400, 7));
  const lines = [...first, ...again, ...longer];
  const { numbers } = watchedTruly(...lines);
  expect(numbers).toEqual([...upTo(6, i => i * 10), ...upTo(24, i => i * 10), ...upTo(3, i => i * 10)]);
  expect(starts(lines)).toBe(3);
});

test('the same count behind the end of an epoch may be of its validation: no training begins with it', () => {
  const epochs = [
    ...upTo(20, i => batch(0, i * 10, 200)),
    ...upTo(4, i => batch(0, i * 10, 40)),
    ...upTo(20, i => batch(1, i * 10, 200)),
  ];
  expect(starts(epochs)).toBe(1);
});

test('an epoch before the first is of another training, one that was seen goes on from its place', () => {
  const line = (epoch: number, at: number) =>
    `Epoch[${epoch}] Batch [${at}]\tSpeed: 36.2${epoch % 10} samples/sec\tTrain-Acc=0.8${at}`;
  const epoch = (number: number, count: number) => upTo(count, i => line(number, (i + 1) * 20));
  const { numbers } = watchedTruly(
    ...epoch(45, 4),
    ...epoch(46, 4),
    ...epoch(0, 4),
    ...epoch(1, 4),
    ...epoch(2, 3),
    ...epoch(1, 4),
  );
  expect(numbers).toEqual([
    ...upTo(8, i => (i + 1) * 20),
    ...upTo(11, i => (i + 1) * 20),
    ...upTo(4, i => 80 + (i + 1) * 20),
  ]);
});

const endOf = (...lines: string[]) => {
  const { events } = watchedTruly(...lines);
  return events.find(({ type }) => type === 'TRAINING_COMPLETED')?.data;
};

test('batches that count from 0: the last of the last epoch is the end, and none before it', () => {
  const line = (epoch: number, at: number) =>
    `Epoch: ${epoch}/003 | Batch ${`${at}`.padStart(4, '0')}/0011 | Loss: ${3 - epoch}.5${at}`;
  const all = [1, 2, 3].flatMap(epoch => [line(epoch, 0), line(epoch, 5), line(epoch, 10)]);
  expect(endOf(...all)).toEqual({ reason: 'finished' });
  expect(endOf(...all.slice(0, -1))).toEqual({ reason: 'unknown' });
  const gan = (epoch: number, step: number) =>
    `Epoch [${epoch}/2], Step: [${step}/900], \t D_Loss: 0.8${epoch}, G_Loss: 1.3${step}`;
  const steps = [1, 2].flatMap(epoch => [gan(epoch, 0), gan(epoch, 400), gan(epoch, 800)]);
  expect(endOf(...steps)).toEqual({ reason: 'unknown' });
});

test('fairseq: sums of epochs are no steps where updates are reported, and are them where they are all there is', () => {
  const at = '[2026-04-08 18:40:59,347]';
  const inner = (updates: number, loss: string) =>
    `${at}[train_inner][INFO] - {"epoch": 1, "update": 0.4, "loss": "${loss}", "num_updates": "${updates}", "lr": "0.001"}`;
  const sum = (epoch: number, updates: number, loss: string) =>
    `${at}[train][INFO] - {"epoch": ${epoch}, "train_loss": "${loss}", "train_num_updates": "${updates}", "train_lr": "0.001"}`;
  const { numbers } = watchedTruly(
    inner(200, '9.3'),
    inner(400, '6.9'),
    sum(1, 479, '7.8'),
    inner(600, '6.1'),
    sum(2, 958, '6.4'),
  );
  expect(numbers).toEqual([200, 400, 600]);
  expect(watchedTruly(sum(1, 479, '7.8'), sum(2, 958, '6.4')).numbers).toEqual([479, 958]);
});

test('a record whose mode is that of a validation is no step, whatever its figures', () => {
  const record = (mode: string, epoch: number, iter: number, own: string) =>
    `{"mode": "${mode}", "epoch": ${epoch}, "iter": ${iter}, "lr": 0.001, ${own}}`;
  const train = (epoch: number) =>
    upTo(4, i => record('train', epoch, i + 1, `"data_time": 0.1, "loss": 0.${epoch}${i}, "time": 0.5`));
  const { numbers } = watchedTruly(
    ...train(1),
    record('val', 1, 2, '"AP": 0.51, "AR": 0.6'),
    ...train(2),
    record('val', 2, 2, '"accuracy_top-1": 61.2'),
    ...train(3),
  );
  expect(numbers).toEqual(upTo(12, i => i + 1));
  const loop = (phase: string, step: number, loss: string) =>
    `{"phase": "${phase}", "step": ${step}, "loss": ${loss}}`;
  const { events } = watchedTruly(
    loop('train', 10, '2.5'),
    loop('eval', 10, '2.9'),
    loop('train', 20, '2.1'),
    loop('eval', 25, '2.8'),
  );
  expect(events.flatMap(({ type, data }) => (type === 'STEP_COMPLETED' ? [data] : []))).toMatchObject([
    { step: 10, loss: 2.5 },
    { step: 20, loss: 2.1 },
  ]);
});

test('a bar that a loop draws itself: its count and its loss; one without a loss is none', () => {
  const bar = (of: string, at: number, all: number, own: string) =>
    `${of} [${'='.repeat(Math.floor((20 * at) / all)).padEnd(20)}] ${((100 * at) / all).toFixed(1)}% ${at}/${all} | 4.62 it/s | ETA: ${all - at}.5 s${own}`;
  const { events, numbers } = watchedTruly(
    bar('Tokenizing', 5000, 5000, ''),
    bar('Training', 500, 2000, ' | loss=3.9104 | validation_loss=3.9'),
    bar('Training', 1000, 2000, ' | loss=3.7020 | validation_loss=3.8'),
    bar('Training', 2000, 2000, ' | loss=3.3120 | validation_loss=3.5'),
  );
  expect(numbers).toEqual([500, 1000, 2000]);
  expect(events[0]!.data).toMatchObject({ maxSteps: 2000 });
  expect(events.at(-1)!.data).toEqual({ reason: 'finished' });
  const drawn = watchedTruly('[####......] (40/100) loss: 1.25', '[########..] (80/100) loss: 1.12');
  expect(drawn.numbers).toEqual([40, 80]);
  // A list of sizes, and a place in a page.
  expect(watchedTruly('[==========] shape 40/100', '[1.5, 2.0] 40/100 loss').numbers).toEqual([]);
});

test('ManiSkill’s PPO: the update that a line of its own counts, with what stands below', () => {
  const { events } = watchedTruly(
    ...upTo(3, i => [
      `Epoch: ${i + 4}, global_step=${(i + 3) * 25600}`,
      'model saved to runs/push/ckpt_4.pt',
      `SPS: 11${i}5, pg_loss=0.02${i}0, v_loss=0.25${i}`,
    ]).flat(),
  );
  expect(events[0]!.data).not.toHaveProperty('config.numbered');
  expect(events.flatMap(({ type, data }) => (type === 'PPO_UPDATE_COMPLETED' ? [data] : []))).toMatchObject([
    { batch: 4, loss: { policy: 0.02, value: 0.25 } },
    { batch: 5, loss: { policy: 0.021, value: 0.251 } },
    { batch: 6, loss: { policy: 0.022, value: 0.252 } },
  ]);
});

test('Ray’s word that an actor cannot be reached is no cause: the worker that died is named, and why is open', () => {
  const { report } = watchedTruly(
    '(TaskRunner pid=7) step:1 - actor/pg_loss:0.01 - actor/grad_norm:0.5 - timing_s/step:2.0',
    'Traceback (most recent call last):',
    '  File "/app/trainer.py", line 1465, in fit',
    '    output = ray.get(output)',
    'ray.exceptions.ActorUnavailableError: The actor ab12 is unavailable: The actor is temporarily unavailable: RpcError: RPC error: Socket closed rpc_code: 14. The task may or may not have been executed on the actor.',
    '(raylet) A worker died or was killed while executing a task by an unexpected system error. Worker PID: 4711 Worker exit type: SYSTEM_ERROR Worker exit detail: Worker unexpectedly exits with a connection error code 2. End of file. Some common causes include: (1) the process was killed by the OOM killer due to high memory usage, (2) ray stop --force was called, or (3) the worker crashed unexpectedly due to SIGSEGV or another unexpected error.',
  );
  expect(report.failure).toMatchObject({ ending: { kind: 'silent', by: 'ray', pid: 4711 } });
});

test('epochs whose length changes: each begins where the one before has ended', () => {
  const epoch = (number: number, each: number) =>
    [0, 100, 200].map(at => `[epoch: ${number}/9, iter: ${at}/${each}] total: 1.${9 - number}${at}`);
  const { events, numbers } = watchedTruly(
    ...epoch(0, 250),
    ...epoch(1, 250),
    ...epoch(2, 220),
    ...epoch(3, 300),
  );
  expect(numbers).toEqual([0, 100, 200, 250, 350, 450, 500, 600, 700, 720, 820, 920]);
  expect(events[1]!.data).toMatchObject({ loss: 1.9 });
});

test('the same word for training and validation: a report, with what has no name as its own figure', () => {
  const line = (step: number, train: string) =>
    `[08:04:18] [INFO] [Step ${`${step}`.padStart(6)}/159210] Train ${train} | Val~20% 9.6793`;
  const { events, numbers } = watchedTruly(
    '[08:01:49] [INFO] ========[ TRAINING START ]========',
    ...upTo(8, i => line((i + 1) * 500, `9.6${i}01`)),
  );
  expect(numbers).toEqual(upTo(8, i => (i + 1) * 500));
  expect(events[1]!.data).toMatchObject({ step: 500, extra: { Train: 9.6001 } });
  expect(
    watchedTruly('[Step 1/9] Train 5 images | Val 2', '[Step 2/9] Train 5 images | Val 2').numbers,
  ).toEqual([]);
});

test('nanochat: fine-tuning behind the base in one file is another training, whose lines show no total', () => {
  const line = (step: string, share: string, loss: string) =>
    `step ${step} (${share}%) | loss: ${loss} | lrm: 0.05 | dt: 38.87ms | tok/sec: 13,172 | mfu: 0.99 | epoch: 1 | total time: 0.00m`;
  const { numbers } = watchedTruly(
    ...upTo(20, i => line(`000${`${i}`.padStart(2, '0')}/00020`, `${i * 5}.00`, `9.${90 - i}1`)),
    ...upTo(9, i => line(`0000${i + 1}`, `${i * 10}.00`, `5.${80 - i}2`)),
  );
  expect(numbers).toEqual([...upTo(20, i => i), ...upTo(9, i => i + 1)]);
});

test('a bar with figures in front that semicolons part; queues that close behind the error are no cause', () => {
  const bar = (i: number) =>
    `d: -${i}.984;gen: 0.1${i}6:   0%|          | ${i}/20000 [00:1${i}<31:12:19,  5.62s/it]`;
  const { events, report } = watchedTruly(
    ...[1, 2, 3, 4].map(bar),
    'Exception in thread Thread-3:',
    'Traceback (most recent call last):',
    '  File "/usr/lib/python3.10/multiprocessing/connection.py", line 136, in _check_closed',
    '    raise OSError("handle is closed")',
    'OSError: handle is closed',
    'Traceback (most recent call last):',
    '  File "/app/train.py", line 74, in <module>',
    '    mp.spawn(main_worker, nprocs=1, args=(config,))',
    'torch.multiprocessing.spawn.ProcessRaisedException: ',
    '',
    '-- Process 0 terminated with the following error:',
    'Traceback (most recent call last):',
    '  File "/app/model.py", line 230, in infer',
    '    x = inputs.permute(2, 1, 0, 3, 4)',
    'RuntimeError: permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = 6 is not equal to len(dims) = 5',
  );
  expect(events.flatMap(({ type, data }) => (type === 'STEP_COMPLETED' ? [data] : []))).toMatchObject(
    [1, 2, 3, 4].map(i => ({ step: i, extra: { d: -i - 0.984, gen: Number(`0.1${i}6`) } })),
  );
  expect(report.failure).toMatchObject({ errorType: 'RuntimeError' });
});

test('reports that were written without a newline between them are read one by one', () => {
  const report = (epoch: number, all: number) =>
    `epoch: ${epoch}/${all}, train_loss: ${9 - epoch}.125, train_acc: 0.1${epoch}`;
  const { numbers } = watchedTruly(
    ...upTo(4, i => report(i + 1, 100)),
    `${upTo(5, i => report(i + 1, 900).replace('.125', '.375')).join('')} `,
  );
  expect(numbers).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 5]);
});

test('3D Gaussian Splatting: a bar that moves by ten, whose loss is drawn before it does', () => {
  const bar = (at: number, loss: string) =>
    `Training progress:   0%|          | ${at}/30000 [00:0${at / 10}<21:08, 23.65it/s, Loss=${loss}]`;
  const { events } = watchedTruly(
    bar(0, '0.2493').replace('[00:00<21:08, 23.65it/s', '[00:00<?, ?it/s'),
    bar(10, '0.2493'),
    bar(10, '0.2663'),
    bar(20, '0.2663'),
    bar(20, '0.2432'),
    bar(30, '0.2432'),
    bar(30, '0.2255'),
  );
  expect(events.flatMap(({ type, data }) => (type === 'STEP_COMPLETED' ? [data] : []))).toMatchObject([
    { step: 10, loss: 0.2493 },
    { step: 20, loss: 0.2663 },
    { step: 30, loss: 0.2432 },
    { step: 40, loss: 0.2255 },
  ]);
});

test('an epoch and its iteration behind the names of both; the steps of a learner by imitation', () => {
  const line = (epoch: number, at: number) =>
    `2026-08-23 15:41:00,717 [INFO] Epoch and iter ${epoch} ${at} Loss 14.4${epoch}${at} Time 103.1${at}`;
  const { numbers } = watchedTruly(line(3, 99), line(3, 199), line(4, 99), line(4, 199), line(5, 99));
  expect(numbers).toEqual([99, 199, 298, 398, 497]);
  const { events } = watchedTruly(
    'Num steps: 100000   Return: 896.7   Time: 0:03:01',
    'Num steps: 200000   Return: 924.9   Time: 0:05:55',
  );
  expect(events.flatMap(({ type, data }) => (type === 'STEP_COMPLETED' ? [data] : []))).toMatchObject([
    { step: 100000, rollout: { episodicReturn: 896.7 } },
    { step: 200000, rollout: { episodicReturn: 924.9 } },
  ]);
});

test('a loss alone behind a logger’s time and place is counted; without them, or once, it is none', () => {
  const line = (i: number) => `2026-11-11 00:0${i}:30.834 | INFO     | __main__:train:35 - loss: 2.5${i}`;
  const { report, numbers } = watchedTruly(...upTo(5, line));
  expect(numbers).toEqual([1, 2, 3, 4, 5]);
  expect(report.run.numbered).toBe('reports');
  expect(watchedTruly(line(0)).numbers).toEqual([]);
  expect(watchedTruly('the loss: 2.51', 'the loss: 2.52').numbers).toEqual([]);
});

test('Ray Tune’s progress.csv of a training by another trainer: steps, and no updates', () => {
  const rows = upTo(3, i => `0.3${i},1.${9 - i},${i + 1},False,${i + 1},ab12`);
  const { events } = watchedTruly(
    'metrics/mAP50(B),val/box_loss,epoch,done,training_iteration,trial_id',
    ...rows,
  );
  expect(events.flatMap(({ type, data }) => (type === 'STEP_COMPLETED' ? [data] : []))).toMatchObject([
    { step: 1 },
    { step: 2 },
    { step: 3 },
  ]);
});

test('a table with an epoch, a batch of it and an iteration is numbered by the iteration', () => {
  const row = (i: number) => `42\t${i + 1}\t${216891 + i}\t1.5${i}\t61.1\t0.0001`;
  const { numbers } = watchedTruly('epoch\tbatch\titer\tloss\tprec1\tlr', ...upTo(5, row));
  expect(numbers).toEqual(upTo(5, i => 216891 + i));
});

test('torch-rnn: its count goes through all epochs, whose share stands in front', () => {
  const { events, numbers } = watchedTruly(
    'Running with CUDA on GPU 0\t',
    ...upTo(4, i => `Epoch 1.${i}0 / 500, i = ${i * 100 + 1} / 6470500, lr= 0.001000, loss = 7.6${i}0176\t`),
  );
  expect(numbers).toEqual([1, 101, 201, 301]);
  expect(events[0]!.data).toMatchObject({ maxSteps: 6470500 });
  expect(events[1]!.data).toMatchObject({ loss: 7.600176, learningRate: 0.001 });
});
