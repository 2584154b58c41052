/** More logs of reinforcement learning and vision as people paste them, values invented: tables with rounded numbers, heads above losses, Ctrl-C, trainings side by side. */
import { expect, test } from 'vitest';
import { numbersOf, reportsOf, watched } from './report-of-log.ts';

const endOf = (...lines: string[]) =>
  watched(...lines)
    .events.filter(({ type }) => type === 'TRAINING_COMPLETED' || type === 'TRAINING_FAILED')
    .at(-1)?.data;

test('tables of improved-diffusion, whose steps are rounded to three digits', () => {
  const table = (step: string, loss: string) => [
    '-'.repeat(24),
    `| grad_norm | 0.125    |`,
    `| loss      | ${loss.padEnd(9)}|`,
    `| loss_q0   | 0.25     |`,
    `| step      | ${step.padEnd(9)}|`,
    '-'.repeat(24),
  ];
  expect(reportsOf(...table('1.11e+04', '0.0625'))).toMatchObject([
    { step: 11100, loss: 0.0625, gradNorm: 0.125, extra: { loss_q0: 0.25 } },
  ]);
  const from = ['980', '990', '1e+03', '1.01e+03', '1.02e+03'].flatMap(step => table(step, '0.5'));
  expect(numbersOf(...from)).toEqual([980, 990, 1000, 1010, 1020]);
  // As far as nothing shows the distance, tables of one rounded number are one.
  expect(numbersOf(...table('1.11e+04', '0.5'), ...table('1.11e+04', '0.25'))).toEqual([11100]);
  // A table of anything else that has a step.
  expect(
    numbersOf('-'.repeat(24), '| step      | 3        |', '| eta       | 4        |', '-'.repeat(24)),
  ).toEqual([]);
});

test('an epoch and its batch, each in brackets: the epoch is counted from 1, its batches from 0', () => {
  const line = (epoch: number, iter: number) =>
    `[session 1][epoch ${String(epoch).padStart(2)}][iter ${String(iter).padStart(4)}/ 600] loss: 0.5000, lr: 1.00e-03`;
  expect(numbersOf(line(1, 0), line(1, 100), line(2, 0))).toEqual([0, 100, 600]);
  expect(numbersOf(line(16, 500), line(17, 0))).toEqual([9500, 9600]);
});

test('lines of ssd.pytorch and its heirs', () => {
  expect(
    reportsOf('iter 20 || Loss: 4.5000 || timer: 0.2500 sec.', 'iter 30 || Loss: nan || timer: 0.2500 sec.'),
  ).toMatchObject([
    { step: 20, loss: 4.5, stepMs: 250 },
    { step: 30, loss: 'NaN', stepMs: 250 },
  ]);
  expect(
    reportsOf(
      'Epoch:2 || epochiter: 5/15|| Totel iter 20 || L: 2.5000 C: nan||Batch time: 0.5000 sec. ||LR: 0.00100000',
    ),
  ).toMatchObject([{ step: 20, stepMs: 500, learningRate: 0.001, extra: { loss_l: 2.5, loss_c: 'NaN' } }]);
  const faces = watched(
    'Epoch:1/250 || Epochiter: 2/400 || Iter: 2/100000 || Bbox: 4.5 Cla: 20.5 Landm: 9.5 || LR: 0.00100000 || Batchtime: 0.5000 s || ETA: 1 day, 10:00:00',
  );
  expect(faces.numbers).toEqual([2]);
  expect(faces.report.run.maxBatches).toBe(100000);
});

test('an epoch and its batch alone on a line: the losses stand below', () => {
  const block = (batch: number, loss: number) => [
    `Epoch 1 Batch ${batch}`,
    'Training first discriminator..',
    `Initial batch losses :  Generator loss ${loss} Discriminator loss 0.5 Total: 0.75`,
    `Final batch losses (after updates) :  Generator loss ${loss / 2} Discriminator loss 0.5 Total: 0.75`,
    '',
  ];
  expect(reportsOf(...block(1856, 0.25), ...block(1857, 0.125))).toMatchObject([
    { step: 1856, extra: { 'Generator loss': 0.25, 'Discriminator loss': 0.5 } },
    { step: 1857, extra: { 'Generator loss': 0.125 } },
  ]);
  // Nothing of a training stands below.
  expect(numbersOf('Epoch 1 Batch 5', 'val loss: 0.5', 'Epoch 1 Batch 6', 'saved')).toEqual([]);
});

test('DeepRL: the steps in front of the returns', () => {
  const line = (steps: number) =>
    `2026-01-02 10:20:30,456 - root - INFO: total steps ${steps}, returns 21.50/19.00/9.00/40.00 (mean/median/min/max), 1290.12 steps/s`;
  expect(reportsOf(line(2048), line(4096))).toMatchObject([
    { step: 2048, rollout: { episodicReturn: 21.5 } },
    { step: 4096, rollout: { episodicReturn: 21.5 } },
  ]);
  expect(
    reportsOf('2026-01-02 10:20:30,456 - root - INFO: steps 61440, episodic_return_train 25.5'),
  ).toMatchObject([{ step: 61440, rollout: { episodicReturn: 25.5 } }]);
});

test('SLM-Lab: sessions of a trial stand side by side', () => {
  const line = (session: number, step: number, reward: number) =>
    `[2026-01-02 10:20:30,456 PID:6067 INFO __init__.py log_summary] Trial 0 session ${session} dqn_t0_s${session} [train_df] epi: 12  t: 4  opt_step: ${step}  total_reward: ${reward}  loss: 0.5  lr: 0.01`;
  const ranks = reportsOf(line(0, 100, 15), line(1, 100, 17), line(0, 200, 19), line(1, 200, 21));
  expect(ranks.map(({ rank, step }) => [rank, step])).toEqual([
    [0, 100],
    [1, 100],
    [0, 200],
    [1, 200],
  ]);
});

test('Ctrl-C as a terminal shows it: the training was interrupted, unless it goes on or had finished', () => {
  const steps = ['step 100, loss 0.5', 'step 110, loss 0.25'];
  expect(endOf(...steps, '^C')).toEqual({ reason: 'interrupted' });
  expect(endOf(...steps, '^C', 'user@host:~/runs$ ')).toEqual({ reason: 'interrupted' });
  expect(
    endOf(
      ...steps,
      '^CTraceback (most recent call last):',
      '  File "a.py", line 3, in <module>',
      'KeyboardInterrupt',
    ),
  ).toEqual({
    reason: 'interrupted',
  });
  expect(endOf(...steps, 'Training finished', '^C')).toEqual({ reason: 'finished' });
  expect(endOf(...steps)).toEqual({ reason: 'unknown' });
  const goesOn = [...steps, '^Cstep 120, loss 0.125', 'step 130, loss 0.125'];
  expect(numbersOf(...goesOn)).toEqual([100, 110, 120, 130]);
  expect(endOf(...goesOn)).toEqual({ reason: 'unknown' });
  expect(endOf(...steps, '^C', 'step 120, loss 0.125')).toEqual({ reason: 'unknown' });
  const failed = endOf(...steps, 'RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB', '^C');
  expect(failed).toMatchObject({ ending: { kind: 'out of memory' } });
  expect(endOf('Epoch 1/10', ' 12/50 [=====>......................] - ETA: 1:00 - loss: 0.5000^C')).toEqual({
    reason: 'interrupted',
  });
  expect(
    numbersOf('Epoch 1/10', ' 12/50 [=====>......................] - ETA: 1:00 - loss: 0.5000^C'),
  ).toEqual([1]);
});

test('MONAI’s last words', () => {
  const sum = 'epoch 5 average loss: 0.5000';
  expect(endOf(sum, 'train completed, best_metric: 0.7500 at epoch: 4, total time: 300.5.')).toEqual({
    reason: 'finished',
  });
  expect(endOf(sum, 'train completed, best_metric: 0.7500 at epoch: 4', 'epoch 6 average loss: 0.5')).toEqual(
    {
      reason: 'unknown',
    },
  );
  expect(endOf(sum)).toEqual({ reason: 'unknown' });
});

test('nnU-Net’s losses that are no numbers', () => {
  const at = (text: string) => `2026-01-02 10:20:30.456789: ${text}`;
  expect(
    reportsOf(at('Epoch 0'), at('train_loss nan'), at('val_loss nan'), at('Epoch 1'), at('train_loss -0.5')),
  ).toMatchObject([
    { step: 0, loss: 'NaN' },
    { step: 1, loss: -0.5 },
  ]);
});

test('the meters of PyTorch’s ImageNet example: seconds of a batch beside those for its data', () => {
  const line = 'Epoch: [0][1760/5005]\tTime 1.500 (2.500)\tData 1.250 (2.250)\tLoss 5.5 (6.5)';
  expect(reportsOf(line)).toMatchObject([{ step: 1760, loss: 5.5, stepMs: 1500, extra: { Data: 1.25 } }]);
  // Of a time alone it is not known what it is of.
  expect(reportsOf('Epoch: [0][1760/5005]\tTime 1.500\tLoss 5.5')[0]).not.toHaveProperty('stepMs');
});

test('rows of Keras that a text is cut in are its epoch’s, not steps of a loop', () => {
  const row = (at: number) => ` ${at}/400 [${'.'.repeat(30)}] - ETA: 900s - loss: 0.5000 - acc: 0.2500`;
  expect(reportsOf('Epoch 1/200', row(1), row(2), row(3), row(4), ' 17/400 [>......')).toMatchObject([
    { step: 1, loss: 0.5, extra: { acc: 0.25 } },
  ]);
});

test('figures in front of a bar, behind its epoch; a bar of a validation’s alone is none', () => {
  const bar = (epoch: number, loss: number) =>
    `Epoch ${epoch}:g_loss=${loss},d_loss=-8.5: 100%|█| 250/250 [17:29<00:00, 2.38`;
  expect(
    reportsOf(bar(48, 0.5), 'val_d_loss=-16.25, val_g_loss=14.5: 100%|█| 25/25 [', bar(49, 0.25)),
  ).toMatchObject([
    { step: 12250, extra: { g_loss: 0.5, d_loss: -8.5 } },
    { step: 12500, extra: { g_loss: 0.25, d_loss: -8.5 } },
  ]);
});

test('the loss of a step by Lightning’s name for it', () => {
  expect(
    reportsOf(
      'train/loss_simple_step,train/loss_step,global_step,epoch',
      '0.25,0.5,49.0,0',
      '0.125,0.25,99.0,0',
    ),
  ).toMatchObject([
    { step: 49, loss: 0.5, extra: { 'train/loss_simple_step': 0.25 } },
    { step: 99, loss: 0.25 },
  ]);
});

test('bars of a page that draws none between the share and the count', () => {
  const bar = (at: number, rate: string) =>
    `Epoch 0:  97% ${at}/1702 [13:00<00:24,  ${rate}, loss=0.125, v_num=0]`;
  expect(reportsOf(bar(1651, '2.11it/s'), bar(1652, '2.11it/s'))).toMatchObject([
    { step: 1651, loss: 0.125 },
    { step: 1652, loss: 0.125 },
  ]);
  expect(numbersOf(bar(1651, '2.11s/it'))).toEqual([1651]);
  // A share and a fraction of something else.
  expect(numbersOf('step 3 loss 0.5 97% 4/5 done')).toEqual([3]);
});

test('control characters as SageMaker shows them', () => {
  const rank = (number: number) => `[1,mpirank:${number},algo-1]<stdout>:`;
  const lines = (number: number, loss: number) => [
    `${rank(number)}#015Epoch 0:  50% 1/2 [00:00<00:00,  6.54it/s, loss=${loss}, v_num=0]`,
    `${rank(number)}#015Validation DataLoader 0: 100% 1/1 [00:00<00:00, 1113.73it/s]#033[A`,
    `${rank(number)}#015Epoch 0:   0% 0/2 [00:00<?, ?it/s, loss=${loss}, v_num=0]        #015Epoch 1:  50% 1/2 [00:00<00:00, 35.14it/s, loss=${loss}, v_num=0]`,
  ];
  const ranks = reportsOf(...lines(0, 0.5), ...lines(1, 0.25));
  expect(ranks.map(({ rank: of, step, loss }) => [of, step, loss])).toEqual([
    [0, 1, 0.5],
    [0, 3, 0.5],
    [1, 1, 0.25],
    [1, 3, 0.25],
  ]);
});

test('returns in words, and games for episodes', () => {
  expect(reportsOf('Total rewards in episode 73 is 3.75 total number of steps are 3626')).toMatchObject([
    { step: 73, rollout: { episodicReturn: 3.75 } },
  ]);
  expect(
    reportsOf('Game number: 010590  Frame number: 07943478  Average reward: 115.5  Time taken: 69.5s'),
  ).toMatchObject([{ step: 10590, rollout: { episodicReturn: 115.5 } }]);
  expect(numbersOf('Game number: 010590  Frame number: 07943478')).toEqual([]);
});

test('Acme: steps of the environment’s loop are none of the learner’s, wherever the text begins', () => {
  const loop = (steps: number) =>
    `[Environment Loop] Episode Length = 764 | Episode Return = -21.000 | Episodes = 2 | Steps = ${steps} | Steps Per Second = 37.277`;
  const learner = (steps: number) => `[Learner] Loss = 0.125 | Steps = ${steps} | Walltime = 4.277`;
  expect(numbersOf(loop(1528), learner(70), learner(87), loop(2404), learner(190))).toEqual([70, 87, 190]);
  expect(reportsOf(loop(1528), loop(2404))).toMatchObject([
    { step: 1528, rollout: { episodicReturn: -21 } },
    { step: 2404, rollout: { episodicReturn: -21 } },
  ]);
});

test('BasicSR’s seconds of an iteration; a time beside a return is of no step', () => {
  expect(
    reportsOf(
      '2026-01-02 10:20:30,456 INFO: [My_ES..][epoch:207, iter:  20,100, lr:(1.000e-04,)] [eta: 1 day, 18:13:17, time (data): 0.375 (0.002)] l_g_pix: 3.125e-02',
    ),
  ).toMatchObject([{ step: 20100, stepMs: 375, extra: { l_g_pix: 0.03125 } }]);
  expect(reportsOf('steps: 24999, episodes: 1000, mean episode reward: -664.5, time: 54.5')).toEqual([
    {
      rank: 0,
      step: 24999,
      rollout: { episodicReturn: -664.5 },
      extra: { episodes: 1000, time: 54.5 },
    },
  ]);
});

test('a page’s table without bars at its sides; names of containers stay those of docker compose', () => {
  expect(
    reportsOf('epoch | train loss | val loss', '-- | -- | --', '5 | 0.5 | 0.75', '10 | 0.25 | 0.5'),
  ).toMatchObject([
    { step: 5, loss: 0.5 },
    { step: 10, loss: 0.25 },
  ]);
  expect(numbersOf('trainer-1  | step 3 loss 0.5', 'step-1  | step 4 loss 0.5')).toEqual([3, 4]);
});

test('batches of an epoch that does not show how many it has', () => {
  const line = (epoch: number, batch: number) => `[${epoch}/30][${batch}] D_Loss: 0.5 G_Loss: 2.5`;
  expect(numbersOf(line(0, 6), line(0, 7), line(0, 8), line(1, 0), line(1, 1))).toEqual([6, 7, 8, 9, 10]);
});

test('a step at the end of each line, beside a count that is a figure', () => {
  const line = (text: string) => `2026-01-02_10:20:30.45 ${text}  step:2`;
  expect(
    reportsOf(line('train_step: 10000'), line('train_loss: 0.5'), line('train_ma_ce_loss: 0.25')),
  ).toMatchObject([{ step: 2, loss: 0.5 }]);
  expect(numbersOf('train_step 300 loss 0.5', 'train step: 400, loss 0.5')).toEqual([300, 400]);
});

test('a shell’s word of another language behind a bar', () => {
  const step = '2026-01-02 10:20:30,456 - mmseg - INFO - Iter [1100/40000]\tlr: 1e-03, time: 0.5, loss: 0.25';
  expect(endOf(step, '[>>>>> ] 3217/3849, 4.0 task/s, elapsed: 799s, ETA: 157s已杀死')).toMatchObject({
    ending: { kind: 'signal', signal: 9 },
  });
  expect(endOf(step, '进程没有已杀死')).toEqual({ reason: 'unknown' });
});

test('fastai’s first table, of which a page left one space of several', () => {
  expect(
    reportsOf(
      'epoch train loss valid loss accuracy_thresh f2_opt',
      '0 nan nan 0.9375 0.0',
      '1 0.5 0.75 0.9375 0.25',
    ),
  ).toMatchObject([
    { step: 0, loss: 'NaN', extra: { valid_loss: 'NaN', f2_opt: 0 } },
    { step: 1, loss: 0.5, extra: { valid_loss: 0.75 } },
  ]);
});

test('RSL-RL’s rate in a line that a terminal has cut', () => {
  expect(
    reportsOf(
      '                     Learning iteration 8391/10000',
      '                       Computation: 14963 steps/s (collection: 6.500s, learning',
      '0.163s)',
      '               Value function loss: inf',
      '                 Mean total reward: 25.50',
    ),
  ).toMatchObject([
    {
      batch: 8391,
      timing: { stepsPerSecond: 14963, rolloutMs: 6500 },
      loss: { value: 'Infinity' },
      rollout: { episodicReturn: 25.5 },
    },
  ]);
});

test('an iteration alone on a line, and epochs of its data between it and its figures', () => {
  const at = (text: string) => `2026-01-02 10:20:30,456 INFO     ${text}`;
  const iteration = (number: number, loss: number) => [
    at(`iteration ${number}/10000`),
    at(' epoch 1/2'),
    at(' epoch 2/2'),
    at(`steps_per_s=443.5, loss=${loss}, entropy=7.5`),
  ];
  const text = watched(
    at(' epoch 2/2'),
    at('steps_per_s=443.5, loss=0.75, entropy=7.5'),
    ...iteration(9, 0.5),
    ...iteration(10, 0.25),
  );
  expect(text.numbers).toEqual([9, 10]);
  expect(text.report.run.maxBatches).toBe(10000);
});
