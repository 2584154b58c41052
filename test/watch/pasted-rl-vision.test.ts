/** Logs of reinforcement learning, vision, robotics and GANs as people paste them, values invented → which steps, with which figures, of which training. */
import { expect, test } from 'vitest';
import { numbersOf, reportsOf, watched } from './report-of-log.ts';

const startsOf = (...lines: string[]) =>
  watched(...lines).events.filter(({ type }) => type === 'TRAINING_STARTED').length;

test.each<[line: (number: number) => string, extra: Record<string, number>]>([
  [n => `Epoch: ${n} G loss 1.25 D loss 0.5`, { 'G loss': 1.25, 'D loss': 0.5 }],
  [n => `Epoch ${n}, G loss: 1.25, D loss: 0.5`, { 'G loss': 1.25, 'D loss': 0.5 }],
  [n => `${n} [D loss: 0.5, acc.: 62.50%] [G loss: 1.25]`, { 'D loss': 0.5, 'G loss': 1.25 }],
  [n => `step ${n}: loss_G: 1.25 loss_D: 0.5`, { loss_G: 1.25, loss_D: 0.5 }],
  [n => `Epoch 1 | Step ${n} | G 1.25 | D 0.5 | lr 2e-4`, { G: 1.25, D: 0.5 }],
  [n => `Iter-${n}; D_loss: 0.5; G_loss: 1.25`, { D_loss: 0.5, G_loss: 1.25 }],
  [n => `>${n}, d1=0.5, d2=0.75 g=1.25`, { d1: 0.5, d2: 0.75, g: 1.25 }],
  [n => `>${n}, d1[0.5] d2[0.75] g[1.25]`, { d1: 0.5, d2: 0.75, g: 1.25 }],
])('losses of a GAN, whose letters are no units: %s', (line, extra) => {
  const reports = reportsOf(line(3), line(4), line(5));
  expect(reports).toMatchObject([3, 4, 5].map(step => ({ step, extra })));
  expect(reports.every(report => report.loss === undefined)).toBe(true);
});

test('a letter directly behind its number, or that ends a part, is its unit: the count was shortened, and is left out', () => {
  const extra = (line: string) => reportsOf(line).map(report => report.extra ?? {});
  expect(extra('step 3 tokens: 7.5K loss: 0.5')).toEqual([{}]);
  expect(extra('step 3 loss: 0.5 tokens: 7.5 K')).toEqual([{}]);
  expect(extra('step 3 | tokens: 7.5 K | loss: 0.5')).toEqual([{}]);
  expect(extra('step 3 tokens: 7.5 K loss: 0.5')).toEqual([{ tokens: 7.5, 'K loss': 0.5 }]);
});

test('epochs that are counted from 0 of so many', () => {
  const line = (epoch: number, batch: number) =>
    `Epoch [${epoch}/5] Batch ${batch}/400 Loss D: 0.5, loss G: 1.25`;
  expect(numbersOf(line(0, 0), line(0, 100), line(1, 0), line(1, 100))).toEqual([0, 100, 400, 500]);
  expect(numbersOf(line(2, 100), line(3, 100))).toEqual([500, 900]);
});

test('a number alone in front of what a line reports; ranks of srun that number their steps stay ranks', () => {
  expect(reportsOf('3: loss 0.5', '4: loss 0.25', '5: loss 0.125')).toMatchObject([
    { step: 3, loss: 0.5 },
    { step: 4, loss: 0.25 },
    { step: 5, loss: 0.125 },
  ]);
  expect(numbersOf('500: train loss 1.5 val loss 1.75', '1000: train loss 1.25 val loss 1.5')).toEqual([
    500, 1000,
  ]);
  const of = (rank: number, step: number) => `${rank}: loss 0.5 step ${step}`;
  const ranks = watched(of(0, 10), of(1, 10), of(0, 20), of(1, 20));
  expect([...new Set(ranks.events.map(({ rank }) => rank))]).toEqual([0, 1]);
  expect(numbersOf('12 GPUs found, loss scale 8')).toEqual([]);
  expect(numbersOf('>1, 2/128, d=0.5, g=0.75', '>1, 3/128, d=0.5, g=0.75')).toEqual([2, 3]);
});

test('names that one space parts, rows of numbers below; prose is no head', () => {
  expect(reportsOf('epoch loss', '0 0.75', '1 0.5', 'done')).toMatchObject([
    { step: 0, loss: 0.75 },
    { step: 1, loss: 0.5 },
  ]);
  expect(reportsOf('iter loss lr', '100 2.5 0.001', '200 2.25 0.001')).toMatchObject([
    { step: 100, loss: 2.5, learningRate: 0.001 },
    { step: 200 },
  ]);
  const prose = ['epoch and loss are written below', 'step,loss', '10,0.5', '20,0.25'];
  expect(reportsOf(...prose)).toMatchObject([{ step: 10, loss: 0.5 }, { step: 20 }]);
  expect(reportsOf('step loss', 'of the first kind', '3 5')).toEqual([]);
});

test('a record of an epoch has its own number, which Keras’ CSV counts from 0', () => {
  expect(numbersOf('epoch,loss', '0,0.5', '1,0.25')).toEqual([1, 2]);
  expect(numbersOf('epoch,loss', '1,0.5', '2,0.25')).toEqual([1, 2]);
});

test('ChainerRL’s scores.txt: evaluations by the environment’s step', () => {
  const head = 'steps\tepisodes\telapsed\tmean\tmedian\tstdev\tmax\tmin\taverage_q\taverage_loss';
  const row = (steps: number) => `${steps}\t80\t90.5\t21.5\t20.0\t4.5\t30.0\t9.0\t0.25\t0.125`;
  const report = (step: number) => ({
    step,
    loss: 0.125,
    rollout: { episodicReturn: 21.5, totalEpisodes: 80 },
  });
  const lines = [head, row(1000), row(2000), row(3000)];
  expect(reportsOf(...lines)).toMatchObject([1000, 2000, 3000].map(report));
  expect(reportsOf(...lines.map(line => line.replaceAll('\t', ' ')))).toMatchObject(
    [1000, 2000, 3000].map(report),
  );
});

test('what someone’s score is called is no round of boosting', () => {
  expect(numbersOf("[10] player's score: 5", "[11] player's score: 7", "[12] player's score: 6")).toEqual([]);
  expect(numbersOf("[10]\tfirst's my_metric: 0.5", "[20]\tfirst's my_metric: 0.25")).toEqual([10, 20]);
  expect(numbersOf("[10] valid_0's my_metric: 0.5", "[20] valid_0's my_metric: 0.25")).toEqual([10, 20]);
  expect(numbersOf("[10] first's auc: 0.5", "[20] first's auc: 0.25")).toEqual([10, 20]);
});

test('trials of RLlib in one log are each their own', () => {
  const table = (trial: string, iteration: number, mean: number) => [
    `Trial ${trial} finished iteration ${iteration} at 2026-01-02 10:00:00. Total running time: 30s`,
    `│ env_runners/episode_return_mean      ${mean} │`,
    '╰──────────────────────────────────────╯',
  ];
  const old = (trial: string, iteration: number, mean: number) => [
    `Result for ${trial}:`,
    `  episode_reward_mean: ${mean}`,
    `  training_iteration: ${iteration}`,
    '',
  ];
  for (const of of [table, old])
    expect(
      reportsOf(...of('A_0', 1, 10.5), ...of('A_1', 1, 20.5), ...of('A_0', 2, 11.5), ...of('A_1', 2, 21.5)),
    ).toMatchObject([
      { rank: 0, batch: 1, rollout: { episodicReturn: 10.5 } },
      { rank: 1, batch: 1, rollout: { episodicReturn: 20.5 } },
      { rank: 0, batch: 2, rollout: { episodicReturn: 11.5 } },
      { rank: 1, batch: 2, rollout: { episodicReturn: 21.5 } },
    ]);
});

test('rlpyt’s tables, also where a page has left one space of several', () => {
  const table = (iteration: number, wide: string) =>
    [
      '-'.repeat(20) + wide + '-'.repeat(12),
      `Diagnostics/Iteration${wide}${iteration}`,
      `Diagnostics/CumTime (s)${wide}964.5`,
      `ReturnAverage${wide}12.5`,
      '-'.repeat(20) + wide + '-'.repeat(12),
    ].map(row => `2026-01-02 10:20:30.456789  | ${row}`);
  for (const wide of ['   ', ' '])
    expect(reportsOf(...table(999, wide), ...table(1999, wide))).toMatchObject([
      { batch: 999, rollout: { episodicReturn: 12.5 } },
      { batch: 1999 },
    ]);
});

test('a block under its number, with a rule, an empty line or the next number behind it; a configuration is none', () => {
  const replicas = (epoch: number) => [
    `epoch: ${epoch}       `,
    'total_steps: 4e+03   ',
    'training/average_episode_return: 15.5    ',
    'policy/loss: 3e-08   ',
    'value_function/average_loss: 112     ',
  ];
  expect(reportsOf(...replicas(1), ...replicas(2))).toMatchObject(
    [1, 2].map(batch => ({
      batch,
      loss: { policy: 3e-8, value: 112 },
      rollout: { episodicReturn: 15.5, totalSteps: 4000 },
    })),
  );
  const gan = (iter: number) => [`Iter: ${iter}`, 'D loss: 1.5', 'G_loss: 0.75', ''];
  expect(reportsOf(...gan(1000), ...gan(2000))).toMatchObject(
    [1000, 2000].map(step => ({ step, extra: { 'D loss': 1.5, G_loss: 0.75 } })),
  );
  expect(
    reportsOf(
      'Epoch: 1',
      'Train Loss: 0.75',
      'Val Loss: 0.5',
      'Epoch: 2',
      'Train Loss: 0.5',
      'Val Loss: 0.5',
    ),
  ).toMatchObject([
    { step: 1, loss: 0.75 },
    { step: 2, loss: 0.5 },
  ]);
  expect(numbersOf('Iteration: 3', 'Cost: 0.5', '-----', 'Iteration: 4', 'Cost: 0.25')).toEqual([3, 4]);
  expect(reportsOf('Step: 10', 'Batch size: 32', 'Workers: 4')).toEqual([]);
});

test('lines of OpenMMLab that a page has wrapped', () => {
  const old = (at: number) => [
    `2026-01-02 10:20:30,456 - mmdet - INFO - Epoch [1][${at}/7330]\tlr: 2.0e-03, eta: 1 day, 4:07:44, time: 0.75,`,
    'data_time: 0.050, memory: 4096, loss_rpn_cls: 0.5, loss_cls: 1.0, acc:',
    '90.5, loss_bbox: 0.25, loss: 1.75',
  ];
  const report = (step: number) => ({
    step,
    stepMs: 750,
    loss: 1.75,
    extra: { acc: 90.5, loss_bbox: 0.25 },
    memory: [{ peakAllocatedBytes: 4 * 2 ** 30 }],
  });
  expect(reportsOf(...old(50), ...old(100))).toMatchObject([50, 100].map(report));
  const engine = (at: number) => [
    `01/02 10:20:30 - mmengine - INFO - Epoch(train)   [1][${at}/2566]  lr: 3.5e-04  eta: 5 days, 16:43:34  time:`,
    '0.75  data_time: 0.05  memory: 4096  loss: 1.75  loss_cls: 1.5',
    'loss_bbox: 0.25  acc: 90.5',
    '01/02 10:20:31 - mmengine - INFO - Saving checkpoint at 1 epochs',
  ];
  expect(reportsOf(...engine(50), ...engine(100))).toMatchObject([50, 100].map(report));
});

test('rows of YOLO under their head: typed, of versions without memory, and of the first one, a row a batch', () => {
  expect(
    reportsOf(
      'Epoch GPU_mem box_loss cls_loss dfl_loss Instances Size',
      '1/90 2.5G 1.25 2.5 1.5 32 640',
      '2/90 2.5G 1.125 2.25 1.5 41 640',
    ),
  ).toMatchObject(
    [1, 2].map(step => ({ step, memory: [{ reservedBytes: 2.5 * 2 ** 30 }], extra: { Size: 640 } })),
  );
  expect(
    reportsOf(
      '     Epoch       box       obj       cls     total   targets  img_size',
      '     5/90     0.0625     0.125     0.250    0.4375        36       640: 100%|##| 211/211 [00:48<00:00]',
      '     6/90     0.0625     0.125     0.125    0.3125        36       640: 100%|##| 211/211 [00:48<00:00]',
    ),
  ).toMatchObject([
    { step: 5, loss: 0.4375, extra: { box: 0.0625, targets: 36 } },
    { step: 6, loss: 0.3125 },
  ]);
  const first = watched(
    '   Epoch    Batch        xy        wh      conf       cls     total  nTargets      time',
    '    0/89    0/499     0.125      0.25       0.5      0.75      2.25        54      1.25',
    '    0/89    1/499     0.125      0.25       0.5      0.50      2.00        54      0.75',
    '    1/89    0/499     0.125      0.25       0.5      0.25      1.75        54      0.75',
  );
  expect(first.numbers).toEqual([0, 1, 500]);
  expect(first.report.run.maxBatches).toBe(90 * 500);
  expect(first.events.find(({ type }) => type === 'STEP_COMPLETED')!.data).toMatchObject({
    loss: 2.25,
    stepMs: 1250,
  });
});

test('fits of Keras one after another: of few epochs each a training, of one epoch counted through', () => {
  const epoch = (number: number, total: number, loss: number) => [
    `Epoch ${number}/${total}`,
    `10/10 [==============================] - 1s 2ms/step - loss: ${loss}`,
  ];
  const two = [0.5, 0.75].flatMap(loss => [...epoch(1, 2, loss), ...epoch(2, 2, loss / 2)]);
  expect(numbersOf(...two)).toEqual([1, 2, 1, 2]);
  expect(watched(...two).report.run).toMatchObject({ state: 'completed', maxBatches: 2 });
  const cut = [...epoch(1, 9, 0.5), ...epoch(2, 9, 0.25), ...epoch(1, 9, 0.75)];
  expect(startsOf(...cut)).toBe(2);
  const ofOne = [0.5, 0.25, 0.125].flatMap(loss => epoch(1, 1, loss));
  expect(reportsOf(...ofOne)).toMatchObject([
    { step: 1, loss: 0.5 },
    { step: 2, loss: 0.25 },
    { step: 3, loss: 0.125 },
  ]);
  expect(watched(...epoch(1, 1, 0.5)).report.run.state).toBe('completed');
  // Every process of a job prints its own head.
  const [head, row] = epoch(1, 3, 0.5) as [string, string];
  expect(startsOf(head, head, row, row, 'Epoch 2/3', 'Epoch 2/3', row, row)).toBe(1);
});

test('Lightning’s bars of another version are of another training', () => {
  const bar = (epoch: number, version: number, loss: number) =>
    `Epoch ${epoch}: 100%|##########| 10/10 [00:01<00:00,  9.9it/s, v_num=${version}, train_loss=${loss}]`;
  const lines = [bar(0, 3, 0.75), bar(1, 3, 0.5), bar(0, 4, 0.625), bar(1, 4, 0.375)];
  expect(numbersOf(...lines)).toEqual([10, 20, 10, 20]);
  expect(startsOf(...lines)).toBe(2);
  expect(startsOf(bar(0, 3, 0.75), bar(1, 3, 0.5), bar(2, 3, 0.25))).toBe(1);
  const at = (done: number) =>
    `Epoch 0:  22%|##        | ${done}/18 [00:17<01:02,  4.47s/it, loss=0.${done}, v_num=3]`;
  expect(startsOf(at(5), at(6), at(7), at(1), at(2), at(3))).toBe(2);
  // A process that is a step or two behind.
  expect(startsOf(at(1), at(2), at(1), at(3), at(2))).toBe(1);
});

test('processes whose output was held back repeat the same figures: no training begins again', () => {
  const line = (step: number, loss: number) => `step ${step} loss ${loss} lr 0.001 gpu_mem 7.5GB`;
  const block = (from: number, to: number, off = 0) =>
    Array.from({ length: (to - from) / 10 + 1 }, (_, i) =>
      line(from + 10 * i, 3 - (from / 10 + i) / 8 + off),
    );
  const two = watched(...block(10, 200), ...block(10, 200), ...block(210, 230), ...block(210, 230));
  expect(two.numbers).toEqual(Array.from({ length: 23 }, (_, i) => 10 * (i + 1)));
  expect(two.reader.counts.repeated).toBe(23);
  expect(two.events.filter(({ type }) => type === 'TRAINING_STARTED')).toHaveLength(1);
  // Other figures, or figures that are always the same, are another training's.
  expect(startsOf(...block(10, 200), ...block(10, 200, 0.25))).toBe(2);
  // So few may be the same of one seed.
  expect(startsOf(...block(10, 60), ...block(10, 60))).toBe(2);
  const same = Array.from({ length: 20 }, (_, i) => `step ${i + 1} loss 0.5`);
  expect(startsOf(...same, ...same)).toBe(2);
});

test('MONAI’s batches under their epoch: those of a text that begins later count through, and the sums between are none', () => {
  const epoch = (number: number) => [
    '-'.repeat(10),
    `epoch ${number}/300`,
    ...[1, 2, 16].map(at => `${at}/16, train_loss: 0.5 step time: 0.75`),
    `epoch ${number} average loss: 0.5`,
    `time consuming of epoch ${number} is: 30.5`,
  ];
  const late = watched('epoch 13 average loss: 0.25', ...epoch(14), ...epoch(15));
  expect(late.numbers).toEqual([209, 210, 224, 225, 226, 240]);
  expect(late.report.run.maxBatches).toBe(4800);
  expect(
    numbersOf('238/240, train_loss: 0.5', '239/240, train_loss: 0.25', 'epoch 2/9', '1/240, train_loss: 0.5'),
  ).toEqual([238, 239, 241]);
  // An epoch is a step where nothing finer follows.
  expect(numbersOf('epoch 13 average loss: 0.5', 'epoch 14 average loss: 0.25')).toEqual([13, 14]);
  expect(numbersOf('epoch 13 average loss: 0.5')).toEqual([13]);
});

test('an epoch of as many as there are is counted from 1', () => {
  const line = (at: string) => `[2026-01-02 10:20:30,456 INFO misc.py] Train: ${at} Data 0.5 (0.5) loss: 0.5`;
  expect(numbersOf(line('[1/1][1/400]'), line('[1/1][2/400]'))).toEqual([1, 2]);
  expect(numbersOf(line('[3/3][1/400]'))).toEqual([801]);
  // The last epoch is not the one before it once more.
  const all = (epochs: number[]) =>
    epochs.flatMap(epoch => [line(`[${epoch}/3][1/400]`), line(`[${epoch}/3][400/400]`)]);
  expect(numbersOf(...all([1, 2, 3]))).toEqual([1, 400, 401, 800, 801, 1200]);
  expect(numbersOf(...all([0, 1, 2]))).toEqual([1, 400, 401, 800, 801, 1200]);
});

test('the total of a block’s head is known to what stands above it', () => {
  const text = [
    '             Mean value loss: 0.5000',
    '         Mean surrogate loss: -0.0125',
    '#'.repeat(80),
    '                     Learning iteration 3/10 ',
    '             Mean value loss: 0.2500',
    '                 Mean reward: -4.50',
  ];
  expect(numbersOf(...text)).toEqual([2, 3]);
  expect(watched(...text).report.run.maxBatches).toBe(10);
});

test('updates of pytorch-a2c-ppo-acktr-gail and of MAPPO, their rewards on the next line', () => {
  const old = (number: number) => [
    `Updates ${number}, num timesteps ${number * 2048}, FPS 846`,
    ' Last 10 training episodes: mean/median reward 415.5/414.5, min/max reward 396.5/426.5',
    '',
  ];
  const mappo = (number: number) => [
    ` Map 3m Algo rmappo Exp check updates ${number}/90 episodes, total num timesteps ${number * 2048}/184320, FPS 846.`,
    'average episode rewards is 415.5.',
  ];
  const report = (batch: number) => ({
    batch,
    rollout: { totalSteps: batch * 2048, episodicReturn: 415.5 },
    timing: { stepsPerSecond: 846 },
  });
  for (const of of [old, mappo]) expect(reportsOf(...of(4), ...of(5))).toMatchObject([4, 5].map(report));
  expect(watched(...mappo(4), ...mappo(5)).report.run.maxBatches).toBe(90);
});

test('reports that number nothing are counted, two of the same figures at the least', () => {
  const line = (loss: number) =>
    `INFO:optimizer:steps_per_s=1000.5, avg_weight_age=1.5, loss=${loss}, entropy=1.125`;
  const counted = watched(line(0.5), line(0.25), line(0.125));
  expect(counted.numbers).toEqual([1, 2, 3]);
  expect(counted.events[0]!.data).toMatchObject({ config: { numbered: 'reports' } });
  expect(
    reportsOf(
      'Time 02h 06m 39s, episode reward 20.0, episode length 1799',
      'Time 02h 07m 54s, episode reward 21.0, episode length 1703',
    ),
  ).toMatchObject([{ rollout: { episodicReturn: 20 } }, { rollout: { episodicReturn: 21 } }]);
  expect(numbersOf('precision=0.5, recall=0.25, loss=0.75')).toEqual([]);
  expect(numbersOf('lr=0.1, loss=0.75', 'precision=0.5, recall=0.25, loss=0.75')).toEqual([]);
  expect(numbersOf('step 3, lr=0.1, loss=0.75', 'lr=0.1, loss=0.75', 'lr=0.1, loss=0.5')).toEqual([3]);
});

test.each<[name: string, lines: string[], expected: Record<string, unknown>[]]>([
  [
    'Acme: the learner’s steps, whatever the actors’ are',
    [2, 3].map(
      step =>
        `I0102 10:20:30.456789 140563283464576 terminal.py:91] [Learner] Actor Episodes = 1 | Actor Steps = 825 | Learner Steps = ${step} | Loss = -0.375`,
    ),
    [
      { step: 2, loss: -0.375 },
      { step: 3, loss: -0.375 },
    ],
  ],
  [
    'episodes of which no more than their length is printed',
    [10, 20].map(episode => `Episode ${episode}\tLast length:    13\tAverage length: 10.75`),
    [10, 20].map(step => ({ step, extra: { 'Last length': 13, 'Average length': 10.75 } })),
  ],
  [
    'iterations through all epochs beside the steps of one',
    [
      'epoch :  9  iter :  1200  step :  32  loss :  2.75',
      'epoch :  9  iter :  1210  step :  42  loss :  2.5',
    ],
    [
      { step: 1200, loss: 2.75 },
      { step: 1210, loss: 2.5 },
    ],
  ],
  [
    'the environment’s steps, where a loop has no others',
    ['env step: 5000 | loss: 0.5 | reward: 2.5'],
    [{ step: 5000, loss: 0.5, rollout: { episodicReturn: 2.5 } }],
  ],
  [
    'SLM-Lab: the optimizer’s step',
    [
      '[2026-01-02 10:20:30,456 PID:35 INFO __init__.py log_summary] Trial 0 session 1 dqn [train_df] epi: 103  t: 188  opt_step: 17000  total_reward: 154  loss: 0.25  lr: 0.125',
    ],
    [{ step: 17000, loss: 0.25, rollout: { episodicReturn: 154 } }],
  ],
  [
    'a learning rate of each group in a tuple',
    [
      '26-01-02 10:20:30.456 - INFO: [epoch:  0, iter:     600, lr:(1.250e-04,)] l_g_pix: 4.0e-04 l_d_real: 1.25e-04',
    ],
    [{ step: 600, learningRate: 1.25e-4 }],
  ],
  [
    'accuracies of the first one and five',
    ['Epoch: [0][  21/1400]   Time  1.25 ( 4.0)    Loss 6.75e+00 (6.5e+00)    Acc@1   0.25 (  0.11)'],
    [{ step: 21, loss: 6.75, extra: { 'Acc@1': 0.25 } }],
  ],
  [
    'keras-rl’s count in a page’s list',
    ['20.  43587/50000: episode: 588, episode steps: 180, episode reward: 180.500, loss: 4.5'],
    [{ step: 43587, loss: 4.5, rollout: { episodicReturn: 180.5 } }],
  ],
  [
    'OpenMMLab: figures that a page sets in bold',
    [
      '2026-01-02 10:20:30,456 - mmdet - INFO - Epoch [1][150/5808]\tlr: 1.0e-02, time: 0.75, acc: 92.7**5, loss_bbox: nan, loss: nan**',
    ],
    [{ step: 150, loss: 'NaN', extra: { acc: 92.75, loss_bbox: 'NaN' } }],
  ],
  [
    'OpenMMLab: lines that an editor has cut',
    [
      '2026-01-02 10:20:30,456 - mmdet - INFO - Epoch [1][250/2500]    lr: 0.00125, eta: 1 day, 15:06:01, time: 1.75, loss_bbox: 0.375$',
      ' loss_mask: 0.5, loss: 1.75                                                                      ',
    ],
    [{ step: 250, loss: 1.75, extra: { loss_bbox: 0.375, loss_mask: 0.5 } }],
  ],
])('%s', (_, lines, expected) => {
  expect(reportsOf(...lines)).toMatchObject(expected);
});
