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
