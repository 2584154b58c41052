/** Lines of loops and trainers as people paste them, values invented → which steps, with which figures, of which total. */
import { expect, test } from 'vitest';
import { reportOfLog } from './report-of-log.ts';

const figuresOf = (...lines: string[]) =>
  reportOfLog(`${lines.join('\n')}\n`).events.flatMap(({ type, data }) =>
    type === 'STEP_COMPLETED' || type === 'PPO_UPDATE_COMPLETED' ? [data as Record<string, unknown>] : [],
  );

test('fairseq: a place in an epoch counts through, validation is none', () => {
  expect(
    figuresOf(
      '| epoch 003  100 / 400 loss=2.27 (2.50), wps=96, lr=0.002, gnorm=1.5',
      '| epoch 003  400 / 400 loss=2.17 (2.40), wps=96, lr=0.002, gnorm=1.4',
      "| epoch 003 | valid on 'valid' subset  90 / 95 loss=1.60",
      '| epoch 004  100 / 400 loss=2.07 (2.07), wps=96, lr=0.002, gnorm=1.3',
    ),
  ).toMatchObject([
    { step: 900, loss: 2.27, learningRate: 0.002, gradNorm: 1.5 },
    { step: 1200, loss: 2.17 },
    { step: 1300, loss: 2.07 },
  ]);
});

test('fairseq: JSON behind a logger’s words; its validation has the same counter and is no step', () => {
  const at = '2021-02-03 10:00:00 | INFO |';
  expect(
    figuresOf(
      `${at} train_inner | {"epoch": 2, "update": 1.3, "loss": "7.2", "num_updates": "700", "lr": "0.0002", "gnorm": "1.8"}`,
      `${at} valid | {"epoch": 2, "valid_loss": "7.1", "valid_num_updates": "750"}`,
      `${at} train_inner | {"epoch": 2, "update": 1.5, "loss": "7.0", "num_updates": "800", "lr": "0.0001", "gnorm": "1.7"}`,
    ),
  ).toMatchObject([
    { step: 700, loss: 7.2, learningRate: 0.0002, gradNorm: 1.8 },
    { step: 800, loss: 7 },
  ]);
  // A configuration in the same clothes is no record.
  expect(
    reportOfLog(`${at} config | {"step": 1, "layers": 12}\n${at} config | {"step": 2, "layers": 12}\n`)
      .numbers,
  ).toEqual([]);
});

test('a record of each epoch (DeiT, MAE): its loss and learning rate; one of validation alone is none', () => {
  expect(
    figuresOf(
      '{"train_lr": 0.0005, "train_loss": 3.5, "epoch": 7, "n_parameters": 100}',
      '{"epoch": 7, "val_loss": 3.1}',
      '{"train_lr": 0.0004, "train_loss": 3.4, "test_loss": 1.1, "epoch": 8, "n_parameters": 100}',
    ),
  ).toMatchObject([
    { step: 7, loss: 3.5, learningRate: 0.0005 },
    { step: 8, loss: 3.4 },
  ]);
});

test('LLaMA-Factory’s last record has no figures: it is the end', () => {
  const record = (step: number, loss: string) =>
    `{"current_steps": ${step}, "total_steps": 30, "loss": ${loss}}\n`;
  const { numbers, report, notices } = reportOfLog(
    record(20, '1.5') + record(25, '1.4') + record(30, 'null'),
  );
  expect(numbers).toEqual([20, 25]);
  expect(report.run.state).toBe('completed');
  expect(notices).toEqual([]);
  expect(reportOfLog(record(20, '1.5') + record(25, 'null')).report.run.state).toBe('unknown');
});

test('PaddleSeg counts through all epochs; a loop whose batches begin again does not', () => {
  const seg = reportOfLog(
    '[INFO]\t[TRAIN] epoch: 3, iter: 80/200, loss: 2.0859, lr: 0.009, ips: 3.7 samples/sec | ETA 00:04:16\n',
  );
  expect(seg).toMatchObject({ numbers: [80], report: { run: { maxBatches: 200 } } });
  const line = (epoch: number, step: number) => `epoch ${epoch} step ${step}/100 loss 1.5`;
  const steps = (...lines: string[]) => figuresOf(...lines).map(({ step }) => step);
  expect(steps(line(1, 50), line(1, 100), line(2, 50), line(2, 100))).toEqual([50, 100, 150, 200]);
  expect(steps(line(0, 50), line(0, 100), line(1, 50))).toEqual([50, 100, 150]);
});

test('an epoch’s sum is no step of a loop that prints steps', () => {
  expect(
    figuresOf(
      'step 46/50, loss: 1.04',
      'step 47/50, loss: 1.03',
      'Epoch 2: mean loss: 1.04',
      'step 48/50, loss: 1.02',
    ),
  ).toMatchObject([{ step: 46 }, { step: 47 }, { step: 48 }]);
});

test('names of a loss and of times in loops of many kinds', () => {
  expect(
    figuresOf(
      'Ep 1 | iter 4 | step 1: loss train (curr): 1.585, val (prev val iter): None | iter time: 181.3 ms (opt.step)',
      'Ep 1 | iter 5 | step 1: loss train (curr): 1.577, val (prev val iter): None | iter time: 154.4 ms',
    ),
  ).toMatchObject([
    { step: 4, loss: 1.585, stepMs: 181.3 },
    { step: 5, loss: 1.577, stepMs: 154.4 },
  ]);
  expect(
    figuresOf('[INFO] [ run.py:  292]:\tepoch: 0, progress: 39/571, step: 24, ave loss: 3.67'),
  ).toMatchObject([{ step: 24, loss: 3.67, extra: { epoch: 0, progress: 39 } }]);
  expect(
    figuresOf('Training Epoch: 0 Training Iteration: 651  step_loss : 2.05  learning_rate : 2.9e-05'),
  ).toMatchObject([{ step: 651, loss: 2.05, learningRate: 2.9e-5 }]);
  expect(
    figuresOf('[2019-03-21 INFO] Step 50/200; acc:  31.1; ppl: 57.5; xent: 4.05; lr: 0.00028;   6 sec'),
  ).toMatchObject([{ step: 50, loss: 4.05, learningRate: 0.00028 }]);
  expect(figuresOf('INFO:tensorflow:global step 5: loss = 62.5 (0.205 sec/step)')).toMatchObject([
    { step: 5, loss: 62.5, stepMs: 205 },
  ]);
  const [maxtext] = figuresOf(
    'metric_logger.py:226] completed step: 4, seconds: 0.631, TFLOP/s/device: 568.2, Tokens/s/device: 3116.5, loss: 12.979',
  );
  expect(maxtext).toEqual({
    step: 4,
    loss: 12.979,
    stepMs: 631,
    tokensPerSecond: 3116.5,
    extra: { 'TFLOP/s/device': 568.2 },
  });
});

test('PaddleClas’ `step:` is not torchtitan’s, and its validation no step', () => {
  expect(
    figuresOf(
      '2020-12-30 06:13:33 INFO: epoch:0   train step:10   top1: 0.0000 loss: 11.5 lr: 0.100000, ips: 121.4 images/sec.',
      '2020-12-30 06:13:39 INFO: valid step:20   top1: 0.0625 loss: 54.1 lr: 0.000000, ips: 409.9 images/sec.',
    ),
  ).toMatchObject([{ step: 10, loss: 11.5, learningRate: 0.1 }]);
});

test('ML-Agents: a reward behind a time without a point between', () => {
  expect(
    figuresOf(
      'INFO:mlagents.trainers: run: Find: Step: 15000. Time Elapsed: 80.9 s Mean Reward: 0.333. Std of Reward: 0.4.',
    ),
  ).toMatchObject([{ step: 15000, rollout: { episodicReturn: 0.333 } }]);
});

test('Tianshou: bars with and without an end', () => {
  const tail =
    'env_step=500, len=20, loss=-0.562, loss/clip=-0.584, loss/ent=0.468, loss/vf=0.044, rew=21.50]';
  const update = {
    batch: 500,
    loss: { total: -0.562, policy: -0.584, value: 0.044 },
    policy: { entropy: 0.468 },
    rollout: { episodicReturn: 21.5, episodicLength: 20 },
  };
  expect(figuresOf(`Epoch #1: 501it [00:40, 12.54it/s, ${tail}`)).toMatchObject([update]);
  expect(figuresOf(`Epoch #1: 100%|###| 500/500 [00:40<00:00, 12.54it/s, ${tail}`)).toMatchObject([update]);
});

test('dictionaries that a page has put on one line, and carriage returns written as two characters', () => {
  const dict = (step: number) => `{'loss': 0.${step}, 'global_step/max_steps': '${step}/9'}`;
  expect(figuresOf(`${dict(3)} ${dict(4)} {'loss': 0.5, 'global`)).toMatchObject([{ step: 3 }, { step: 4 }]);
  const bar = (step: number) => `  4%|▎   | ${step}/99 [11:2${step}<5:08:51,  1.89it/s]`;
  expect(
    figuresOf(`^M${bar(4)}^M${bar(5)}^M      ^M{'loss': 1.5, 'epoch': 0.2}`, `^M${bar(5)}^M${bar(6)}`),
  ).toMatchObject([{ step: 5, loss: 1.5 }]);
});

test('slime: the return of a rollout stands in the first step that learns from it', () => {
  expect(
    figuresOf(
      "(RolloutManager pid=1) rollout.py:1193 - perf 0: {'rollout/response_len/mean': 277.5, 'perf/rollout_time': 37.5}",
      "(Actor pid=7) data.py:649 - rollout 0: {'rollout/raw_reward': 0.25}",
      "(Actor pid=7) model.py:649 - step 0: {'train/loss': 0.5, 'train/pg_loss': 0.4, 'train/lr-pg_0': 1e-06}",
      "(Actor pid=7) model.py:649 - step 1: {'train/loss': 0.5, 'train/pg_loss': 0.4, 'train/lr-pg_0': 1e-06}",
    ),
  ).toMatchObject([
    {
      batch: 0,
      rollout: { episodicReturn: 0.25, episodicLength: 277.5 },
      timing: { rolloutMs: 37500 },
      policy: { learningRate: 1e-6 },
    },
    { batch: 1 },
  ]);
});

test('TRL’s GRPO leaves its reward out of steps that generate nothing: they are updates all the same', () => {
  const record = (step: number, rest: string) =>
    `{"loss": 0.1, "epoch": 0.1, "clip_ratio/region_mean": 0.0, ${rest}"global_step/max_steps": "${step}/20"}`;
  expect(figuresOf(record(1, '"reward": 0.5, '), record(2, ''))).toMatchObject([{ batch: 1 }, { batch: 2 }]);
});

const memoryOf = (...lines: string[]) =>
  reportOfLog(`${lines.join('\n')}\n`).events.flatMap(({ data, rank }) =>
    ((data as { memory?: object[] }).memory ?? []).map(reading => ({ rank, ...reading })),
  );
const GIB = 2 ** 30;

test('memory beside a log: Unsloth before it trains, Colossal-AI, JAX by device, Llama recipes’ active, GPT-NeoX by device', () => {
  expect(
    memoryOf(
      '   \\\\   /|    NVIDIA L4. Num GPUs = 1. Max memory: 22.5 GB. Platform: Linux.',
      '2025-06-22 11:26:13,090 - INFO - 10.5 GB of memory reserved.',
    ),
  ).toMatchObject([{ peakReservedBytes: 10.5 * GIB, deviceTotalBytes: 22.5 * GIB }]);
  expect(
    memoryOf('  GPU: allocated 512.0 MB, max allocated 1024.0 MB, cached: 1536.0 MB, max cached: 2048.0 MB'),
  ).toMatchObject([
    {
      allocatedBytes: GIB / 2,
      peakAllocatedBytes: GIB,
      reservedBytes: 1.5 * GIB,
      peakReservedBytes: 2 * GIB,
    },
  ]);
  expect(
    memoryOf(
      '\tUsing (GB) 44.5 / 95.75 (46.4%) on TPU_0(process=0,(0,0,0,0))',
      '\tUsing (GB) 60.0 / 95.75 (62.6%) on cuda:3',
    ),
  ).toMatchObject([
    { device: 'tpu:0', allocatedBytes: 44.5 * GIB, deviceTotalBytes: 95.75 * GIB },
    { device: 'cuda:3', allocatedBytes: 60 * GIB },
  ]);
  expect(memoryOf('Peak active CUDA memory was 47 GB')).toMatchObject([{ peakActiveBytes: 47 * GIB }]);
  expect(
    memoryOf(
      'Memory Report, Device 1: Before iter 2 memory (MB) | allocated: 1024.0 | max allocated: 2048.0 | reserved: 3072.0',
    ),
  ).toMatchObject([{ rank: 1, allocatedBytes: GIB, peakAllocatedBytes: 2 * GIB, reservedBytes: 3 * GIB }]);
  // What an example has on its disk is no memory.
  expect(memoryOf('Using (GB) 44.5 of the disk', '10.5 GB of memory', 'CPU: allocated 5 MB')).toEqual([]);
});

test('DreamerV3 and DreamerV2: figures between slashes, by the environment’s step', () => {
  const rule = '─'.repeat(30);
  expect(
    figuresOf(
      `${rule} Step 381545 ${rule}`,
      'train/action_mag 9 / train/model_loss_mean 9.5 / train/action_std 0.42 /',
      'train/actor_grad_steps 4 / episode/score 10.5 / fps 12.3',
      `${'-'.repeat(20)}[Agent Step 558_096]${'-'.repeat(20)}`,
      'episode/score 11.5 / episode/length 300',
      '',
      `${rule} Step 600000 ${rule}`,
      'train/model_loss_mean 9.1 / fps 12.4',
    ),
  ).toMatchObject([
    { step: 381545, loss: 9.5, samplesPerSecond: 12.3, rollout: { episodicReturn: 10.5 } },
    { step: 558096, rollout: { episodicReturn: 11.5, episodicLength: 300 } },
    { step: 600000, loss: 9.1 },
  ]);
  expect(
    figuresOf(
      '[500] return 6.12 / length 151 / total_steps 500',
      '[523] kl_loss 0.67 / image_loss 1.1e4 / model_loss 1.2e4 / fps 44.95',
      'Episode has 151 steps and return 6.1.',
      '[600] return 5.12 / length 100 / total_steps 600',
    ),
  ).toMatchObject([
    { step: 500, rollout: { episodicReturn: 6.12, episodicLength: 151 } },
    { step: 523, loss: 12000 },
    { step: 600, rollout: { episodicReturn: 5.12 } },
  ]);
});

test('Ray Tune’s table of trials: each is a rank, and a row that stands still is no report', () => {
  const table = (...rows: string[]) => [
    '== Status ==',
    '| Trial name  | status   | loc       |     lr |   iter |   total time (s) |   reward |',
    '|-------------+----------+-----------+--------+--------+------------------+----------|',
    ...rows,
  ];
  const log = [
    ...table(
      '| PPO_a_00000 | RUNNING  | 10.0.0.1:7 |  0.001 |     66 |          163.499 | -1105.85 |',
      '| PPO_a_00001 | PENDING  |           |   0.01 |        |                  |          |',
      '| PPO_a_00002 | RUNNING  | 10.0.0.1:8 |    0.1 |      2 |           10.000 |  -900.50 |',
    ),
    ...table(
      '| PPO_a_00000 | RUNNING  | 10.0.0.1:7 |  0.001 |     67 |          165.499 | -1005.85 |',
      '| PPO_a_00002 | RUNNING  | 10.0.0.1:8 |    0.1 |      2 |           10.000 |  -900.50 |',
    ),
  ].join('\n');
  const updates = reportOfLog(`${log}\n`).events.filter(({ type }) => type === 'PPO_UPDATE_COMPLETED');
  expect(updates).toMatchObject([
    { rank: 0, data: { batch: 66, rollout: { episodicReturn: -1105.85 } } },
    { rank: 1, data: { batch: 2, rollout: { episodicReturn: -900.5 } } },
    { rank: 0, data: { batch: 67, rollout: { episodicReturn: -1005.85 } } },
  ]);
});

test('YOLOv5’s results.txt: rows of epochs without bar or head', () => {
  const row = (epoch: number) =>
    `      ${epoch}/89     5.5G   0.077    0.0277   0.01785     0.123         7       640    0.79    0.35    0.39    0.18   0.045   0.013  0.004\n`;
  const { report, numbers } = reportOfLog(row(0) + row(1));
  expect(numbers).toEqual([0, 1]);
  // They count from 0 to the number behind the stroke.
  expect(report.run.maxBatches).toBe(90);
  expect(memoryOf(row(0))).toMatchObject([{ reservedBytes: 5.5e9 }]);
});

test('Keras, quoted and from the midst of an epoch', () => {
  const row = (done: number) =>
    `>  ${done}/100 [==========>...................] - ETA: 29s - loss: 2.${done} - acc: 0.06`;
  expect(figuresOf(row(39), row(40))).toMatchObject([{ step: 40, loss: 2.4, extra: { acc: 0.06 } }]);
  expect(figuresOf(row(39), '> Epoch 5/9', row(10))).toMatchObject([
    { step: 4, loss: 2.39 },
    { step: 5, loss: 2.1 },
  ]);
  // A download draws the like, and has no figures.
  expect(figuresOf('39/100 [==========>...................] - ETA: 29s')).toEqual([]);
});

test('memory with its unit in loops by hand and in bars; without one the name may be of anything', () => {
  expect(memoryOf('step=100 loss=2.31 allocated=12.5GB reserved=14.25GB max_allocated=13.5GB')).toMatchObject(
    [{ allocatedBytes: 12.5 * GIB, reservedBytes: 14.25 * GIB, peakAllocatedBytes: 13.5 * GIB }],
  );
  expect(memoryOf('Epoch [3/50], Step [120/500], Loss: 0.5, GPU Mem: 4.5 GB')).toMatchObject([
    { peakAllocatedBytes: 4.5 * GIB },
  ]);
  expect(memoryOf('step=100 loss=2.31 allocated=12 reserved=3')).toEqual([]);
  const bar = (rest: string) => `  5%|▌     | 50/1000 [00:50<15:50,  1.00s/it, loss=2.31, ${rest}]`;
  expect(memoryOf(bar('gpu_mem=21.5G'))).toMatchObject([{ peakAllocatedBytes: 21.5 * GIB }]);
  expect(memoryOf(bar('mem=21.5GB'))).toMatchObject([{ peakAllocatedBytes: 21.5 * GIB }]);
  expect(memoryOf(bar('mem=21.5'))).toEqual([]);
  expect(figuresOf(bar('mem=21.5'))).toMatchObject([{ loss: 2.31, extra: { mem: 21.5 } }]);
  // On a step's own line it is of the step.
  const log = [10, 20, 30].map(step => `Step ${step}: loss = 8.1, peak memory: 45.5 GiB, tokens/sec: 12,345`);
  expect(figuresOf(...log)).toMatchObject([
    { step: 10, memory: [{ peakAllocatedBytes: 45.5 * GIB }] },
    { step: 20 },
    { step: 30 },
  ]);
});

test('Megatron-Bridge prints gigabytes of ten; a time in seconds', () => {
  const line = (rest: string) => `iteration        6/     100 | ${rest} | lm loss: 1.17E+01 |`;
  expect(
    memoryOf(
      line('mem-allocated-gigabytes: 25.7 | mem-max-allocated-gigabytes: 59.8 | mem-alloc-retires: 2'),
    ),
  ).toMatchObject([{ allocatedBytes: 25.7e9, peakAllocatedBytes: 59.8e9, allocRetries: 2 }]);
  expect(
    memoryOf(
      '[Rank 1] (after 2 iterations) memory (GB) | mem-allocated-gigabytes: 63.6 | mem-max-reserved-gigabytes: 182.2',
    ),
  ).toMatchObject([{ rank: 1, allocatedBytes: 63.6e9, peakReservedBytes: 182.2e9 }]);
  expect(figuresOf(line('elapsed time per iteration (s): 104.13'))).toMatchObject([
    { step: 6, stepMs: 104130 },
  ]);
});

test('nanoGPT’s estimate is the step only where the step itself is not printed; modded-nanogpt’s validation is none', () => {
  expect(
    figuresOf(
      'step 0: train loss 10.98, val loss 10.97',
      'iter 0: loss 10.95, time 42023.45ms',
      'iter 10: loss 9.61, time 412.35ms',
      'step 15: train loss 8.5, val loss 8.6',
      'iter 20: loss 9.11, time 412.35ms',
    ).map(({ step, loss }) => [step, loss]),
  ).toEqual([
    [0, 10.95],
    [10, 9.61],
    [15, 8.5],
    [20, 9.11],
  ]);
  expect(
    figuresOf(
      'step:125/1750 val_loss:4.61 step_avg:100.1ms',
      'step:125/1750 train_loss:4.5 step_avg:100.1ms',
    ),
  ).toMatchObject([{ step: 125, loss: 4.5 }]);
});

test('Baselines: a table without sections is of the update that it numbers', () => {
  const rule = '-'.repeat(38);
  const row = (key: string, value: string) => `| ${key.padEnd(18)} | ${value.padEnd(13)} |`;
  const table = [
    rule,
    row('approxkl', '0.0002'),
    row('eprewmean', '21.4'),
    row('nupdates', '3'),
    row('policy_loss', '-0.0021'),
    row('total_timesteps', '384'),
    row('value_loss', '47.9'),
    rule,
  ];
  expect(figuresOf(...table)).toMatchObject([
    {
      batch: 3,
      policy: { approxKl: 0.0002 },
      loss: { policy: -0.0021, value: 47.9 },
      rollout: { episodicReturn: 21.4, totalSteps: 384 },
    },
  ]);
});

test('AReaL, the metric writers of Flax, diffusers, kohya’s scripts, prime-rl’s gradient norm', () => {
  expect(
    figuresOf(
      'StatsLogger INFO: Epoch 1/10 Step 3/120 Train step 3/1200 done.',
      '╒═════════════════════════════╤═════════════╕',
      '│ grpo_actor/actor_loss/avg   │  1.25e-03   │',
      '│ grpo_actor/task_reward/avg  │  4.5e-01    │',
      '│ timeperf/rollout            │  3.21e+01   │',
      '╘═════════════════════════════╧═════════════╛',
    ),
  ).toMatchObject([
    { batch: 3, loss: { policy: 0.00125 }, rollout: { episodicReturn: 0.45 }, timing: { rolloutMs: 32100 } },
  ]);
  expect(
    figuresOf(
      'I0301 10:00:00.1 14 logging_writer.py:48] [100] learning_rate=0.001, loss=6.91, steps_per_second=3.2',
      'I0301 10:00:31.1 14 logging_writer.py:48] [100] eval_accuracy=0.01, eval_loss=6.8',
    ),
  ).toMatchObject([{ step: 100, loss: 6.91, learningRate: 0.001 }]);
  const bar = (rest: string) => `Steps:   1%|    | 10/1000 [00:12<18:11,  1.10s/it, ${rest}]`;
  expect(figuresOf(bar('lr=5e-6, step_loss=0.21'))).toMatchObject([
    { step: 10, loss: 0.21, learningRate: 5e-6 },
  ]);
  expect(figuresOf(bar('avr_loss=0.09'))).toMatchObject([{ loss: 0.09 }]);
  expect(
    figuresOf('INFO Step 12 | Time: 35.2s | Loss: 0.0012 | Grad. Norm: 0.1523 | MFU: 31.2%'),
  ).toMatchObject([{ step: 12, loss: 0.0012, gradNorm: 0.1523 }]);
});

test('memory of so much, as a loop by hand prints it: the unit behind the total is of both', () => {
  expect(memoryOf('iter 100/5000 | loss 1.2313 | tokens/s 51234 | mem 41.5/79.25 GB')).toMatchObject([
    { allocatedBytes: 41.5 * GIB, deviceTotalBytes: 79.25 * GIB },
  ]);
  expect(memoryOf('iter 100/5000 | loss 1.2313 | peak mem 41.5 GB')).toMatchObject([
    { peakAllocatedBytes: 41.5 * GIB },
  ]);
});

test('torchtune’s bar and its memory; PEFT’s and Colossal-AI’s peaks, and the host’s beside them', () => {
  const bar = (step: number) =>
    `1|${step}|Loss: 1.${step}591:   0%|          | ${step}/25880 [00:02<16:36:01,  2.31s/it]`;
  expect(reportOfLog([1, 2, 3].map(step => `${bar(step)}\n`).join(''))).toMatchObject({
    numbers: [1, 2, 3],
    report: { run: { maxBatches: 25880 } },
  });
  expect(figuresOf(bar(1))).toMatchObject([{ step: 1, loss: 1.1591 }]);
  expect(
    memoryOf(
      '\tGPU peak memory active: 16.25 GiB',
      '\tGPU peak memory alloc: 16.125 GiB',
      '\tGPU peak memory reserved: 16.5 GiB',
    ),
  ).toMatchObject([
    { peakActiveBytes: 16.25 * GIB },
    { peakAllocatedBytes: 16.125 * GIB },
    { peakReservedBytes: 16.5 * GIB },
  ]);
  expect(
    memoryOf(
      'Total Peak Memory consumed during the train (max): 2048',
      'CPU Total Peak Memory consumed during the train (max): 3012',
      'Max CUDA memory usage: 1024.00 MB',
    ),
  ).toMatchObject([{ peakAllocatedBytes: 2 * GIB }, { peakAllocatedBytes: GIB }]);
});

test('Ultralytics: the device that it names is that of its rows', () => {
  const rows = [
    '      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size',
    '        1/3      2.5G      1.192      2.651      1.241         12        640: 100%|██████████| 8/8 [00:04<00:00,  1.62it/s]',
  ];
  expect(
    memoryOf('Ultralytics 8.3.40 Python-3.10.12 torch-2.5.1+cu121 CUDA:0 (Tesla T4, 15104MiB)', ...rows),
  ).toMatchObject([{ name: 'Tesla T4', deviceTotalBytes: 15104 * 2 ** 20, reservedBytes: 2.5 * GIB }]);
  expect(
    memoryOf("Using CUDA device0 _CudaDeviceProperties(name='Tesla V100', total_memory=32480MB)", ...rows),
  ).toMatchObject([{ name: 'Tesla V100', deviceTotalBytes: 32480 * 2 ** 20 }]);
});

test('Sample Factory, DeepSpeed’s learning rate of the first group, colours that a page has left of torchtitan’s', () => {
  const fps = (frames: number) =>
    `[2022-07-01 10:00:00,100][12345] Fps is (10 sec: 40960.5, 60 sec: 40960.0, 300 sec: nan). Total num frames: ${frames}. Samples: 10.`;
  const reward = "[2022-07-01 10:00:00,101][12345] Avg episode reward: [(0, '4.312')]";
  expect(figuresOf(fps(409600), reward, fps(614400))).toMatchObject([
    {
      batch: 409600,
      rollout: { episodicReturn: 4.312, totalSteps: 409600 },
      timing: { stepsPerSecond: 40960.5 },
    },
    { batch: 614400 },
  ]);
  expect(
    figuresOf(
      '[INFO] [Rank 0] step=10, skipped=0, lr=[9.65e-06, 5e-04], mom=[(0.9, 0.95), (0.9, 0.95)]',
      'epoch=0/micro_step=10/global_step=10, RunningAvgSamplesPerSec=12.3, CurrSamplesPerSec=12.5, MemAllocated=15.31GB',
    ),
  ).toMatchObject([{ step: 10, learningRate: 9.65e-6, samplesPerSecond: 12.5 }]);
  const titan =
    '[31mstep: 10  [32mloss: 10.2581  [38;2;180;60;0mgrad_norm:  2.1234  [38;2;54;234;195mmemory: 52.12GiB(65.89%)  [34mtps: 6,321  [35mmfu: 15.38%[39m';
  expect(figuresOf(`[titan] 2025-09-01 10:00:30,123 - root - INFO - ${titan}`)).toMatchObject([
    { step: 10, loss: 10.2581, gradNorm: 2.1234, tokensPerSecond: 6321 },
  ]);
});

test('the Hugging Face Trainer: a text that begins in the midst of a training', () => {
  const bar = (done: number, at: string) => ` 50%|█████     | ${done}/90 [${at}<01:00,  1.00s/it]`;
  const report = (loss: number, epoch: number) => `{'loss': ${loss}, 'grad_norm': 0.5, 'epoch': ${epoch}}`;
  const numbers = (...lines: string[]) => figuresOf(...lines).map(({ step, loss }) => [step, loss]);
  // Its bar is drawn again behind it.
  expect(
    numbers(report(1.5, 1.1), bar(41, '00:41'), bar(42, '00:42'), report(1.25, 1.2), bar(42, '00:42')),
  ).toEqual([
    [41, 1.5],
    [42, 1.25],
  ]);
  // A terminal shows of the bar what it came to: that is the next report's.
  expect(
    numbers(
      report(1.5, 1.1),
      bar(45, '00:45'),
      report(1.25, 1.2),
      bar(50, '00:50'),
      report(1.125, 1.3),
      bar(51, '00:51'),
    ),
  ).toEqual([
    [40, 1.5],
    [45, 1.25],
    [50, 1.125],
  ]);
  // Nothing shows how far apart reports are: its step is not known.
  expect(numbers(report(1.5, 1.1), bar(45, '00:45'), report(1.25, 1.2))).toEqual([[45, 1.25]]);
  expect(numbers(report(1.5, 1.1), report(1.25, 1.2))).toEqual([
    [1, 1.5],
    [2, 1.25],
  ]);
});

test('LLaMA-Factory’s callback reports what its trainer reports next: one step, with what either has', () => {
  const copy = (loss: string) =>
    `[INFO|2026-03-01 10:00:00] llamafactory.train.callbacks:157 >> {'loss': ${loss}, 'learning_rate': 1.9999e-05, 'epoch': 0.06, 'throughput': 105.5}`;
  const bar = (done: number) =>
    `  6%|${'█'.repeat(30)}${' '.repeat(230)}| ${done}/625 [0${done}:00<13:21:36, 81.52s/it]`;
  expect(
    figuresOf(
      bar(34),
      `${bar(35)}${copy('1.0802')}`,
      "{'loss': 1.0802, 'grad_norm': 1.5, 'learning_rate': 1.99987e-05, 'epoch': 0.06}",
      `${bar(40)}${copy('1.0274')}`,
      "{'loss': 1.0274, 'grad_norm': 1.25, 'learning_rate': 1.9991e-05, 'epoch': 0.06}",
    ),
  ).toMatchObject([
    { step: 35, loss: 1.0802, gradNorm: 1.5, learningRate: 1.99987e-5, extra: { throughput: 105.5 } },
    { step: 40, loss: 1.0274, gradNorm: 1.25 },
  ]);
  // Where the trainer's own is not in the log, it is the report.
  expect(figuresOf(bar(35), copy('1.0802'), bar(40), copy('1.0274'), bar(41))).toMatchObject([
    { loss: 1.0802 },
    { loss: 1.0274 },
  ]);
});

test('the memory of an evaluation is the run’s', () => {
  const { events } = reportOfLog(
    "{'eval_loss': 1.25, 'eval_runtime': 16.2, 'memory/max_allocated (GiB)': 10.5, 'epoch': 0}\n",
  );
  expect(events.slice(1)).toMatchObject([
    { type: 'FIGURES_LOGGED', data: { figures: { eval_loss: 1.25 } } },
    {
      type: 'MEMORY_SAMPLED',
      data: { phase: 'evaluation', memory: [{ peakAllocatedBytes: 10.5 * 2 ** 30 }] },
    },
    { type: 'TRAINING_COMPLETED' },
  ]);
});

test('axolotl’s lines of memory, by whatever device; what is nothing is left out of them', () => {
  const { events } = reportOfLog(
    [
      '[2026-03-01 10:00:00,372] [INFO] [axolotl.utils.bench.log_gpu_memory_usage:107] [PID:9] [RANK:1] cuda memory usage baseline: 0.000GB (+0.423GB misc)',
      '[2026-03-01 10:00:09,372] [INFO] [axolotl.utils.bench.log_gpu_memory_usage:107] [PID:9] [RANK:1] cuda memory usage after model load: 2.250GB (+0.125GB cache, +0.794GB misc)',
      '',
    ].join('\n'),
  );
  const [, baseline, loaded] = events;
  expect(baseline).toMatchObject({ rank: 1, data: { memory: [{ allocatedBytes: 0, reservedBytes: 0 }] } });
  expect(loaded).toMatchObject({
    data: { memory: [{ allocatedBytes: 2.25 * 2 ** 30, reservedBytes: 2.375 * 2 ** 30 }] },
  });
});

test('losses that are no number, rates before a bracket, an estimate behind a logger’s time', () => {
  expect(
    figuresOf(
      '2026-03-01 10:00:00 step 3000: train loss 4.0, val loss 4.1',
      '2026-03-01 10:00:09 iter 3000: loss 4.25, time 99.5ms, mfu 13.85%',
      '2026-03-01 10:00:19 iter 3010: loss nan, time 98.5ms, mfu 13.85%',
      '2026-03-01 10:00:29 iter 3020: loss nan, time 98.5ms, mfu 13.85%',
    ),
  ).toMatchObject([
    { step: 3000, loss: 4.25 },
    { step: 3010, loss: 'NaN' },
    { step: 3020, loss: 'NaN' },
  ]);
  const basic = (iter: string) =>
    `26-03-01 10:11:29.657 - INFO: <epoch: 30, iter:   ${iter}, lr:1.000e-04> l_g_pix: 3.2022e-03 D_real: -8.5`;
  expect(figuresOf(basic('2,800'), basic('2,900'), basic('3,000'))[0]).toMatchObject({
    step: 2800,
    learningRate: 1e-4,
    extra: { l_g_pix: 3.2022e-3, D_real: -8.5 },
  });
});

test('Informer’s heirs: an epoch’s sum shows its steps, and is none', () => {
  const sum = (epoch: number) =>
    `Epoch: ${epoch}, Steps: 250 | Train Loss: 0.1296439 Vali Loss: 0.1200742 Test Loss: 0.1446345`;
  expect(
    figuresOf(
      '\titers: 100, epoch: 1 | loss: 0.25',
      '\titers: 200, epoch: 1 | loss: 0.225',
      sum(1),
      '\titers: 100, epoch: 2 | loss: 0.2',
      sum(2),
      '\titers: 100, epoch: 3 | loss: 0.175',
    ).map(({ step, loss }) => [step, loss]),
  ).toEqual([
    [100, 0.25],
    [200, 0.225],
    [350, 0.2],
    [600, 0.175],
  ]);
});

test('OpenPCDet: its own count of all iterations', () => {
  const line = (at: number, accumulated: number, loss: string) =>
    `2026-03-01 10:00:37,748   INFO  Train:    1/3 ( 33%) [ ${at}/323 ( 10%)]  Loss: ${loss} (81.7)  LR: 1.000e-04  Time cost: 00:04/21:46 [00:04/1:05:18]  Acc_iter ${accumulated}          Data time: 0.87(0.87)`;
  expect(figuresOf(line(0, 1, '516.5'), line(49, 50, '36.75'), line(99, 100, '23.5'))).toMatchObject([
    { step: 1, loss: 516.5, learningRate: 1e-4 },
    { step: 50, loss: 36.75 },
    { step: 100, loss: 23.5 },
  ]);
});

test('NeMo’s bar of its one epoch: its own count, of the training’s total', () => {
  const { events } = reportOfLog(
    'Epoch 0:   1%|          | 795/7722 [9:07:58<87:01:48, 41.36s/it, loss=3.125, v_num=, reduced_train_loss=3.0625, global_step=794.0, consumed_samples=1.63e+6]\n',
  );
  expect(events.slice(0, 2)).toMatchObject([
    { data: { maxSteps: 7722 } },
    // The bar's own is a mean of the newest steps.
    { data: { step: 795, loss: 3.0625 } },
  ]);
});

test('a bar that another program cut: its whole pairs alone', () => {
  expect(
    figuresOf(
      'Epoch 0:   0%| | 1/2020 [00:03<1:44:05,  3.09s/it, loss=0.0375, v_num=0, train/lHere it comes',
    ),
  ).toMatchObject([{ step: 1, loss: 0.0375 }]);
  expect(figuresOf('Epoch 0:   0%| | 1/2020 [00:03<1:44:05,  3.09s/it, v_num=0, loss=0.03')).toMatchObject([
    { step: 1 },
  ]);
});

test('CSV with space around its commas', () => {
  expect(
    figuresOf(
      'epoch , LR , loss',
      '    0 , 0.001 , 1.5',
      '    1 , 0.001 , 1.25',
      '    2 , 0.001 , 1.125',
    ).map(({ loss }) => loss),
  ).toEqual([1.5, 1.25, 1.125]);
});

test('an epoch of Ultralytics that is under way is not the last one', () => {
  const head = '      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size\n';
  const row = (epoch: number, share: string) =>
    `        ${epoch}/3     2.25G     0.5       1.5      0.875          2        640:  ${share}|███▎      | 1/3 [00:00<00:01,  1.22it/s]\n`;
  const stateOf = (log: string) => reportOfLog(log).report.run.state;
  expect(stateOf(head + row(3, '33%'))).toBe('unknown');
  expect(stateOf(head + row(3, '33%') + row(3, '100%'))).toBe('completed');
});

test('mmengine: a learning rate that one space parts from the base rate', () => {
  const [step] = figuresOf(
    '03/01 13:28:11 - mmengine - INFO - Epoch(train)   [1][ 100/2566]  base_lr: 3.5e-04 lr: 2.5e-04  eta: 5 days, 16:43:34  time: 0.625  data_time: 0.0032  memory: 12397  loss: 2.125',
  );
  expect(step).toMatchObject({ step: 100, learningRate: 2.5e-4, loss: 2.125, extra: { base_lr: 3.5e-4 } });
});

test('a table of Baselines that a page has indented; the rest of a table that a text begins in is none', () => {
  const rule = ' --------------------------------------';
  const rows = [
    ' | approxkl | 0.0007 |',
    ' | nupdates | 782 |',
    ' | policy_loss | -0.0125 |',
    ' | eprewmean | nan |',
  ];
  expect(figuresOf(rule, ...rows, rule)).toMatchObject([
    { batch: 782, policy: { approxKl: 0.0007 }, rollout: { episodicReturn: 'NaN' } },
  ]);
  expect(
    figuresOf(
      '|    loss                 | 0.0541      |',
      '|    n_updates            | 160         |',
      '|    value_loss           | 0.456       |',
      '-----------------------------------------',
    ),
  ).toEqual([]);
});

test('mlx-lm: names of several words; memory is Metal’s, in powers of ten', () => {
  const { events } = reportOfLog(
    'Iter 7: Train loss 0.125, Total rewards mean 0.5, Total rewards std 0.25, KL 0.015, Learning Rate 1.000e-05, It/sec 1.75, Tokens/sec 204.5, Peak mem 2.875 GB\n',
  );
  expect(events[1]).toMatchObject({
    data: {
      step: 7,
      loss: 0.125,
      learningRate: 1e-5,
      tokensPerSecond: 204.5,
      rollout: { episodicReturn: 0.5 },
      memory: [{ device: 'mps', peakAllocatedBytes: 2.875e9 }],
    },
  });
});

test('ArcticTraining: lines of several ranks of one iteration, each with its memory', () => {
  const line = (iter: number, loss: string, held: string) =>
    `iter:  ${iter}/3000   4% | loss: ${loss} | iter time: 1.025s | lr: 8.750E-04 | seqlen: 16.38K | step time: 0.996s | epoch: 0 | MA ${held} GB | Max_MA 28.75 GB | NV 51.92 GB\n`;
  const { numbers, events } = reportOfLog(
    line(130, '16.5', '2.75') + line(130, '16.0', '3.25') + line(131, '16.25', '2.75'),
  );
  expect(numbers).toEqual([130, 131]);
  expect(events).toMatchObject([
    {},
    {
      data: { loss: 16.5, memory: [{ allocatedBytes: 2.75 * 2 ** 30, peakAllocatedBytes: 28.75 * 2 ** 30 }] },
    },
    { type: 'MEMORY_SAMPLED', data: { worker: 'process 2', memory: [{ allocatedBytes: 3.25 * 2 ** 30 }] } },
    { data: { step: 131 } },
    {},
  ]);
});

test('nnU-Net’s first version: the head of an epoch on a line of its own', () => {
  expect(
    figuresOf(
      '2026-03-01 13:25:22.656965: ',
      'epoch:  999 ',
      '2026-03-01 13:26:33.520940: train loss : -0.875 ',
      '2026-03-01 13:26:39.819033: validation loss: -0.75 ',
      '2026-03-01 13:26:40.250808: lr: 0.0005 ',
      '2026-03-01 13:26:40.525670: This epoch took 77.5 s',
    ),
  ).toMatchObject([{ step: 999, loss: -0.875, learningRate: 0.0005, stepMs: 77500 }]);
});

test('an average loss of an epoch, behind a logger’s words', () => {
  const line = (epoch: number, loss: number) =>
    `2026-03-01 16:29:00,105 :: INFO :: Epoch ${epoch}: Estimated average loss: ${loss}.`;
  expect(figuresOf(line(0, 0.125), line(1, 0.0625), line(2, 0.03125)).map(({ loss }) => loss)).toEqual([
    0.125, 0.0625, 0.03125,
  ]);
});

test('NeMo’s bar shows a rounded step: its own count is exact', () => {
  const { events } = reportOfLog(
    'Epoch 0:   6%|██   | 32040/500150 [6:28:43<94:39:17,  1.37it/s, loss=2.5, v_num=95nc, global_step=3.2e+4, consumed_samples=2.56e+7]\n',
  );
  expect(events.slice(0, 2)).toMatchObject([{ data: { maxSteps: 500150 } }, { data: { step: 32040 } }]);
});

test('a report of the Hugging Face Trainer that has its time so far is not its last', () => {
  const report = (loss: string) => `{'loss': '${loss}', 'epoch': '0.0075', 'train_runtime': '110.75'}`;
  const bar = ' 60%|████      | 18/30 [01:50<00:19,  1.65s/it]';
  expect(figuresOf(bar, report('14.75'), report('14.5')).map(({ step, loss }) => [step, loss])).toEqual([
    [18, 14.75],
    [19, 14.5],
  ]);
});

test('a batch’s place in its epoch, in samples: it counts through', () => {
  const line = (epoch: number, at: number, loss: string) =>
    `Train Epoch: ${epoch} [${at}/2000 (${at / 20}%)]\tLoss: ${loss}`;
  expect(
    figuresOf(line(1, 0, '2.25'), line(1, 1600, '1.5'), line(2, 0, '1.25'), line(2, 1600, '1.125')).map(
      ({ step }) => step,
    ),
  ).toEqual([0, 1600, 2000, 3600]);
});

test('bars with a name: ms-swift’s training, SkyRL’s that moves once a step is written', () => {
  const batches = (at: number) =>
    `Training Batches Processed:  ${at}%|███▌      | ${at}/100 [0${at - 40}:00<2:30:00, 60.0s/it]`;
  expect(
    figuresOf(
      batches(41),
      "{'policy/loss': 0.5, 'policy/grad_norm': 0.25}",
      batches(42),
      "{'policy/loss': 0.375, 'policy/grad_norm': 0.25}",
      batches(43),
    ).map(({ batch }) => batch),
  ).toEqual([42, 43]);
  const { events } = reportOfLog(
    "Train:   1%|          | 20/2000 [01:00<99:00,  3.00s/it]\n{'loss': 1.5, 'epoch': 0.01, 'global_step/max_steps': '21/2000'}\nTrain:   1%|          | 21/2000 [01:03<99:00,  3.00s/it]\nVal:  20%|██        | 3/15 [00:30<01:50,  2.5s/it]\n",
  );
  expect(events.slice(0, 2)).toMatchObject([
    { data: { maxSteps: 2000 } },
    { type: 'STEP_COMPLETED', data: { step: 21 } },
  ]);
});
