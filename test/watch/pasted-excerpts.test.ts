/** Excerpts that begin and end in the midst of something, values invented → their steps, memory and first words. */
import { describe, expect, test } from 'vitest';
import { expectAnswer } from './pasted.ts';
import { reportOfLog } from './report-of-log.ts';

const GIB = 2 ** 30;
const report = (loss: number, epoch: number) =>
  `{'loss': ${loss}, 'learning_rate': 0.002, 'epoch': ${epoch}}`;
const stepsOf = (log: string) =>
  reportOfLog(log).events.flatMap(({ type, data }) =>
    type === 'STEP_COMPLETED' || type === 'PPO_UPDATE_COMPLETED' ? [data as Record<string, unknown>] : [],
  );
const samplesOf = (log: string) =>
  reportOfLog(log).events.map(({ type, data }) => [type, (data as { step?: number }).step ?? null]);

describe('a refusal before the first bar', () => {
  const refused =
    '[rank0]:W0301 10:00:00.100000 4021 c10/cuda/CUDACachingAllocator.cpp:1511] memory allocation failed with OOM on device 0 while trying to allocate 134217728 bytes (free: 1048576, total: 85899345920)';
  const figures = ['  2%|▏         | 1/64 [00:13<13:40, 13.02s/it]', report(1.25, 0.02)];
  test('does not cost the training its total or its format', () => {
    const { events, report: of } = reportOfLog([refused, ...figures].join('\n'));
    expect(of.run).toMatchObject({ maxBatches: 64 });
    expect(of.verdict.says).toContain('The device has 80.0 GiB; how much of it the training held was not');
    expect(events[0]!.data).toMatchObject({ config: { format: 'huggingface' } });
    expect(events.map(({ type }) => type).slice(0, 3)).toEqual([
      'TRAINING_STARTED',
      'MEMORY_SAMPLED',
      'STEP_COMPLETED',
    ]);
  });
  test('is reported where no figures follow, and where an error does', () => {
    expect(samplesOf(refused).map(([type]) => type)).toContain('MEMORY_SAMPLED');
    const failed = reportOfLog(
      `${refused}\nTraceback (most recent call last):\n  File "a.py", line 1, in f\nValueError: no rows\n`,
    );
    expect(failed.events.map(({ type }) => type)).toEqual([
      'TRAINING_STARTED',
      'MEMORY_SAMPLED',
      'TRAINING_FAILED',
    ]);
  });
});

test('a worker that died without a word is no fault of the GPU, though its memory was read before', () => {
  const text =
    '(WorkerDict pid=4071) before init cache memory allocated: 5.5GB, reserved: 6.25GB\n(raylet) A worker died or was killed while executing a task by an unexpected system error. To troubleshoot the problem, check the logs for the dead worker. Worker PID: 4071 Worker exit type: SYSTEM_ERROR Worker exit detail: Worker unexpectedly exits with a connection error code 2. End of file.\n';
  expect(expectAnswer({ text, says: ['Process 4071 died without a word'] }).whose).toBeNull();
});

describe('reports of the Hugging Face Trainer in front of the first bar', () => {
  const behind = '  7%|▋         | 1199/17000 [1:02:11<13:39:34,  3.11s/it]';
  test('their epochs and the bar show which steps they are of', () => {
    const log = [report(5.1, 0.03), report(0.4, 0.06), behind, report(0.3, 0.09), report(0.2, 0.12)].join(
      '\n',
    );
    expect(reportOfLog(log)).toMatchObject({
      numbers: [400, 800, 1200, 1600],
      report: { run: { maxBatches: 17_000 } },
    });
  });
  test('as far apart as those that follow', () => {
    const log = [
      'The command, and what it printed:',
      '',
      '```text',
      '```',
      'It went on so:',
      report(1.3, 0.04),
      '  5%|▌         | 32/600 [40:11<12:21:36, 78.52s/it]',
      report(1.2, 0.05),
      '  6%|▌         | 36/600 [45:02<12:01:57, 78.02s/it]',
      report(1.1, 0.06),
    ].join('\n');
    expect(reportOfLog(log).numbers).toEqual([28, 32, 36]);
  });
  test('where nothing shows them they are left out, and none is invented', () => {
    const log = [report(5.1, 0.031), report(0.4, 0.062), behind, report(0.3, 0.1), report(0.2, 0.3)].join(
      '\n',
    );
    expect(reportOfLog(log).numbers).toEqual([1199]);
  });
  test('a bar behind an evaluation is of the evaluation’s step', () => {
    const evaluated = "{'eval_loss': 1.1, 'eval_runtime': 27.5, 'epoch': 0.07}";
    const bar = '  2%|▏         | 50/2019 [24:43<15:52:05, 29.01s/it]';
    const before = [report(5.1, 0.03), report(0.4, 0.06), evaluated, bar];
    // The bar alone is read, and no loss with it.
    expect(stepsOf(before.join('\n'))).toEqual([{ step: 50 }]);
  });
  test('reports that a page has put on one line, with their bar: it has the total of them all', () => {
    const numbered = (step: number) => `{'loss': 3.5, 'epoch': 0.2, 'global_step': ${step}}`;
    const log = `${numbered(79)} ${numbered(80)} Train: 4%|██▌ | 80/2010 [01:46<41:02, 1.28s/it]Traceback (most recent call last): File "/w/sft.py", line 5, in main`;
    expect(reportOfLog(log)).toMatchObject({ numbers: [79, 80], report: { run: { maxBatches: 2010 } } });
  });
  test('without any bar they are numbered', () => {
    expect(reportOfLog([0.1, 0.2, 0.3].map(epoch => report(1, epoch)).join('\n')).numbers).toEqual([1, 2, 3]);
  });
});

test('a dictionary without its first brace', () => {
  const log =
    "'loss': 0.25, 'grad_norm': 1.0, 'epoch': 0.1, 'global_step/max_steps': '7/350', 'memory(GiB)': 41.5}\n\nIs this right?";
  expect(stepsOf(log)).toMatchObject([{ step: 7, loss: 0.25, memory: [{ peakReservedBytes: 41.5 * GIB }] }]);
  expect(reportOfLog(log).report.run.maxBatches).toBe(350);
});

test('a Megatron line that is cut within its loss has no loss', () => {
  const log =
    ' iteration       41/    5000 | consumed samples:  41984 | lm loss: 3.204220E+00 | grad norm: 0.4 |\n iteration       42/    5000 | consumed samples:  43008 | lm loss: 3';
  expect(stepsOf(log).map(({ step, loss }) => [step, loss])).toEqual([
    [41, 3.20422],
    [42, undefined],
  ]);
});

describe('memory of DeepSpeed’s timer', () => {
  const timer = (place: string, peak: number) =>
    `[2024-03-04 10:20:30,123] [INFO] [timer.py:189:stop] ${place}, SamplesPerSec=51.2, MemAllocated=1.25GB, MaxMemAllocated=${peak}GB`;
  test('of older versions, among the steps that it is of', () => {
    const step = (n: number) =>
      `[2024-03-04 10:20:30,122] [INFO] [logging.py:69:log_dist] [Rank 0] step=${n}, skipped=1, lr=[3e-05], mom=[[0.9, 0.99]]`;
    const log = [
      step(20),
      timer('0/20', 7.5),
      step(30),
      timer('0/30', 8.5),
      step(40),
      timer('0/40', 8.5),
    ].join('\n');
    expect(samplesOf(log).slice(1)).toEqual([
      // The step that was skipped.
      ['FIGURES_LOGGED', null],
      ['MEMORY_SAMPLED', null],
      ['STEP_COMPLETED', 20],
      ['MEMORY_SAMPLED', null],
      ['STEP_COMPLETED', 30],
      ['MEMORY_SAMPLED', null],
      ['STEP_COMPLETED', 40],
      ['TRAINING_COMPLETED', null],
    ]);
  });
  test('beside another trainer’s lines', () => {
    const log = `${timer('epoch=0/micro_step=8/global_step=8', 30.25).replace('SamplesPerSec', 'RunningAvgSamplesPerSec=5.5, CurrSamplesPerSec')}\n samples/sec: 7.1 | iteration        8/    9000 | lm_loss: 9.5E+00 | number of nan iterations:   0 |`;
    expect(reportOfLog(log).events.map(({ data }) => data)).toMatchObject([
      {},
      { memory: [{ allocatedBytes: 1.25 * GIB, peakAllocatedBytes: 30.25 * GIB, peakScope: 'run' }] },
      { step: 8, loss: 9.5 },
      {},
    ]);
  });
});

test('NeMo’s Automodel: peaks of each step, a rate with its share', () => {
  const line = (step: number, mem: string) =>
    `2026-02-03 11:12:13 | INFO | root | step ${step} | epoch 0 | loss 0.71 | grad_norm 1.2 | lr 2.00e-05 | mem ${mem} GiB | tps 9120.50(1140.06/gpu) | num_label_tokens 1200`;
  expect(stepsOf([line(3, '31.50'), line(4, '22.25'), line(5, '30.00')].join('\n'))).toMatchObject([
    { step: 3, tokensPerSecond: 9120.5, memory: [{ peakAllocatedBytes: 31.5 * GIB, peakScope: 'update' }] },
    { memory: [{ peakAllocatedBytes: 22.25 * GIB }] },
    {},
  ]);
});

test('a bar that a traceback was written over still has its figures', () => {
  const log = `[rank0]: Traceback (most recent call last):██████▎       | 21/48 [02:04<02:47,  6.10s/it, pg=0.002, rm=0.5, ret=0.4, glen=200, kl=0.001]\n[rank0]:   File "/srv/train.py", line 12, in <module>\n[rank0]:     train(args)`;
  expect(reportOfLog(log)).toMatchObject({
    numbers: [21],
    report: { run: { state: 'failed', lastBatch: 21 } },
  });
});

test('a loss that is not a number comes before memory that is not in the log', () => {
  const line = (step: number, loss: string) => `iter ${step}: loss ${loss}, time 900.1ms, mfu 15.1%`;
  const text = [line(40, '3.1'), line(50, 'nan'), line(60, 'nan'), line(70, 'nan')].join('\n');
  expectAnswer({
    text,
    says: ['The loss was not a number in 3 updates in a row, from step 50 until the newest'],
  });
});

test('PyTorch counts more than its process has: memory was given back underneath it', () => {
  const text =
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 3.25 GiB. GPU 1 has a total capacity of 79.10 GiB of which 1.90 GiB is free. Including non-PyTorch memory, this process has 77.10 GiB memory in use. Of the allocated memory 84.50 GiB is allocated by PyTorch, with 200.00 MiB allocated in private pools (e.g., CUDA Graphs), and 20.25 GiB is reserved by PyTorch but unallocated.';
  expectAnswer({
    text,
    says: [
      'the process has 77.10 GiB of 79.10 GiB',
      'PyTorch’s own count, 84.50 GiB, is more than that',
      'gpu_memory_utilization',
    ],
    never: ['Windows', 'expandable_segments'],
  });
});

describe('reports without numbers are counted, and called so', () => {
  const dicts = [0.41, 0.42, 0.43].map(epoch => report(1, epoch)).join('\n');
  test('Hugging Face without a bar', () => {
    expect(reportOfLog(dicts).report.run).toMatchObject({ lastBatch: 3, numbered: 'reports' });
    expectAnswer({
      text: dicts,
      says: ['The text ends after 3 reports of unknown steps'],
      never: ['ends at 3'],
    });
  });
  test('ESPnet', () => {
    const line = (of: string) =>
      `[h] 2022-02-03 04:05:06,789 (trainer:99) INFO: 7epoch:train:${of}batch: iter_time=0.001, loss=2.5, train_time=0.2`;
    expect(reportOfLog([line('101-200'), line('201-300')].join('\n')).report.run).toMatchObject({
      lastBatch: 2,
      numbered: 'reports',
    });
  });
  test('a failure is after a report', () => {
    const text = `${dicts}\nTraceback (most recent call last):\n  File "/srv/a.py", line 3, in f\nValueError: no`;
    expect(reportOfLog(text).report.verdict.says).toMatch(
      /no\. The training failed after report 3: ValueError\.$/,
    );
  });
  test('a bar numbers them', () => {
    const text = `${report(1, 0.41)}\n 41%|████      | 82/200 [00:41<00:59,  2.0it/s]\n`;
    expect(reportOfLog(text).report.run.numbered).toBe('steps');
  });
});

test('Gaudi’s total is the device’s', () => {
  const text =
    "{'loss': 2.5, 'epoch': 0.1, 'memory_allocated (GB)': 60.5, 'max_memory_allocated (GB)': 91.25, 'total_memory_available (GB)': 94.62}\n";
  expect(stepsOf(text)).toMatchObject([
    { memory: [{ peakAllocatedBytes: 91.25 * GIB, deviceTotalBytes: Math.round(94.62 * GIB) }] },
  ]);
});

test('torchtune’s first versions: what is held now', () => {
  const text =
    '{"a": 1}\nStep 3 | loss:0.91 lr:2e-05 gpu_resources:40627398656 \nStep 4 | loss:0.74 lr:2e-05 gpu_resources:40635295744 \n';
  expect(stepsOf(text)).toMatchObject([{ step: 3, memory: [{ allocatedBytes: 40627398656 }] }, { step: 4 }]);
});

test('a bar of all steps counts through the epochs that are named around it', () => {
  const bar = (n: number) => `steps:  22%|██▏       | ${n}/900 [00:46<02:44,  3.79it/s, avr_loss=0.12]`;
  const log = `epoch 12/50\n${bar(198)}\nepoch 13/50\n${bar(216)}\nepoch 14/50\n${bar(234)}\n`;
  expect(reportOfLog(log)).toMatchObject({ numbers: [198, 216, 234], report: { run: { maxBatches: 900 } } });
});

test('iterations that were skipped are no number of a step', () => {
  const text =
    ' | learning rate: 5.0E-06 | lm loss: 1.42E+00 | grad norm: 13.6 | number of skipped iterations:   0 | number of nan iterations:   0 | \nKilled\n';
  expect(reportOfLog(text).numbers).toEqual([]);
});

test('Llama recipes, cut within a loss: that step has no report', () => {
  const line = (step: number, rest: string) =>
    `Training Epoch: 1/3, step ${step}/40 completed (loss: 0.48${rest}`;
  const whole = '23):  25%|██▌       | 3/9 [03:17<06:31, 65.28s/it]';
  const log = [8, 9, 10].map(step => line(step, whole)).join('\n');
  expect(reportOfLog(`${log}\n${line(11, '1')}`).numbers).toEqual([9, 10, 11]);
});

test('LitGPT’s last words', () => {
  const steps = [91, 92, 93]
    .map(n => `Epoch 4 | iter ${n} step ${n} | loss train: 1.06, val: 1.05 | iter time: 529.46 ms (step)\n`)
    .join('');
  const state = (log: string) => reportOfLog(log).report.run.state;
  expect(state(`${steps}Training time: 83.36s\nMemory used: 14.49 GB\n`)).toBe('completed');
  expect(state(`${steps}Memory used: 14.49 GB\n`)).toBe('unknown');
  const block = (time: string) =>
    `| Performance\n${time}| - Tok/sec       : 0.34 tok/s\n| ----\n| Memory Usage\n| - Memory Used   : 14.49 GB\n`;
  const time = '| - Training Time : 83.36 s\n';
  expect(state(steps + block(time))).toBe('completed');
  expect(state(steps + block(''))).toBe('unknown');
  // In powers of ten.
  const memory = reportOfLog(steps + block(time)).events.find(({ type }) => type === 'MEMORY_SAMPLED');
  expect(memory?.data).toMatchObject({ memory: [{ peakAllocatedBytes: 14.49e9 }] });
  expect(state(`${steps}Training time: 83.36s\n`)).toBe('unknown');
});

test('a dictionary that its page has cut does not take the error of another process', () => {
  const settings = [
    "(main_task pid=24) {'actor': {'clip_ratio': 0.2,",
    "(main_task pid=24)            'fsdp_config': {'size': -1,",
    "(main_task pid=24)                            'offload': False,",
    "(main_task pid=24)            'kl_loss_coef': 0.001,",
  ];
  const error =
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has a total capacity of 47.50 GiB of which 900.00 MiB is free. Of the allocated memory 45.00 GiB is allocated by PyTorch, and 1.20 GiB is reserved by PyTorch but unallocated.';
  for (const worker of ['(WorkerDict pid=25) ', '(main_task pid=24) ', ''])
    expect(reportOfLog([...settings, worker + error].join('\n')).report.failure).toMatchObject({
      outOfMemory: { triedBytes: 1.5 * GIB },
    });
});

test('ParlAI’s updates number its reports', () => {
  const log = [
    "[ time:16.0s total_exs:5632 epochs:0.04 time_left:1884.0s ] {'exs': 768, 'lr': 0.0005, 'num_updates': 18, 'gpumempct': 0.478, 'loss': 21.5, 'nll_l",
    "oss': 7.217, 'ppl': 1363.0}",
    "[ time:69.0s total_exs:22784 epochs:0.17 time_left:1922.0s ] {'exs': 768, 'lr': 0.0005, 'num_updates': 89, 'gpumempct': 0.852, 'loss': 17.5, 'ppl': 301.2}",
  ].join('\n');
  expect(stepsOf(log)).toMatchObject([
    { step: 18, loss: 21.5 },
    { step: 89, loss: 17.5 },
  ]);
});

test('refusals without an amount are at the wall', () => {
  const flushes =
    '[2024-04-08 13:02:16,577] [WARNING] [stage3.py:2069:step] 8 pytorch allocator cache flushes since last step. this happens when there is high memory pressure';
  expect(reportOfLog(flushes).report.verdict.says).toMatch(/refused memory 8 times: .* at the wall/);
  const bar = '  2%|▏         | 2/90 [34:38<25:29:07, 1042.58s/it, loss=5.97, ppl=390]';
  expect(reportOfLog(`${bar}${flushes}\n`).report.verdict.says).toMatch('at the wall');
  expect(reportOfLog(`${bar}\n`).report.verdict.says).not.toMatch('wall');
});

describe('an engine that sleeps in the trainer’s GPU', () => {
  const slept = (rest: string) =>
    `(Worker pid=4) INFO 05-29 03:00:10 [gpu_worker.py:104] Sleep mode freed 43.50 GiB memory, ${rest} GiB memory is still in use.`;
  const error = '(Actor pid=7) torch.OutOfMemoryError: CUDA out of memory.';
  const verdict = (rests: string[], end: string) =>
    reportOfLog([...rests.map(slept), end].join('\n')).report.verdict.says;
  test('what it keeps grew, and the trainer ran out', () => {
    expect(verdict(['4.25', '11.50', '25.00'], error)).toMatch(
      'from 4.25 to 25.00 GiB (+20.75 GiB in 2 steps)',
    );
  });
  test('what it keeps stayed as it was', () => {
    expect(verdict(['4.25', '4.25', '4.30'], error)).not.toMatch('grew');
  });
  test('another error is not explained by it', () => {
    expect(verdict(['4.25', '11.50', '25.00'], 'ValueError: shapes do not match')).not.toMatch('sleep');
  });
});

test('the rank of an error is named where it is not the first', () => {
  const error = (rank: number) => `[rank${rank}]: RuntimeError: CUDA error: out of memory`;
  expect(reportOfLog(error(3)).report.verdict.says).toMatch('The training failed on rank 3: RuntimeError.');
  expect(reportOfLog(error(0)).report.verdict.says).toMatch('The training failed: RuntimeError.');
});
