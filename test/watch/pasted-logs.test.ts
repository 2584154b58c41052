/** Logs as people paste them, values invented → which steps, with which figures, of which total. */
import { describe, expect, test } from 'vitest';
import { reportOfLog } from './report-of-log.ts';

const GIB = 2 ** 30;
const figuresOf = (log: string) =>
  reportOfLog(log).events.flatMap(({ type, data }) =>
    type === 'STEP_COMPLETED' || type === 'PPO_UPDATE_COMPLETED' ? [data as Record<string, unknown>] : [],
  );
const memoryOf = (log: string) =>
  reportOfLog(log).events.flatMap(({ data, rank }) =>
    ((data as { memory?: object[] }).memory ?? []).map(reading => ({ rank, ...reading })),
  );

test('Composer’s block with its tabs as spaces, and the names of older versions', () => {
  const log = `[batch=10/10]:
         Train time/batch: 9
         Train memory/allocated_mem: 3.9
         Train memory/reserved_mem: 13.5
         Train loss/train/total: 10.97
`;
  expect(figuresOf(log)).toMatchObject([{ step: 10, loss: 10.97 }]);
  expect(memoryOf(log)).toMatchObject([{ allocatedBytes: 3.9e9, reservedBytes: 13.5e9 }]);
  expect(reportOfLog(log).report.run.state).toBe('completed');
});

test('MLX: gigabytes of ten, on Metal; its validation is no step', () => {
  const log = [
    'Iter 1: Val loss 1.343, Val took 29.293s',
    'Iter 10: Train loss 0.986, Learning Rate 1.000e-06, It/sec 0.381, Tokens/sec 174.1, Trained Tokens 4568, Peak mem 28.349 GB',
    'Iter 20: Train loss 0.490, Learning Rate 1.000e-06, It/sec 0.368, Tokens/sec 144.7, Trained Tokens 8495, Peak mem 29.992 GB',
  ].join('\n');
  expect(figuresOf(log).map(({ step, loss }) => [step, loss])).toEqual([
    [10, 0.986],
    [20, 0.49],
  ]);
  expect(memoryOf(log)[0]).toMatchObject({ device: 'mps', peakAllocatedBytes: 28.349e9 });
});

test('a unit behind a space is the figure’s own', () => {
  expect(memoryOf('step 1/9, loss 0.5, mem 12.5 GB\n')).toMatchObject([{ peakAllocatedBytes: 12.5 * GIB }]);
  expect(memoryOf('step 1/9, loss 0.5, mem 12500\n')).toMatchObject([
    { peakAllocatedBytes: 12500 * 2 ** 20 },
  ]);
});

test('the host’s memory is not the device’s', () => {
  expect(memoryOf('step 1/9 | loss 0.5 | cpu mem 81.2 GB | gpu mem 21.3 GB\n')).toMatchObject([
    { peakAllocatedBytes: Math.round(21.3 * GIB) },
  ]);
  expect(memoryOf('step 1/9 | loss 0.5 | cpu mem 81.2 GB\n')).toEqual([]);
});

test('a bar that is drawn again and again on one line, without a return', () => {
  const bar = (done: number) => `Epoch 1/5:  10%|█         | ${done}/1000 [00:10<01:30, 10.0it/s, loss=0.51]`;
  expect(reportOfLog(`${bar(100)}${bar(200)}${bar(300)}${bar(400)}\n`).numbers).toEqual([100, 200, 300, 400]);
});

test('Llama recipes count from 0: the last step of the last epoch completes', () => {
  const line = (step: number) =>
    `Training Epoch: 3/3, step ${step}/203 completed (loss: 0.76): 99%|███| ${step + 1}/203`;
  expect(reportOfLog(`${line(202)} [08:31<00:00,  2.52s/it]\n`)).toMatchObject({
    numbers: [609],
    report: { run: { state: 'completed', maxBatches: 609 } },
  });
  expect(reportOfLog(`${line(201)} [08:31<00:00,  2.52s/it]\n`).report.run.state).toBe('unknown');
});

test('an iteration that is called `it` counts through its epochs', () => {
  const log = [6, 7].map(it => `epoch 2/50 - it ${it}/100 - loss: 2.4 - acc: 0.3\n`).join('');
  expect(reportOfLog(log)).toMatchObject({ numbers: [106, 107], report: { run: { maxBatches: 5000 } } });
});

test('lines with numbers in front: the bar has the step', () => {
  const log = `[1755]   1%|          | 20/1752 [00:57<1:22:40,  2.86s/it]
[1756]
[1757] {'loss': 0.5, 'grad_norm': 1.4, 'learning_rate': 4.3e-06, 'epoch': 0.01}
[1759]   1%|          | 20/1752 [00:57<1:22:40,  2.86s/it]`;
  expect(reportOfLog(log)).toMatchObject({ numbers: [20], report: { run: { maxBatches: 1752 } } });
});

test('a step that a bar prints rounded is not the step', () => {
  const log =
    'Epoch 0:   6%|██   | 32040/500150 [6:28:43<94:39:17,  1.37it/s, loss=2.6, global_step=3.2e+4]\n';
  expect(reportOfLog(log).numbers).toEqual([32040]);
});

test('Megatron’s memory without a rank', () => {
  const log = ` iteration        5/  120000 | elapsed time per iteration (ms): 16491.5 | learning rate: 0.000E+00 |
after 5 iterations memory (MB) | allocated: 10250.5 | max allocated: 12606.0 | reserved: 17482.0 | max reserved: 17482.0
`;
  expect(memoryOf(log)).toMatchObject([
    { allocatedBytes: 10250.5 * 2 ** 20, peakReservedBytes: 17482 * 2 ** 20 },
  ]);
});

test('slime: a step of supervised training, and what each rank has', () => {
  const log = `(MegatronTrainRayActor pid=71) [2026-01-18 07:42:01] model.py:665 - step 271: {'train/loss': 11.9, 'train/grad_norm': 0.5, 'train/step': 271}
(MegatronTrainRayActor pid=71) [2025-12-03 06:17:52] memory_utils.py:41 - [Rank 0] Memory-Usage before offload model: {'gpu': '0', 'total_GB': 139.8, 'free_GB': 51.45, 'used_GB': 88.35, 'allocated_GB': 80.63, 'reserved_GB': 81.22}
(MegatronTrainRayActor pid=72) [2025-12-03 06:17:54] memory_utils.py:41 - [Rank 1] Memory-Usage after offload model: {'gpu': '1', 'total_GB': 139.8, 'free_GB': 88.47, 'used_GB': 51.34, 'allocated_GB': 80.63, 'reserved_GB': 81.22}
`;
  expect(figuresOf(log)).toMatchObject([{ step: 271, loss: 11.9, gradNorm: 0.5 }]);
  expect(memoryOf(log)).toMatchObject([
    { rank: 0, deviceFreeBytes: Math.round(51.45 * GIB), allocatedBytes: Math.round(80.63 * GIB) },
    { rank: 1, deviceTotalBytes: Math.round(139.8 * GIB) },
  ]);
  const cut = log.slice(0, log.lastIndexOf(", 'reserved_GB'"));
  expect(memoryOf(cut)).toHaveLength(1);
});

test('axolotl: what is allocated, and what the cache has besides', () => {
  const log = `[2024-01-19 08:21:59,758] [INFO] [axolotl.load_model:625] [PID:6553] [RANK:5] GPU memory usage after adapters: 25.701GB (+0.079GB cache, +1.045GB misc)
{'loss': 1.2, 'learning_rate': 1e-05, 'epoch': 0.01}
`;
  expect(memoryOf(log)).toMatchObject([
    {
      rank: 5,
      allocatedBytes: Math.round(25.701 * GIB),
      reservedBytes: Math.round(25.701 * GIB) + Math.round(0.079 * GIB),
    },
  ]);
});

test('Stable-Baselines3 before it learns off policy: a step with its return', () => {
  const table = (keys: string[]) =>
    ['-'.repeat(33), '| time/              |          |', ...keys, '-'.repeat(33), ''].join('\n');
  const timesteps = '|    total_timesteps | 800      |';
  expect(reportOfLog(table(['|    episodes        | 4        |', timesteps])).numbers).toEqual([800]);
  expect(reportOfLog(table(['|    iterations      | 1        |', timesteps])).numbers).toEqual([]);
});

test('Keras in the midst of an epoch: the last one has not ended', () => {
  const log = (epoch: number, row: string) =>
    `Epoch ${epoch}/3\n ${row} - loss: 1.2 - binary_accuracy: 0.06\n`;
  const open = '34/100 [=========>....................] - ETA: 3:18';
  expect(reportOfLog(log(3, open))).toMatchObject({ numbers: [3], report: { run: { state: 'unknown' } } });
  const whole = '100/100 [==============================] - 1s 2ms/step';
  expect(reportOfLog(log(3, whole)).report.run.state).toBe('completed');
});

test('OpenRLHF’s bar without figures, and a job of Ray’s that succeeded', () => {
  const log = `Episode [1/1]:  92%|█████████▏| 11/12 [03:32<00:19, 19.50s/it]
Episode [1/1]: 100%|██████████| 12/12 [03:51<00:00, 19.27s/it]
Job 'raysubmit_qwq' succeeded
`;
  expect(reportOfLog(log)).toMatchObject({ numbers: [12], report: { run: { state: 'completed' } } });
});

test('colours whose escape a page left out', () => {
  const line = (step: number) => `[32mINFO[0m step=${step} loss=[31m2.51[0m lr=1e-4\n`;
  expect(figuresOf([1, 2, 3].map(line).join(''))).toMatchObject([
    { step: 1, loss: 2.51 },
    { step: 2 },
    { step: 3 },
  ]);
});

describe('CleanRL: rates once an update, or once in 100 steps', () => {
  /** Episodes of `length` steps, and a rate every `each` steps from `from` on. */
  function log(length: number, each: number, from: number, until: number): string {
    const lines: string[] = [];
    for (let step = 1; step <= until; step++) {
      if (step % length === 0) lines.push(`global_step=${step}, episodic_return=[${length}.]`);
      if (step >= from && step % each === 0) lines.push(`SPS: ${1000 + step}`);
    }
    return `${lines.join('\n')}\n`;
  }
  const typesOf = (text: string) => [
    ...new Set(
      reportOfLog(text).events.flatMap(({ type }) => (/(?:UPDATE|STEP)_COMPLETED$/.test(type) ? [type] : [])),
    ),
  ];

  test.each([
    ['DQN, short episodes', log(23, 100, 10_000, 12_000)],
    ['SAC, long episodes', log(1000, 100, 5000, 9000)],
    ['DQN, a short log', log(40, 100, 1000, 1500)],
  ])('%s: episodes are steps, with the rate', (_, text) => {
    expect(typesOf(text)).toEqual(['STEP_COMPLETED']);
    const last = figuresOf(text).at(-1)!;
    expect(text).toContain(`global_step=${last.step}, `);
    expect(JSON.stringify(figuresOf(text))).toMatch(/SPS|environmentStepsPerSecond|PerSecond/);
  });

  test.each([
    ['PPO, the shortest rollouts', log(23, 128, 128, 6000)],
    ['PPO, 2048 steps', log(23, 2048, 2048, 40_000)],
    ['PPO, episodes longer than rollouts', log(1000, 512, 512, 20_000)],
    ['PPO, no episode', 'SPS: 1\nSPS: 2\n'],
  ])('%s: an update each rate', (_, text) => {
    expect(typesOf(text)).toEqual(['PPO_UPDATE_COMPLETED']);
    expect(figuresOf(text)).toHaveLength(text.match(/SPS/g)!.length);
  });
});
