/** Logs of agents that learn by reinforcement as people paste them, values invented: rewards of one step, heads with a time, environments that end together. */
import { expect, test } from 'vitest';
import { numbersOf, reportsOf } from './report-of-log.ts';

test('beside an action a reward is that of one step, and no return', () => {
  const step = (at: number, loss = '') =>
    `TIMESTEP ${at} / STATE train / EPSILON 0.1 / ACTION 0 / REWARD 0.5 / Q_MAX  5.25${loss}`;
  expect(numbersOf(step(1), step(2))).toEqual([]);
  const reports = reportsOf(step(1, ' / Loss  0.25'), step(2, ' / Loss  0.125'));
  expect(reports).toMatchObject([
    { step: 1, loss: 0.25, extra: { REWARD: 0.5 } },
    { step: 2, loss: 0.125 },
  ]);
  expect(reports.some(report => 'rollout' in report)).toBe(false);
  // An agent that drives: lines of steps among those of episodes, which have another number.
  expect(
    reportsOf(
      'EPISODE 12 TIMESTEP 960 / ACTION [0.75, 0.25] / REWARD -1.0 / EPISODE LENGTH 2 / Q_MAX  10.5',
      'episode: 12   memory length: 960   epsilon: 0.25   episode length: 2',
      'Episode:  13',
      'episode: 13   memory length: 961   epsilon: 0.125   episode length: 1',
    ),
  ).toMatchObject([{ step: 12 }, { step: 13 }]);
  // How many actions an episode had, and what they are in the mean.
  expect(reportsOf('Episode: 59, Actions: 2351, reward: -18, Avg. reward: -19.5, Time: 4.25')).toMatchObject([
    { step: 59, rollout: { episodicReturn: -18 } },
  ]);
  expect(
    reportsOf('100/5000: episode: 2, duration: 0.5s, episode reward: 18.0, mean action: 0.5 [0.0, 1.0]'),
  ).toMatchObject([{ rollout: { episodicReturn: 18 } }]);
});

test('a step alone behind a time, its losses below', () => {
  const at = (time: string) => `[2026-01-02 10:${time}]`;
  const step = (number: number, total: number) => [
    `${at('20:30.123')} Step: ${number}`,
    `${at('20:30.124')} Collected 2187 states from 18 games, 49.2 states/s. 24.6 states/(s*actor), game length: 121.5`,
    `${at('20:30.124')} Buffer size: 2187. States seen: 2187`,
    `${at('20:34.250')} Losses(total: ${total}, policy: 2.5, value: 0.75, l2: 0.0625)`,
  ];
  const reports = reportsOf(...step(1, 3.25), ...step(2, 3.125));
  expect(reports).toMatchObject([
    { batch: 1, loss: { total: 3.25, policy: 2.5, value: 0.75 }, extra: { 'l2 loss': 0.0625 } },
    { batch: 2, loss: { total: 3.125 } },
  ]);
  expect(Object.keys(reports[0]!.extra as object)).toEqual(['l2 loss']);
  // A step that has nothing below, and a date that is none.
  expect(numbersOf(`${at('20:30.123')} Step: 1`, 'saved', `${at('20:31.123')} Step: 2`)).toEqual([]);
});

test('episodes that CleanRL and its heirs print are those of its updates, however many come before a rate', () => {
  const update = (of: number) => [
    ...Array.from({ length: 8 }, (_, i) => `global_step=${(of * 8 + i + 1) * 64}, episodic_return=${i}`),
    `SPS: ${1000 + of}`,
  ];
  expect(reportsOf(...[0, 1, 2, 3].flatMap(update))).toMatchObject([
    { batch: 1, timing: { stepsPerSecond: 1000 }, rollout: { episodicReturn: 3.5 } },
    { batch: 2 },
    { batch: 3 },
    { batch: 4 },
  ]);
  // PureJaxRL has environments that end at one step, and no rates.
  const spaced = [
    [1024, 20],
    [1024, 30],
    [2048, 40],
  ].map(([step, value]) => `global step=${step}, episodic return=${value}.0`);
  expect(reportsOf(...spaced)).toMatchObject([
    { step: 1024, rollout: { episodicReturn: 25 } },
    { step: 2048, rollout: { episodicReturn: 30 } },
  ]);
});

test('Acme: what actors got stands beside the learner’s step, and what an evaluator got does not', () => {
  const loop = (steps: number, value: number, name = 'Environment Loop') =>
    `[${name}] Episode Length = 200 | Episode Return = ${value}.0 | Episodes = 2 | Steps = ${steps} | Steps Per Second = 37.25`;
  const learner = (steps: number, more = '') =>
    `[Learner] Critic Loss = 1.25 | ${more}Policy Loss = -0.125 | Steps = ${steps} | Walltime = 4.25`;
  const of = reportsOf(
    loop(200, -20),
    loop(400, -10),
    learner(12),
    loop(200, 90, 'Evaluator'),
    loop(200, 90, 'Eval Loop'),
    learner(24),
    loop(600, -5),
    learner(36),
  );
  expect(of).toMatchObject([
    {
      batch: 12,
      loss: { policy: -0.125, value: 1.25 },
      rollout: { episodicReturn: -15, episodicLength: 200 },
    },
    { batch: 24 },
    { batch: 36, rollout: { episodicReturn: -5 } },
  ]);
  expect(of[1]).not.toHaveProperty('rollout');
  expect(numbersOf(loop(200, -20), loop(200, 90, 'Evaluator'), loop(400, -10))).toEqual([200, 400]);
  expect(numbersOf(loop(200, 90, 'Evaluator'))).toEqual([]);
  // The negative entropy of IMPALA's loss, and one that is none.
  expect(reportsOf(learner(12, 'Entropy = -2.5 | Entropy Loss = -0.0125 | '))).toMatchObject([
    { policy: { entropy: 2.5 } },
  ]);
  expect(reportsOf(learner(12, 'Entropy = -2.5 | '))).toMatchObject([{ policy: { entropy: -2.5 } }]);
  // Words in brackets that are another program's.
  expect(numbersOf('[Learner] loaded | Steps = many', '[Actor] starting')).toEqual([]);
});

test('a dictionary a line, as pgx and Brax print it', () => {
  const pgx = (iteration: number) =>
    `{'train/policy_loss': 2.75, 'train/value_loss': 0.5, 'iteration': ${iteration}, 'hours': 0.25, 'frames': ${iteration * 262144}}`;
  const evaluated =
    "{'eval/vs_baseline/avg_R': -0.5, 'eval/vs_baseline/win_rate': 0.25, 'iteration': 0, 'hours': 0.0, 'frames': 0}";
  expect(reportsOf("{'env_id': 'go_9x9', 'seed': 0}", evaluated, pgx(1), pgx(2))).toMatchObject([
    { batch: 1, loss: { policy: 2.75, value: 0.5 }, extra: { frames: 262144 } },
    { batch: 2 },
  ]);
  const brax = (loss: number) =>
    `I0102 10:20:30.123456 140212 train.py:862] {'training/sps': 8192.5, 'training/entropy_loss': Array(-0.25, dtype=float32), 'training/policy_loss': Array(${loss}, dtype=float32), 'training/total_loss': Array(0.5, dtype=float32), 'training/v_loss': Array(0.125, dtype=float32), 'eval/episode_reward': Array(1321.5, dtype=float32, weak_type=True)}`;
  const first =
    "I0102 10:20:29.123456 140212 train.py:802] {'eval/walltime': 12.5, 'eval/episode_reward': Array(12., dtype=float32)}";
  expect(reportsOf(first, brax(0.75), brax(0.25), brax(0.375))).toMatchObject([
    {
      batch: 1,
      loss: { policy: 0.75, value: 0.125, total: 0.5 },
      timing: { stepsPerSecond: 8192.5 },
      extra: { 'eval/episode_reward': 1321.5 },
    },
    { batch: 2, loss: { policy: 0.25 } },
    { batch: 3, loss: { policy: 0.375 } },
  ]);
  // What one answer got, what is set, what was evaluated, and a dictionary in a sentence.
  expect(
    numbersOf(
      ...[1, 2, 3, 4].map(i => `{'length': ${i}, 'total_reward': 0.5}`),
      "{'policy_lr': 0.0003, 'iteration': 100}",
      evaluated,
      "the step returned {'iteration': 3, 'total_reward': 1.0} for all",
    ),
  ).toEqual([]);
});

test('a block behind what a logger puts in front', () => {
  const line = (text: string) => `2026-01-02 10:20:30,791 — rl_replicas.vpg.vpg — INFO — ${text}`;
  const block = (epoch: number, value: number) =>
    [
      'Loss of the current policy:         -0.25',
      'Loss of the current value function: 98      ',
      `Epoch: ${epoch}`,
      `Average Episode Return: ${value}    `,
      'Std Episode Return:     15      ',
      'Average Episode Length: 27.5    ',
      'Total env interactions: 24000',
    ].map(line);
  const reports = reportsOf(...block(5, 27.5), ...block(6, 28.5));
  expect(reports).toMatchObject([
    { rollout: { episodicReturn: 27.5, episodicLength: 27.5, totalSteps: 24000 } },
    { rollout: { episodicReturn: 28.5 } },
  ]);
  // What stands above a number and below the one before is of the next.
  expect(reports.map(({ extra }) => extra)).toEqual([
    { 'Std Episode Return': 15 },
    { 'Std Episode Return': 15 },
  ]);
  expect(numbersOf(...block(5, 27.5), ...block(6, 28.5))).toEqual([5, 6]);
  // Without a figure of a training, a number and some settings.
  expect(numbersOf(...['Epoch: 5', 'Batch size: 32', 'Workers: 4'].map(line))).toEqual([]);
  // The training's own line has several figures, and a validation's one.
  const epochs = [1, 2].flatMap(epoch => [`Epoch: ${epoch}`, 'Train Loss: 0.5, lr: 0.25', 'Val Loss: 0.75']);
  for (const log of [epochs, epochs.map(text => `2026-01-02 10:20:30,791 - train - INFO - ${text}`)])
    expect(reportsOf(...log)).toMatchObject([
      { step: 1, loss: 0.5, learningRate: 0.25 },
      { step: 2, loss: 0.5, learningRate: 0.25 },
    ]);
});

test.each([
  ['Best Reward 184.5 | Avg Reward 91.5', { 'Best Reward': 184.5 }, 91.5],
  ['Max reward 184.5 Avg reward 91.5', { 'Max reward': 184.5 }, 91.5],
  ['Best score 184.5, score 91.5', { 'Best score': 184.5 }, 91.5],
  ['reward 91.5, mean reward 80.5', { 'mean reward': 80.5 }, 91.5],
  ['reward: 91.5 | mean reward: 80.5', { 'mean reward': 80.5 }, 91.5],
  ['Avg Reward 91.5 Best Reward 184.5', { 'Best Reward': 184.5 }, 91.5],
])('the best of all episodes is no return of one: %s', (figures, extra, episodicReturn) => {
  expect(reportsOf(`Episode 10 ${figures}`, `Episode 11 ${figures}`)).toEqual([
    { rank: 0, step: 10, rollout: { episodicReturn }, extra },
    { rank: 0, step: 11, rollout: { episodicReturn }, extra },
  ]);
});

test('an evaluation’s reward alone is no report of a training', () => {
  expect(numbersOf('Episode 10 test reward 184.5', 'Episode 20 test reward 190.5')).toEqual([]);
  expect(numbersOf('Episode 10 best score 184.5', 'Episode 20 best score 190.5')).toEqual([]);
});

test('steps behind an episode’s number are those that it had', () => {
  const expected = [
    { step: 3, rollout: { episodicReturn: -130.5 } },
    { step: 4, rollout: { episodicReturn: -120.5 } },
  ];
  expect(
    reportsOf('Ep 3, steps 200, reward -130.5, eps 0.75', 'Ep 4, steps 180, reward -120.5, eps 0.5'),
  ).toMatchObject([{ ...expected[0], extra: { steps: 200, eps: 0.75 } }, expected[1]!]);
  expect(
    reportsOf(
      'Episode: 3 | Steps: 200 | Reward: -130.5 | Loss: 0.25',
      'Episode: 4 | Steps: 180 | Reward: -120.5 | Loss: 0.5',
    ),
  ).toMatchObject([
    { ...expected[0], loss: 0.25 },
    { ...expected[1]!, loss: 0.5 },
  ]);
  // A step in front, and one by itself, is the line's own; so is that of an epoch.
  expect(
    numbersOf(
      'Step 1000 | Episode 12 | Return 21.5 | Loss 0.25',
      'Step 2000 | Episode 24 | Return 22.5 | Loss 0.125',
    ),
  ).toEqual([1000, 2000]);
  expect(numbersOf('ep 1, step 20/40, loss 0.5', 'ep 2, step 20/40, loss 0.25')).toEqual([20, 60]);
  expect(numbersOf('ep 1, loss 0.5, acc 0.25', 'ep 2, loss 0.25, acc 0.5')).toEqual([1, 2]);
});

test('how long an episode lasted and what it got, in words', () => {
  expect(
    reportsOf(
      'Episode 1 finished after 3 timesteps and got 0.0 reward',
      'Episode 2 finished after 6 timesteps and got 1.0 reward',
    ),
  ).toEqual([
    { rank: 0, step: 1, rollout: { episodicReturn: 0, episodicLength: 3 } },
    { rank: 0, step: 2, rollout: { episodicReturn: 1, episodicLength: 6 } },
  ]);
  expect(
    reportsOf('Episode 1 finished after 3 timesteps', 'Episode 2 finished after 6 timesteps'),
  ).toMatchObject([{ rollout: { episodicLength: 3 } }, { rollout: { episodicLength: 6 } }]);
  // Nothing numbers it; another program's words.
  expect(numbersOf('Episode finished after 3 timesteps', 'Episode finished after 6 timesteps')).toEqual([]);
  expect(numbersOf('Job 1 finished after 3 steps and got 2 retries')).toEqual([]);
});

test('runs, trials and games that have a reward are episodes', () => {
  expect(
    reportsOf('Run: 6, exploration: 0.5, score: 21', 'Run: 7, exploration: 0.25, score: 11'),
  ).toMatchObject([
    { step: 6, rollout: { episodicReturn: 21 }, extra: { exploration: 0.5 } },
    { step: 7, rollout: { episodicReturn: 11 } },
  ]);
  expect(reportsOf('Trial: 5 Reward: 21.5', 'Trial: 6 Reward: 11.5')).toMatchObject([
    { step: 5 },
    { step: 6 },
  ]);
  expect(reportsOf('Game 5 score 21 mean 14.5', 'Game 6 score 11 mean 14.5')).toMatchObject([
    { step: 5, rollout: { episodicReturn: 21 } },
    { step: 6, rollout: { episodicReturn: 11 } },
  ]);
  // A search of hyperparameters.
  expect(numbersOf('Trial 5 score: 0.91', 'Trial 6 score: 0.92', 'Run 7 - f1 score: 0.5')).toEqual([]);
});

test.each([
  ['Episode: 3 | reward: 12.5 | ep length: 200 | avg ep length: 180', 200, { 'avg ep length': 180 }],
  ['Episode 3 | Mean Reward: 12.5 | Mean Episode Length: 33.5', 33.5, undefined],
  ['step 300 reward 12.5 ep_len 20', 20, undefined],
])('how long episodes were, by its name: %s', (line, episodicLength, extra) => {
  expect(reportsOf(line, line.replace('3', '4'))[0]).toMatchObject({
    rollout: { episodicReturn: 12.5, episodicLength },
    ...(extra !== undefined && { extra }),
  });
  // A length that is of anything.
  expect(reportsOf('Episode 3 length 20', 'Episode 4 length 30')[0]).toMatchObject({ extra: { length: 20 } });
});

test('rl-blox: the figures of one step are one report', () => {
  const line = (step: number, name: string, value: number) =>
    `[Pendulum-v1|SAC] (0001|${String(step).padStart(6, '0')}|2.88) S ${name.padStart(12)}: ${value}`;
  expect(
    reportsOf(
      line(200, 'return', -12.5),
      line(500, 'q loss', 1.5),
      line(500, 'alpha', 0.5),
      line(600, 'return', -7.5),
    ),
  ).toEqual([
    { rank: 0, step: 200, rollout: { totalEpisodes: 1, episodicReturn: -12.5 } },
    { rank: 0, step: 500, rollout: { totalEpisodes: 1 }, extra: { 'q loss': 1.5, alpha: 0.5 } },
    { rank: 0, step: 600, rollout: { totalEpisodes: 1, episodicReturn: -7.5 } },
  ]);
  expect(numbersOf('[Pendulum-v1|SAC] Hyperparameters:', '(a|b) S return: 5')).toEqual([]);
});
