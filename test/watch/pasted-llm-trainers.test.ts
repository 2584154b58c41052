/** Logs of language models' trainers as people keep and paste them, values invented. */
import { describe, expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { watchedTruly as watched } from './pasted.ts';
import { figuresOf, reportOfLog, type WatchedLog } from './report-of-log.ts';

const typesOf = ({ events }: WatchedLog) => events.map(({ type }) => type);
const failureOf = ({ events }: WatchedLog) =>
  events.flatMap(({ type, data }) => (type === 'TRAINING_FAILED' ? [data as { errorType: string }] : []))[0];

describe('records of an evaluation train nothing', () => {
  const of = (step: number, loss: number) =>
    `{"loss": ${loss}, "learning_rate": 1e-05, "token_acc": 0.75, "epoch": 0.5, "global_step/max_steps": "${step}/40", "memory(GiB)": 20.5, "train_speed(iter/s)": 0.25}`;
  const evaluated = (step: number) =>
    `{"eval_loss": 0.5, "eval_token_acc": 0.875, "eval_runtime": 12.5, "epoch": 0.5, "global_step/max_steps": "${step}/40", "percentage": "25.00%", "elapsed_time": "1m 2s", "memory(GiB)": 20.5, "train_speed(iter/s)": 0.125}`;
  test('of ms-swift, with its step, its speed and the memory', () => {
    const last = '{"best_metric": null, "global_step": 40, "memory": 20.5}';
    const lines = [10, 20, 30, 40].flatMap(step => [of(step, 0.75), evaluated(step)]);
    const read = watched(...lines, '{"train_runtime": 100.5, "train_loss": 0.75}', last);
    expect(read.numbers).toEqual([10, 20, 30, 40]);
    expect(typesOf(read).filter(type => type === 'TRAINING_STARTED')).toHaveLength(1);
    expect(typesOf(read).at(-1)).toBe('TRAINING_COMPLETED');
    expect(read.reader.counts.almost).toBe(0);
  });
  test('of a trainer’s state, with a metric of its own', () => {
    const state = {
      log_history: [10, 20, 30, 40].flatMap(step => [
        { step, epoch: step / 40, loss: 0.75, learning_rate: 1e-5 },
        { step, epoch: step / 40, eval_loss: 0.5, eval_bleu: 12.5, eval_runtime: 3.5 },
      ]),
      max_steps: 40,
    };
    const read = reportOfLog(
      state.log_history.map(record => JSON.stringify({ ...record, max_steps: 40 })).join('\n'),
    );
    expect(read.numbers).toEqual([10, 20, 30, 40]);
  });
  test('a training’s figures beside an evaluation’s are a step', () => {
    const lines = [1, 2, 3].map(step => `{"step": ${step}, "train_loss": 0.75, "val_loss": 0.5}`);
    expect(watched(...lines).numbers).toEqual([1, 2, 3]);
  });
});

describe('reports that Python held back', () => {
  const bar = (done: number, of: number) =>
    ` ${Math.round((100 * done) / of)}%|###       | ${done}/${of} [00:${10 + (done % 50)}<01:00,  1.00it/s]`;
  const bars = (from: number, to: number, of: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => bar(from + i, of));
  const report = (step: number, each: number) =>
    `{'loss': 0.5, 'grad_norm': 0.25, 'learning_rate': 1e-05, 'epoch': ${Number((step / each).toFixed(2))}}`;
  const steps = (from: number, to: number, stride: number) =>
    Array.from({ length: (to - from) / stride + 1 }, (_, i) => from + i * stride);
  test.each([
    ['one epoch', 163, 163, 10],
    ['three epochs', 57, 171, 10],
    ['strides of five', 90, 90, 5],
  ])('of %s have the steps by which the training is of whole epochs', (_, each, of, stride) => {
    const until = stride * 9;
    const read = watched(
      ...bars(1, until, of),
      ...steps(stride, until, stride).map(step => report(step, each)),
      ...bars(until + 1, of, of),
      ...steps(until + stride, of - (of % stride), stride).map(step => report(step, each)),
      "{'train_runtime': 100.5, 'train_loss': 0.5, 'epoch': 1.0}",
    );
    expect(read.numbers).toEqual(steps(stride, of - (of % stride), stride));
  });
  test('whose epochs fit nothing go on as before, and never beyond the bar', () => {
    const read = watched(
      ...bars(1, 20, 100),
      ...[10, 20].map(step => report(step, 50)),
      ...bars(21, 60, 100),
      "{'loss': 0.5, 'learning_rate': 1e-05, 'epoch': 0.41}",
      "{'loss': 0.5, 'learning_rate': 1e-05, 'epoch': 0.42}",
      "{'loss': 0.5, 'learning_rate': 1e-05, 'epoch': 1.2}",
      bar(61, 100),
    );
    expect(Math.max(...read.numbers)).toBeLessThanOrEqual(61);
  });
});

describe('reports that were held back, each of which the bar was drawn again for', () => {
  const bar = (done: number) => `  1%|#     | ${done}/400 [00:${String(10 + (done % 50))}<01:00,  1.00it/s]`;
  const step = (loss: number) => `{'loss': ${loss}, 'learning_rate': 1e-05, 'epoch': 0.0}`;
  const end = "{'train_runtime': 100.5, 'train_loss': 0.5, 'epoch': 1.0}";
  const lossOf = (read: WatchedLog) => figuresOf(read).map(({ step, loss }) => [step, loss]);
  test('have its steps, whatever their epochs', () => {
    const bars = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => [bar(from + i), bar(from + i)]).flat();
    const reports = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => step(from + i + 0.5));
    const read = watched(
      bar(0),
      ...bars(1, 5),
      bar(6),
      ...reports(1, 5),
      bar(6),
      ...bars(7, 11),
      bar(12),
      ...reports(6, 11),
      bar(12),
      ...reports(12, 12),
      end,
    );
    expect(lossOf(read)).toEqual(Array.from({ length: 12 }, (_, i) => [i + 1, i + 1.5]));
  });
  test('among evaluations, which the bar is drawn again for as well', () => {
    const evaluated = "{'eval_loss': 0.5, 'epoch': 0.0}";
    const read = watched(
      ...[10, 10, 11, 20, 20, 20, 21, 30, 30, 31].map(bar),
      ...[step(1.5), step(2.5), evaluated, step(3.5)],
      bar(32),
    );
    expect(lossOf(read)).toEqual([
      [10, 1.5],
      [20, 2.5],
      [30, 3.5],
    ]);
  });
  test('reports that come at once have their own bar’s step, however often one was drawn', () => {
    const read = watched(
      ...[1, 2, 2, 3, 4, 5].map(bar),
      step(1.5),
      ...[5, 6, 7, 8, 9, 10].map(bar),
      step(2.5),
      bar(10),
      bar(11),
    );
    expect(lossOf(read)).toEqual([
      [5, 1.5],
      [10, 2.5],
    ]);
  });
});

describe('which bar is the training’s', () => {
  const report = "{'loss': 0.5, 'learning_rate': 1e-05, 'epoch': 0.25}";
  const bar = (done: number, of: number, at: string) => ` 10%|#     | ${done}/${of} [${at}<01:00,  1.00it/s]`;
  test('the one in front of the first report, where another one is over or was hardly drawn', () => {
    const training = [11, 12, 13].map(done => bar(done, 50, `00:${done}`));
    for (const other of [bar(2, 3, '00:01'), bar(3, 3, '00:02'), bar(4, 9, '00:03')]) {
      const read = watched(other, ...training, report, bar(14, 50, '00:14'));
      expect(read.numbers).toEqual([13]);
      expect(read.events[0]!.data).toMatchObject({ maxSteps: 50 });
    }
  });
  test('an evaluation’s before the first step is none; nor is a full one that held reports stand behind', () => {
    const evaluated = [1, 2, 3, 4].map(done => bar(done, 4, `00:0${done}`));
    const training = [1, 2, 3, 4, 5].map(done => bar(done, 30, `00:1${done}`));
    const first = watched(
      ...evaluated,
      "{'eval_loss': 0.5, 'epoch': 0}",
      ...training,
      report,
      bar(6, 30, '00:16'),
    );
    expect(first.numbers).toEqual([5]);
    const last = watched(...training, ...evaluated, report);
    expect(last.events[0]!.data).toMatchObject({ maxSteps: 30 });
    expect(last.numbers).toEqual([5]);
  });
});

describe('a training that ends between two reports of its steps has come as far as its bar', () => {
  const bar = (done: number, of = 120) => ` 10%|#     | ${done}/${of} [00:${done % 60}<01:00,  1.00it/s]`;
  const bars = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => bar(from + i));
  const report = (epoch: number) => `{'loss': 0.5, 'learning_rate': 1e-05, 'epoch': ${epoch}}`;
  const begun = [...bars(1, 10), report(0.25), ...bars(10, 20), report(0.5), ...bars(20, 27)];
  const reached = ({ report: { run, failure }, snapshot: { ranks } }: WatchedLog) => ({
    last: run.lastBatch,
    updates: run.updates,
    failedAt: failure?.batch ?? null,
    step: ranks[0]!.step,
    loss: ranks[0]!.ppo.totalLoss,
  });
  const at27 = { last: 27, updates: 2, step: 27, loss: 0.5 };

  test.each([
    ['an error', ['Traceback (most recent call last):', 'ValueError: no such key'], 27],
    ['a signal', ['Killed'], 27],
    ['nothing more', [], null],
    ['an evaluation of another total', [bar(3, 9), bar(4, 9)], null],
    ['an evaluation of as many batches', [bar(0), bar(1), bar(90)], null],
  ])('%s behind it', (_, lines, failedAt) => {
    const read = watched(...begun, ...lines);
    expect(read.numbers).toEqual([10, 20]);
    expect(reached(read)).toEqual({ ...at27, failedAt });
  });
  test('its own last words, of a training that was stopped early', () => {
    const read = watched(...begun, "{'train_runtime': 12.5, 'train_loss': 0.5, 'epoch': 0.7}");
    expect(reached(read)).toEqual({ ...at27, failedAt: null });
    expect(read.report.run.state).toBe('completed');
  });
  test('where reports and evaluations have their step and the total of the bar', () => {
    const numbered = (own: string, step: number) =>
      `{'${own}': '1.5', 'epoch': '2.1', 'global_step/max_steps': '${step}/120', 'memory(GiB)': '66.85'}`;
    const reports = [numbered('loss', 20), ...bars(20, 27), 'Killed'];
    expect(reached(watched(...reports))).toMatchObject({ last: 27, updates: 1, failedAt: 27 });
    // An evaluation alone: the text begins behind the newest report.
    const evaluation = numbered('eval_loss', 20).replace('}', ", 'eval_runtime': '2.5'}");
    for (const [lines, last] of [
      [[evaluation, ...bars(20, 27)], 27],
      [[evaluation], 20],
    ] as const) {
      const { report: run } = watched(...lines, 'Killed');
      expect(run.run).toMatchObject({ lastBatch: last, maxBatches: 120, updates: 0 });
    }
  });
  test('a report that follows stands for itself', () => {
    const read = watched(...begun, ...bars(28, 30), report(0.75), 'Killed');
    expect(reached(read)).toEqual({ ...at27, last: 30, updates: 3, step: 30, failedAt: 30 });
    expect(read.events.at(-1)!.data).not.toHaveProperty('reached');
  });
});

describe('lines of others within a report', () => {
  const head = (step: number) => `========================= Step ${step}/3 =========================`;
  const worker = (i: number) =>
    `(VllmGenerationWorker pid=${100 + i}) INFO 01-02 03:04:05 [executor.py:10] woke up`;
  const rows = (step: number) => [
    '📊 Training Results:',
    `  • Loss: 0.0${step}25`,
    `  • Avg Reward: 0.${step}5`,
    `  • Total step time: ${step}0.50s`,
  ];
  test('NeMo-RL: any number between a step’s head and its first row', () => {
    const lines = [1, 2, 3].flatMap(step => [
      head(step),
      ...Array.from({ length: 40 }, (_, i) => worker(i)),
      ...rows(step),
    ]);
    const read = watched('========================= Epoch 1/1 =========================', ...lines);
    expect(read.numbers).toEqual([1, 2, 3]);
    expect(figuresOf(read)[0]).toMatchObject({ loss: { total: 0.0125 }, rollout: { episodicReturn: 0.15 } });
  });
  test('NeMo-RL: an evaluation before the results, and one alone, is no step’s', () => {
    const workers = Array.from({ length: 40 }, (_, i) => worker(i));
    const evaluated = ['📊 Validation Results:', '    • Accuracy: 0.2500', '    • Samples processed: 64'];
    const read = watched(head(1), ...evaluated, ...workers, ...rows(1), head(2), ...workers, ...evaluated);
    expect(read.numbers).toEqual([1]);
    expect(figuresOf(read)[0]).toMatchObject({ loss: { total: 0.0125 } });
  });
  const iteration = (step: number) =>
    ` iteration        ${step}/      10 | consumed samples:           ${8 * step} | elapsed time per iteration (ms): 125.5 | learning rate: 1.500000E-04 | global batch size:     8 | lm loss: 1.025000E+01 | grad norm: 3.500 | number of nan iterations:   0 |`;
  const memory = (step: number) =>
    `[Rank 0] (after ${step} iterations) memory (MB) | allocated: 1024.00 | max allocated: ${1024 + 512 * step}.00 | reserved: 4096.00 | max reserved: 4096.00`;
  test('Megatron: its memory is of the step before, whatever stands between', () => {
    const between = ['Number of parameters in billions:  0.50', 'compute_activation_memory_without_sp'];
    const read = watched(
      iteration(1),
      ...between,
      memory(1),
      iteration(2),
      ...between,
      memory(2),
      iteration(3),
    );
    const types = typesOf(read).filter(type => type === 'MEMORY_SAMPLED' || type === 'STEP_COMPLETED');
    const [sample, step] = ['MEMORY_SAMPLED', 'STEP_COMPLETED'];
    expect(types).toEqual([sample, step, sample, step, step]);
    expect(read.numbers).toEqual([1, 2, 3]);
  });
  test('Megatron: an error behind a step that waits for its memory was not survived', () => {
    const read = watched(
      iteration(1),
      iteration(2),
      'Traceback (most recent call last):',
      '  File "/work/pretrain.py", line 10, in main',
      'ValueError: no such split',
    );
    expect(read.numbers).toEqual([1, 2]);
    expect(failureOf(read)?.errorType).toBe('ValueError');
  });
});

describe('errors', () => {
  const update = (step: number) =>
    `step:${step} - actor/pg_loss:0.125 - actor/grad_norm:0.5 - timing_s/gen:12.5`;
  const caught = [
    '(Env pid=7) ERROR:2026-03-01 10:00:00,100:Traceback (most recent call last):',
    '(Env pid=7)   File "/work/env/parse.py", line 12, in parse',
    '(Env pid=7) TypeError: cannot unpack non-iterable NoneType object',
  ];
  const more = Array.from({ length: 8 }, (_, i) => `(Env pid=7) The user wants to open menu ${i}.`);
  test('one that the training has gone on after, and the log goes on behind it, ended nothing', () => {
    const read = watched(...caught, update(1), ...caught, update(2), ...caught, ...more);
    expect(failureOf(read)).toBeUndefined();
    expect(typesOf(read).at(-1)).toBe('TRAINING_COMPLETED');
  });
  test('one that nothing follows, or that the training has not gone on after, ended it', () => {
    expect(failureOf(watched(...caught, update(1), update(2), ...caught))?.errorType).toBe('TypeError');
    expect(failureOf(watched(update(1), update(2), ...caught, ...more))?.errorType).toBe('TypeError');
  });
  test('Python does not find the module that it is to run', () => {
    const named =
      "/opt/env/bin/python3: Error while finding module specification for 'bench.run' (ModuleNotFoundError: No module named 'bench')";
    const bare = '/opt/env/bin/python: No module named trainer.main';
    const code =
      'E0301 10:00:00.100000 77 torch/distributed/elastic/multiprocessing/api.py:880] failed (exitcode: 1) local_rank: 0 (pid: 99) of binary: /opt/env/bin/python';
    for (const line of [named, bare, `0: [default0]:${named}`])
      expect(failureOf(watched(line, code))?.errorType).toBe('ModuleNotFoundError');
    expect(failureOf(watched('python: 3.11', 'No module named tests was selected.', code))?.errorType).toBe(
      'launcher',
    );
  });
  test('an error that announces another one, as Ray does of a worker that cannot import', () => {
    const read = watched(
      'Traceback (most recent call last):',
      '  File "/env/ray/_raylet.pyx", line 10, in execute',
      'RuntimeError: The actor with name Rollout failed to import on the worker. This may be because needed library dependencies are not installed in the worker environment:',
      '',
      'Traceback (most recent call last):',
      '  File "/work/rollout.py", line 3, in <module>',
      'ImportError: /env/fast_cuda.so: undefined symbol: _ZN2at4callE',
    );
    expect(failureOf(read)?.errorType).toBe('ImportError');
    const plain = watched(
      'Traceback (most recent call last):',
      '  File "/work/a.py", line 10, in a',
      'ValueError: bad shape',
      'Traceback (most recent call last):',
      '  File "/work/b.py", line 3, in b',
      'RuntimeError: closed',
    );
    expect(failureOf(plain)?.errorType).toBe('ValueError');
  });
  test('a job’s table behind an error stands beside it', () => {
    const table = [
      'JobID           JobName    Account    Elapsed  MaxVMSize     MaxRSS  ExitCode ',
      '------------ ---------- ---------- ---------- ---------- ---------- -------- ',
      '4711         train_all+       lab   00:00:37                             0:0 ',
      '4711.batch        batch       lab   00:00:37                             0:0 ',
    ];
    const error = [
      'Traceback (most recent call last):',
      '  File "/work/data.py", line 5, in load',
      "FileNotFoundError: [Errno 2] No such file or directory: '/data/a.jpg'",
    ];
    const answer = explainText([...error, '', ...table].join('\n'), 'pasted', 2e12)!;
    expect(answer.says).toMatch(/a file or folder is not where/);
    expect(answer.evidence.join('\n')).toMatch(/Job 4711/);
    expect(explainText(table.join('\n'), 'pasted', 2e12)!.what).toMatch(/sacct/);
  });
});

test('an engine’s rest that stands still after the first sleeps has not grown', () => {
  const slept = (rest: number) =>
    `Sleep mode freed 50.00 GiB memory, ${rest.toFixed(2)} GiB memory is still in use.`;
  const answerTo = (...rests: number[]) => explainText(rests.map(slept).join('\n'), 'pasted', 2e12)!.says;
  expect(answerTo(4.5, 9.5, 7.5, 7.5, 7.5, 7.53, 7.53)).toMatch(/did not grow|still in use, the trainer/);
  expect(answerTo(4.5, 9.5, 7.5, 7.5, 7.5, 7.53, 7.53)).not.toMatch(/What grew/);
  expect(answerTo(4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5)).toMatch(/What grew/);
  expect(answerTo(4.5, 9.5)).toMatch(/What grew/);
});

describe('bars', () => {
  test('of data are none of a training, whatever stands in front', () => {
    const data = (of: number) => `100%|██████████| ${of}/${of} [00:00<00:00, 9120.50 examples/s]`;
    const download = '100%|██████████| 466/466 [00:00<00:00, 2.50MB/s]';
    expect(reportOfLog(`${data(953)}\n${download}\nStarting training...\n`).numbers).toEqual([]);
    const report = "{'loss': 0.5, 'learning_rate': 1e-05, 'epoch': 0.25}";
    const bar = ' 10%|#     | 5/50 [00:05<01:00,  1.00it/s]';
    const read = watched(data(40), data(60), bar, report, bar);
    expect(read.numbers).toEqual([5]);
    expect(read.events[0]!.data).toMatchObject({ maxSteps: 50 });
    expect(reportOfLog('100%|██████████| 12/12 [00:12<00:00,  1.25it/s]\n').numbers).toEqual([12]);
  });
  test('of OpenRLHF 0.7 are updates, and what the full one still shows is of the step before', () => {
    const bar = (done: number, loss: number) =>
      `Train epoch [1/1]:  50%|███▌  | ${done}/4 [00:1${done}<00:05,  1.50s/it, act_loss=${loss}, reward=0.5, return=-0.125, gen_len=318, tot_len=2344.25, kl=0, act_lr=2.5e-7]`;
    const read = watched(bar(1, 0.5), bar(2, 0.5), bar(2, 0.75), bar(3, 0.75), bar(3, 0.25), bar(4, 0.25));
    expect(typesOf(read).filter(type => type === 'PPO_UPDATE_COMPLETED')).toHaveLength(3);
    // Its loop sets the figures of a step before the bar moves on.
    expect(figuresOf(read).map(({ batch, loss }) => [batch, loss])).toEqual([
      [2, { policy: 0.5 }],
      [3, { policy: 0.75 }],
      [4, { policy: 0.25 }],
    ]);
    expect(figuresOf(read)[0]).toMatchObject({
      rollout: { episodicReturn: 0.5, episodicLength: 318 },
      value: { meanReturn: -0.125 },
      policy: { learningRate: 2.5e-7 },
    });
  });
});

test('a table of idle devices is no evidence of an error of one', () => {
  const table = (used: number) =>
    `| N/A   34C    P0    60W / 400W |   ${used}MiB / 81920MiB |      0%      Default |`;
  const error =
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 8.00 GiB. GPU 0 has a total capacity of 79.00 GiB of which 2.25 GiB is free. Including non-PyTorch memory, this process has 76.50 GiB memory in use. Of the allocated memory 70.00 GiB is allocated by PyTorch, and 5.50 GiB is reserved by PyTorch but unallocated.';
  const head = '|   0  NVIDIA A100-SXM4-80GB   On  | 00000000:07:00.0 Off |    0 |';
  const evidenceOf = (used: number) =>
    explainText([head, table(used), '', error].join('\n'), 'pasted', 2e12)!.evidence.join('\n');
  expect(evidenceOf(4)).not.toMatch(/no device is full/);
  expect(evidenceOf(30_000)).toMatch(/30000 of 81920 MiB/);
});

test('nanochat counts through all epochs, whatever stands behind', () => {
  const line = (step: number) =>
    `step 000${step}0/00500 (${2 * step}.00%) | loss: 6.5 | lrm: 0.25 | dt: 125.50ms | tok/sec: 4,096 | bf16_mfu: 0.25 | epoch: 1 pq: 0 rg: 1 | total time: 0.50m`;
  const read = watched(line(1), line(2), line(3));
  expect(read.numbers).toEqual([10, 20, 30]);
  expect(read.events[0]!.data).toMatchObject({ maxSteps: 500 });
});
