/** Excerpts of trainers of reinforcement learning and vision as people paste them, values invented: begun, cut, quoted, behind an error. */
import { expect, test } from 'vitest';
import { expectAnswer } from './pasted.ts';
import { reportOfLog } from './report-of-log.ts';

const figuresOf = (...lines: string[]) =>
  reportOfLog(`${lines.join('\n')}\n`).events.flatMap(({ type, rank, data }) =>
    type === 'STEP_COMPLETED' || type === 'PPO_UPDATE_COMPLETED'
      ? [{ rank, ...data } as Record<string, unknown>]
      : [],
  );
const reportOf = (...lines: string[]) => reportOfLog(`${lines.join('\n')}\n`).report;

const TABLE = [
  '| rollout/                |             |',
  '|    ep_rew_mean          | 0.625       |',
  '| time/                   |             |',
  '|    fps                  | 310         |',
  '|    iterations           | 12          |',
  '|    total_timesteps      | 24576       |',
  '| train/                  |             |',
  '|    approx_kl            | 0.0125      |',
  '|    value_loss           | 0.375       |',
];
const RULE = '-----------------------------------------';

test('Stable-Baselines3: a table in a comment, one that a text begins in, one that it ends in', () => {
  const update = { batch: 11, policy: { approxKl: 0.0125 }, rollout: { totalSteps: 24576 } };
  expect(figuresOf(...[RULE, ...TABLE, RULE].map(line => `# ${line}`))).toMatchObject([
    { ...update, loss: { value: 0.375 } },
  ]);
  expect(figuresOf('time/                   |             |', ...TABLE.slice(3), RULE)).toMatchObject([
    update,
  ]);
  const [cut] = figuresOf(RULE, ...TABLE.slice(0, -1), '|    value_loss           | 0.3');
  expect(cut).toMatchObject(update);
  expect(cut).not.toHaveProperty('loss');
  // What follows a row that was cut is of another table, as far as is known.
  expect(figuresOf(RULE, ...TABLE.slice(0, 7), '|    approx_kl   ', TABLE.at(-1)!, RULE)).toEqual([]);
});

test('Tianshou: a bar without an end, also one that the text cuts, is an update', () => {
  const bar = (epoch: number, rest: string) =>
    `Epoch #${epoch}: 20001it [00:20, 1000.54it/s, env_step=${epoch}0000, len=210, loss=-0.5, loss/clip=-0.25, loss/vf=0.125, n/ep=7, rew=${rest}`;
  expect(figuresOf(bar(2, '120.50]'), bar(4, '150.25]'), bar(6, '16'))).toMatchObject([
    { batch: 20000, loss: { policy: -0.25, value: 0.125 }, rollout: { episodicReturn: 120.5 } },
    { batch: 40000, rollout: { episodicReturn: 150.25, episodicLength: 210 } },
    { batch: 60000, loss: { policy: -0.25 } },
  ]);
});

test('ML-Agents: a time that ends its sentence, a group’s reward beside that of one', () => {
  const line = (step: number) =>
    `[INFO] Pushers. Step: ${step}. Time Elapsed: 71.907 s. Mean Reward: 0.250. Mean Group Reward: 0.5. Training.`;
  expect(figuresOf(line(20000), line(40000))).toMatchObject([
    { step: 20000, rollout: { episodicReturn: 0.25 }, extra: { 'Mean Group Reward': 0.5 } },
    { step: 40000 },
  ]);
});

test('Ray Tune: no trial is left', () => {
  const table = (state: string) => [
    '| Trial name      | status     | loc |   iter |   ts | reward |',
    `| PPO_a_1         | ${state} |     |     25 | 9000 |  136.5 |`,
  ];
  const log = (account: string, state: string) =>
    reportOf('== Status ==', account, ...table(state)).run.state;
  expect(log('Number of trials: 1 (1 TERMINATED)', 'TERMINATED')).toBe('completed');
  expect(log('Number of trials: 2/2 (2 TERMINATED)', 'TERMINATED')).toBe('completed');
  expect(log('Number of trials: 1/4 (1 TERMINATED)', 'TERMINATED')).toBe('unknown');
  expect(log('Number of trials: 2 (1 RUNNING, 1 TERMINATED)', 'TERMINATED')).toBe('unknown');
});

test('Darknet: a line a batch, quoted or not; its number is no rank of srun', () => {
  const line = (number: string) =>
    `${number}: 0.250000, 0.375000 avg loss, 0.001000 rate, 2.500000 seconds, 4096 images, 3.5 hours left`;
  const layer = 'Region Avg IOU: 0.494297, Class: 0.916284, Obj: 0.380216, count: 22';
  const steps = [
    { rank: 0, step: 7766, loss: 0.25, learningRate: 0.001, stepMs: 2500, extra: { 'avg loss': 0.375 } },
    { rank: 0, step: 7767 },
  ];
  expect(figuresOf(line(' 7766'), layer, line(' 7767'))).toMatchObject(steps);
  expect(figuresOf(`> ${line('7766')}`, `> ${line('7767').replace(' avg loss', ' avg')}`)).toMatchObject(
    steps,
  );
  expect(figuresOf(' 3: -nan, -nan avg loss, 0.000000 rate, 2.5 seconds, 192 images')).toMatchObject([
    { step: 3, loss: 'NaN' },
  ]);
});

test('icefall: each rank’s lines are its own', () => {
  const line = (rank: number, loss: number) =>
    `2026-03-01 10:00:00,891 INFO [train.py:908] (${rank}/4) Epoch 1, batch 50, loss[loss=${loss}, simple_loss=0.7, over 2402.00 frames.], batch size: 9, lr: 2.41e-03`;
  expect(figuresOf(line(1, 0.25), line(0, 0.5))).toMatchObject([
    { rank: 1, step: 50, loss: 0.25 },
    { rank: 0, step: 50, loss: 0.5 },
  ]);
});

test('DETR’s logger without the name of an epoch, its bars beside it', () => {
  expect(
    figuresOf(
      '  [  40/9000]  eta: 2 days, 1:26:42  lr: 0.000010  class_error: 16.46  loss: 10.25 (15.4)  loss_ce: 2.5 (4.2)  time: 8.5  data: 0.001  max mem: 8629',
      '  0%|▎                      | 40/9000 [03:40<61:12:11, 22.30s/it]',
      '  0%|▎                      | 41/9000 [03:48<61:12:11, 22.30s/it]',
    ),
  ).toMatchObject([{ step: 40, loss: 10.25, memory: [{ peakAllocatedBytes: 8629 * 2 ** 20 }] }]);
});

test('a block that a text begins in the midst of is of the report before the first head', () => {
  expect(
    figuresOf(
      '2026-03-01 00:10:09.574858: train_loss -0.125',
      '2026-03-01 00:10:09.575069: val_loss -0.5',
      '2026-03-01 00:10:09.575204: Epoch time: 62.5 s',
      '2026-03-01 00:10:12.176547: Epoch 8',
      '2026-03-01 00:10:12.176640: Current learning rate: 0.00982',
    ),
  ).toMatchObject([{ step: 7, loss: -0.125, stepMs: 62500 }]);
  // What a program prints before its first report is none.
  expect(
    figuresOf('Actor MLP: 3', 'Number of envs: 512', '  Learning iteration 500/900', '  Mean reward: 2.50'),
  ).toMatchObject([{ batch: 500 }]);
});

const THREAD = [
  'Exception in thread Thread-5 (results_loop):',
  'Traceback (most recent call last):',
  '  File "/w/augmenter.py", line 103, in results_loop',
  '    raise RuntimeError("One or more background workers are no longer alive. Exiting. "',
  'RuntimeError: One or more background workers are no longer alive. Exiting. Please check above',
];

test('the error of a thread that hands batches on is not survived by what was under way', () => {
  const { failure, run } = reportOf(
    ...THREAD,
    '2026-03-01 00:10:09.574858: train_loss -0.125',
    '2026-03-01 00:10:09.575204: Epoch time: 62.5 s',
    '2026-03-01 00:10:12.176431: ',
    '2026-03-01 00:10:12.176547: Epoch 8',
    '2026-0',
  );
  expect(run.state).toBe('failed');
  expect(failure?.message).toBe(THREAD.at(-1)!.slice('RuntimeError: '.length));
});

test.each([
  '[                    ] 0/1113, elapsed: 0s, ETA:',
  ' 40%|████      | 4/10 [00:04<00:06, 1.00s/it]',
  '^C',
])('what stands in front of a traceback’s head may be of that line alone: %s', front => {
  const { failure } = reportOf(
    'iter 7: loss 0.5',
    `${front}Traceback (most recent call last):`,
    '  File "/w/train.py", line 17, in step',
    '    raise NotImplementedError',
    'NotImplementedError',
  );
  expect(failure).toMatchObject({ errorType: 'NotImplementedError', batch: 7 });
});

test('YOLO’s bar without its head: the epoch and the memory alone, of old versions in powers of ten', () => {
  const bar =
    '   0/299     15.8G      3.99     0.358         0      4.35        22       608:  63% 34/54 [00:42<00:25,  1.26s/it]';
  const error =
    'RuntimeError: CUDA out of memory. Tried to allocate 2.00 MiB (GPU 0; 15.90 GiB total capacity; 14.37 GiB already allocated; 1.88 MiB free; 15.03 GiB reserved in total by PyTorch)';
  expect(figuresOf(bar)).toEqual([
    { rank: 0, step: 0, memory: [{ device: 'cuda', reservedBytes: 15.8e9, resolutionBytes: 1e8 }] },
  ]);
  // Drawn behind the error, it is of the epoch that the error ended.
  expect(reportOf(error, bar).run.state).toBe('failed');
  const head = '      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size';
  const row =
    '       2/30      12.4G      1.532      1.147     0.9432       2202        640: 100% 79/79 [01:20<00:00]';
  const version = (name: string) => `Ultralytics ${name} 🚀 Python-3.10.9 torch-2.0 CUDA:0 (Card, 24576MiB)`;
  expect(figuresOf(version('YOLOv8.0.18'), head, row)).toMatchObject([
    { memory: [{ reservedBytes: 12.4e9 }] },
  ]);
  expect(figuresOf(version('8.3.40'), head, row)).toMatchObject([
    { memory: [{ reservedBytes: Math.round(12.4 * 2 ** 30) }] },
  ]);
});

test.each([
  ['已杀死', 'SIGKILL'],
  ['run.sh: 行 3: 12345 已杀死               python train.py', 'SIGKILL'],
  ['段错误 (核心已转储)', 'SIGSEGV'],
  ['Убито', 'SIGKILL'],
  ['Getötet', 'SIGKILL'],
  ['Terminado (killed)', 'SIGKILL'],
  ['Erreur de segmentation (core dumped)', 'SIGSEGV'],
])('a shell of another language: %s', (line, signal) => {
  expect(reportOf('iter 7: loss 0.5', line).failure).toMatchObject({ errorType: signal, batch: 7 });
});

test('LeRobot: steps rounded to thousands are those that the distance before them shows', () => {
  const line = (step: string, loss: number) =>
    `INFO 2026-03-02 08:20:39 ts/train.py:232 step:${step} smpl:2K ep:3 epch:0.12 loss:${loss} grdn:12.5 lr:1.0e-05 updt_s:0.125 data_s:0.001`;
  const steps = ['500', '1K', '2K', '2K', '2K', '3K'].map((step, i) => line(step, i));
  expect(figuresOf(line('250', 9), ...steps).map(({ step, loss }) => [step, loss])).toEqual([
    [250, 9],
    [500, 0],
    // 750, which rounds to 1K; 1000 does not round to 2K.
    [750, 1],
    [2000, 2],
    [3000, 5],
  ]);
  expect(figuresOf(line('31K', 0.5), line('31K', 0.25))).toMatchObject([
    { step: 31000, loss: 0.5, gradNorm: 12.5, stepMs: 125 },
  ]);
});

test('RLlib: a block that a text begins in the midst of, and one that it ends in', () => {
  expect(
    figuresOf(
      '  date: 2026-04-09_07-47-39',
      '  done: false',
      '  episode_len_mean: 1023.5',
      '  episode_reward_mean: -21.5',
      '  timesteps_total: 7000',
      '  training_iteration: 7',
      '  ',
      'Result for DDPG_a_0:',
      '  episode_reward_mean: -955.5',
      '  iterations_since_restore: 8',
      '  times',
    ),
  ).toMatchObject([
    { batch: 7, rollout: { episodicReturn: -21.5, totalSteps: 7000 } },
    { batch: 8, rollout: { episodicReturn: -955.5 } },
  ]);
  // Gone on from a checkpoint, its own number counts.
  expect(
    figuresOf(
      'Result for A_0:',
      '  episode_reward_mean: 2.5',
      '  iterations_since_restore: 3',
      '  training_iteration: 9',
    ),
  ).toMatchObject([{ batch: 9 }]);
});

test('detectron2 writes its last figures behind the error that ended it', () => {
  const line = (iter: number) =>
    `[03/02 00:46:12 d2.utils.events]:  eta: 1:00:00  iter: ${iter}  total_loss: 14.5  time: 2.5  lr: 2.5e-07  max_mem: 13446M`;
  const error = [
    'Traceback (most recent call last):',
    '  File "/w/train_loop.py", line 149, in train',
    '    self.run_step()',
    'FloatingPointError: Loss became infinite or NaN at iteration=97!',
  ];
  const report = reportOf(
    line(79),
    'ERROR [03/02 00:47:49 d2.engine.train_loop]: Exception during training:',
    ...error,
    '[03/02 00:47:49 d2.engine.hooks]: Overall training speed: 95 iterations in 0:03:50 (2.43 s / it)',
    line(97),
  );
  expect(report.failure).toMatchObject({ errorType: 'FloatingPointError', batch: 97 });
  expect(report.verdict.says).toContain('diverged');
  // A loop that caught it, and went on.
  expect(reportOf(line(79), ...error, line(99)).failure).toBeNull();
});

test('batches that are counted from 0 go on behind the last of the epoch before', () => {
  const line = (epoch: number, batch: number) =>
    `2026-04-28 21:19:20,992 INFO [train.py:755] Epoch ${epoch}, batch ${batch}, loss[loss=0.5, over 2475.00 frames.]`;
  expect(figuresOf(line(0, 66), line(1, 0), line(1, 1)).map(({ step }) => step)).toEqual([66, 67, 68]);
});

test('Python’s own logging in front of an epoch and a step', () => {
  const line = (epoch: number, step: number) =>
    `INFO:root:Epoch ${epoch}, Step ${step}, loss: 0.25, disc_loss: 0.5`;
  expect(figuresOf(line(0, 2000), line(0, 4000), line(1, 2000)).map(({ step }) => step)).toEqual([
    2000, 4000, 6000,
  ]);
});

test('Stable-Baselines 2: SAC’s table, whose columns are not straight', () => {
  expect(
    figuresOf(
      '`-----------------------------------------',
      '| entropy                  | 1.625       |',
      '| mean 100 episode reward | 131         |',
      '| n_updates               | 19800       |',
      '| policy_loss             | -19.25      |',
      '| total timesteps         | 4635        |',
      '-----------------------------------------',
      '`',
    ),
  ).toMatchObject([
    { batch: 19800, loss: { policy: -19.25 }, rollout: { episodicReturn: 131, totalSteps: 4635 } },
  ]);
});

test('SheepRL: the return of an environment, by the step of the policy', () => {
  expect(
    figuresOf(
      'Rank-0: policy_step=46848, reward_env_2=110.5',
      'Rank-0: policy_step=50772, reward_env_3=278.5',
    ),
  ).toEqual([
    { rank: 0, step: 46848, rollout: { episodicReturn: 110.5 } },
    { rank: 0, step: 50772, rollout: { episodicReturn: 278.5 } },
  ]);
});

test('a quotation that a list has moved in', () => {
  expect(
    figuresOf('   > Learning iteration 21/1500', '   > ', '   >       Mean reward: -2.25'),
  ).toMatchObject([{ batch: 21, rollout: { episodicReturn: -2.25 } }]);
});

test.each([
  [
    'TensorFlow’s coordinator ends what it reports',
    "INFO:tensorflow:Error reported to Coordinator: <class 'a.ResourceExhaustedError'>, OOM when allocating tensor with shape[1,50,30,3]",
    'out of memory',
  ],
  ['a worker of nnU-Net', " [Errno 5] Input/output error: '/data/case_1.npy'", 'error'],
])('%s', (_, line, kind) => {
  expect(
    reportOf('INFO:tensorflow:global step 78: loss = 10.5 (0.491 sec/step)', line).failure?.ending?.kind,
  ).toBe(kind);
});

test('a traceback that a page cuts behind its head, after the last words', () => {
  const { failure } = reportOf(
    '2026-07-27 16:43:41 | INFO | yolox.core.trainer:184 - Training of experiment is done and the best AP is 0.00',
    '2026-07-27 16:43:41 | ERROR | yolox.core.launch:104 - An error has been caught in function',
    'Traceback (most recent call last):',
    '```',
  );
  expect(failure?.message).toBe(
    'after the training had finished: the text ends within a traceback, before its error',
  );
});

test('a loss that is no number stands in the answer, also of one update where no finite one is in the text', () => {
  const line = (step: number, loss: string) => `iter ${step}: loss ${loss}\n`;
  expectAnswer({ text: line(7, 'nan'), says: ['not a number at step 7, the newest', 'learning rate'] });
  expectAnswer({
    text: line(7, '0.5') + line(8, 'inf') + line(9, 'inf') + line(10, 'inf'),
    says: ['from step 8 until the newest. The last finite one was at step 7.'],
    never: ['is infinite'],
  });
  // One batch that overflowed, or a loss that is finite again.
  const never = ['not a number', 'infinite'];
  expectAnswer({ text: line(7, '0.5') + line(8, 'nan'), says: [], never });
  expectAnswer({ text: line(7, 'nan') + line(8, '0.5'), says: [], never });
});

test('Stable-Baselines3’s first versions: total timesteps', () => {
  expect(
    figuresOf(
      '---------------------------------',
      '| time/              |          |',
      '|    total timesteps | 10064    |',
      '| train/             |          |',
      '|    actor_loss      | -940     |',
      '|    learning_rate   | 3e-05    |',
      '---------------------------------',
    ),
  ).toMatchObject([{ step: 10064, learningRate: 3e-5, extra: { 'train/actor_loss': -940 } }]);
});

test('a line that a page’s quotation begins on', () => {
  expect(figuresOf('```iter 7: loss 0.5', 'iter 8: loss 0.25', '```')).toMatchObject([
    { step: 7 },
    { step: 8 },
  ]);
});

test('VITS: losses that are no numbers', () => {
  expect(
    figuresOf(
      'INFO:a:Train Epoch: 3 [1%]',
      'INFO:a:[400, 9.9975e-05]',
      'INFO:a:loss_disc=nan, loss_mel=22.5, loss_kl=9.0',
    ),
  ).toMatchObject([{ step: 400, extra: { loss_disc: 'NaN', loss_mel: 22.5 } }]);
});

test('a loss that the Hugging Face Trainer leaves out for it is no number', () => {
  const line = (loss: number, norm: string, epoch: number) =>
    `{'loss': ${loss}, 'grad_norm': ${norm}, 'learning_rate': 5e-05, 'epoch': ${epoch}}\n`;
  const text = (loss: number, norm: string) => [0.1, 0.2, 0.3].map(epoch => line(loss, norm, epoch)).join('');
  expectAnswer({ text: text(0, 'nan'), says: ['not a number'] });
  expectAnswer({ text: text(0, '0.5'), says: [], never: ['not a number'] });
  expectAnswer({
    text: text(2.5, 'nan'),
    says: ['norm was not a number', 'while the loss was finite'],
    never: ['loss was not a number'],
  });
});

test('a text that ends in ^C', () => {
  const text = 'iter 7: loss 0.5\niter 8: loss 0.25\n^C\n';
  expectAnswer({ text, says: ['ends in ^C', 'Colab'] });
  expectAnswer({ text: `${text}iter 9: loss 0.125\n`, says: [], never: ['ends in'] });
});

test('the allocator of PyTorch before 1.0 is PyTorch’s, whatever line it refuses in', () => {
  expectAnswer({
    text: 'THCudaCheck FAIL file=/b/wheel/torch/lib/THC/generic/THCStorage.cu line=66 error=2 : out of memory\n',
    says: ['Out of GPU memory'],
    never: ['not at PyTorch'],
  });
});

test('a bar of one epoch, whatever draws it, is no training’s end', () => {
  const log = [
    'Epoch: [68 | 200] LR: 0.100000',
    'Training |################################| (1024/1024) Data: 0.075s | Batch: 0.190s | Loss: 0.5',
  ];
  expect(reportOf(...log).run).toMatchObject({ state: 'unknown', maxBatches: null });
});

test('LeRobot’s older lines; a main loss beside others', () => {
  expect(
    figuresOf('step:200 smpl:2K ep:3 epch:0.06 Loss:2.5 grdn: 14.25 lr: 10e-05 updt_s:1.25 data_s:0.010'),
  ).toMatchObject([{ step: 200, loss: 2.5, gradNorm: 14.25, learningRate: 1e-4 }]);
  expect(
    figuresOf('05-04 14:36:03.238 [epoch 0], [iter 736 / 744], [train main loss 0.5], [lr 0.01]'),
  ).toMatchObject([{ step: 736, loss: 0.5 }]);
});
