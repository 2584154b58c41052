/** Logs of reinforcement learning as people paste them, values invented: losses, entropy and KL of loops by hand, tables of old libraries, folded and wrapped lines, how they ended. */
import { expect, test } from 'vitest';
import { numbersOf, reportsOf, watched } from './report-of-log.ts';

const endOf = (...lines: string[]) =>
  watched(...lines)
    .events.filter(({ type }) => type === 'TRAINING_COMPLETED' || type === 'TRAINING_FAILED')
    .at(-1)?.data;

const iterations = (line: (n: number) => string) => [1, 2, 3].map(line);

test('a loop that prints what PPO has: its lines are updates, with entropy, KL and losses in their fields', () => {
  expect(
    reportsOf(
      ...iterations(
        n =>
          `Iteration ${n}/9 | Episodes:  12 | Mean Reward:  ${n}0.5 | Policy Loss: -0.0${n} | Value Loss: 2.5 | Entropy: 0.625 | KL: 0.0050 | clip%: 12.5%`,
      ),
    )[0],
  ).toMatchObject({
    batch: 1,
    rollout: { episodicReturn: 10.5 },
    loss: { policy: -0.01, value: 2.5 },
    policy: { entropy: 0.625, approxKl: 0.005, clipFraction: 0.125 },
  });
  expect(
    reportsOf(
      ...iterations(
        n => `[update ${n}] actor_loss=-0.25 critic_loss=1.5 entropy=1.25 lr=3e-4 grad_norm=0.5 reward=-7.5`,
      ),
    )[2],
  ).toMatchObject({
    batch: 3,
    loss: { policy: -0.25, value: 1.5 },
    policy: { entropy: 1.25, learningRate: 0.0003 },
    gradient: { norm: 0.5 },
    rollout: { episodicReturn: -7.5 },
  });
  // No return, and what no supervised loop prints.
  expect(
    reportsOf(...iterations(n => `step ${n}, loss=0.5, entropy=7.5, advantage=-0.125`))[0],
  ).toMatchObject({ batch: 1, loss: { total: 0.5 }, policy: { entropy: 7.5 }, extra: { advantage: -0.125 } });
});

test('what is of another meaning stays a step: entropy of a supervised loop, KL of a VAE or to a reference, an episode alone', () => {
  expect(reportsOf(...iterations(n => `step ${n}, loss=0.5, entropy=1.5, lr=1e-3`))[0]).toMatchObject({
    step: 1,
    loss: 0.5,
    extra: { entropy: 1.5 },
  });
  expect(reportsOf(...iterations(n => `step ${n}, loss=0.5, recon=0.25, kl=0.125`))[0]).toMatchObject({
    step: 1,
    extra: { kl: 0.125 },
  });
  expect(reportsOf(...iterations(n => `step ${n}, loss=0.5, reward=0.25, kl=0.125`))[0]).toMatchObject({
    step: 1,
    loss: 0.5,
    extra: { kl: 0.125 },
  });
  expect(
    reportsOf(...iterations(n => `Episode: ${n} Total reward: 105.0 Explore P: 0.95 Training Loss 0.5`))[0],
  ).toMatchObject({ step: 1, loss: 0.5, rollout: { episodicReturn: 105 } });
});

test('a line of such a loop that is cut, or has fewer figures, is an update as the others', () => {
  const line = 'Actor Steps = 80 | Critic Loss = 0.5 | Loss = -0.25 | Policy Loss = -0.5';
  const reports = reportsOf(
    `[Learner] Learner Steps = 2 | ${line}`,
    `[Learner] Learner Steps = 3 | ${line.slice(0, 50)}`,
  );
  expect(reports).toMatchObject([
    { batch: 2, loss: { policy: -0.5, value: 0.5, total: -0.25 } },
    { batch: 3, loss: { value: 0.5 } },
  ]);
});

test('a loss that has diverged has more digits than a count', () => {
  expect(
    reportsOf(
      ...iterations(
        n =>
          ` ${n}500/50000: episode: ${n}, episode reward: -12.5, loss: 100000000000000000000000.000000, mean_q: 1.5`,
      ),
    )[0],
  ).toMatchObject({ step: 1500, loss: 1e23, rollout: { episodicReturn: -12.5 } });
});

test('tables of Baselines that number no update: DQN’s, PPO1’s, TRPO’s', () => {
  const rule = '-'.repeat(38);
  const table = (...rows: [string, string | number][]) => [
    rule,
    ...rows.map(([key, value]) => `| ${key.padEnd(23)} | ${`${value}`.padEnd(8)} |`),
    rule,
  ];
  const dqn = (episodes: number, steps: string) =>
    table(
      ['% time spent exploring', 2],
      ['episodes', episodes],
      ['mean 100 episode reward', -15.5],
      ['steps', steps],
    );
  expect(
    reportsOf(`| steps                   | 900      |`, rule, ...dqn(200, '1900'), ...dqn(300, '2800')),
  ).toMatchObject([
    { step: 1900, rollout: { episodicReturn: -15.5, totalEpisodes: 200 } },
    { step: 2800, rollout: { totalEpisodes: 300 } },
  ]);
  expect(
    reportsOf(
      ...table(
        ['EpLenMean', 120],
        ['EpRewMean', 12.5],
        ['EpThisIter', 17],
        ['EpisodesSoFar', 17],
        ['TimeElapsed', 1.5],
        ['TimestepsSoFar', 2048],
        ['ev_tdlam_before', 0.25],
        ['loss_ent', 1.25],
        ['loss_kl', 0.0125],
        ['loss_pol_entpen', -0.0125],
        ['loss_pol_surr', -0.5],
        ['loss_vf_loss', 0.75],
      ),
    ),
  ).toMatchObject([
    {
      batch: 2048,
      rollout: { episodicReturn: 12.5, episodicLength: 120, totalSteps: 2048, totalEpisodes: 17 },
      loss: { policy: -0.5, value: 0.75 },
      policy: { entropy: 1.25, approxKl: 0.0125 },
      extra: { loss_pol_entpen: -0.0125 },
    },
  ]);
  // Of anything else that counts steps.
  expect(numbersOf(...table(['episodes', 3], ['steps', 40]))).toEqual([]);
});

test('ChainerRL’s and PFRL’s scores of PPO: the sign of the first’s entropy is not known', () => {
  const columns = 'steps\tepisodes\telapsed\tmean\tmedian\tstdev\tmax\tmin';
  expect(
    reportsOf(
      `${columns}\taverage_loss_policy\taverage_loss_value_func\taverage_loss_entropy`,
      '2000\t10\t3.5\t-12.5\t-12\t1.5\t-9\t-14\t0.25\t0.5\t-1.25',
    ),
  ).toMatchObject([
    {
      batch: 2000,
      rollout: { episodicReturn: -12.5, totalEpisodes: 10 },
      loss: { policy: 0.25, value: 0.5 },
      extra: { average_loss_entropy: -1.25 },
    },
  ]);
  expect(
    reportsOf(
      `${columns}\taverage_value\taverage_entropy\taverage_value_loss\taverage_policy_loss`,
      '2000\t10\t3.5\t-12.5\t-12\t1.5\t-9\t-14\t0.75\t1.25\t0.5\t0.25',
    ),
  ).toMatchObject([{ batch: 2000, loss: { policy: 0.25, value: 0.5 }, policy: { entropy: 1.25 } }]);
  // DQN's has no policy.
  expect(
    reportsOf(`${columns}\taverage_q\taverage_loss`, '2000\t10\t3.5\t-12.5\t-12\t1.5\t-9\t-14\t0.75\t0.5'),
  ).toMatchObject([{ step: 2000, loss: 0.5 }]);
});

test('rl_games’ line as a terminal wrapped it', () => {
  expect(
    reportsOf(
      'fps step: 90000 fps step and policy inference: 89000 fps total: 85000 epoch: ',
      '7/200 frames: 524288',
      'fps step: 120000 fps step and policy inference: 121000 fps total: 113000 ',
      'epoch: 8/200 frames: 589824',
      'saving next best rewards:  [12.5]',
      '=> saving checkpoint ',
      "'logs/rl_games/lift/nn/lift.pth'",
      'fps step: 120000 fps step and policy ',
      'inference: 121000 fps total: 114000 epoch: 9/200 frames: 655360',
    ),
  ).toMatchObject([
    { batch: 7, rollout: { totalSteps: 524288 }, timing: { stepsPerSecond: 85000 } },
    { batch: 8, rollout: { totalSteps: 589824 }, timing: { stepsPerSecond: 113000 } },
    { batch: 9, timing: { stepsPerSecond: 114000 } },
  ]);
  // What follows is none of it.
  expect(
    numbersOf('fps step: 90000 fps step and policy inference: 89000 fps total: 85000 ', 'epoch done in 3 s'),
  ).toEqual([]);
});

test('RSL-RL’s block whose head is not in the text: all of its rows are the report’s before the first', () => {
  expect(
    reportsOf(
      '                        Collection time: 0.750s ',
      '                          Learning time: 0.250s ',
      '                        Mean value loss: 19.5000',
      '                                    ETA: 00:00:09',
      '                            Learning iteration 1/10                              ',
      '                        Mean value loss: 19.2500',
    ),
  ).toMatchObject([
    { batch: 0, loss: { value: 19.5 }, timing: { rolloutMs: 750, updateMs: 250 } },
    { batch: 1, loss: { value: 19.25 } },
  ]);
});

test('RSL-RL’s block that a page has folded into one line', () => {
  expect(
    reportsOf(
      '#### Learning iteration 12/400 Computation: 9000 steps/s (collection: 1.500s, learning 0.250s) Value function loss: 0.0125 Surrogate loss: -0.0025 Mean action noise std: 0.75 Mean reward: 12.50 Mean episode length: 301.95 Mean episode rew_torques: -0.05 ---- Experiment name: walk_flat Device: cuda:0 Total timesteps: 589824 Iteration time: 1.75s',
    ),
  ).toMatchObject([
    {
      batch: 12,
      loss: { value: 0.0125, policy: -0.0025 },
      rollout: { episodicReturn: 12.5, episodicLength: 301.95, totalSteps: 589824 },
      timing: { stepsPerSecond: 9000, rolloutMs: 1500, updateMs: 250 },
    },
  ]);
  // A sentence about one.
  expect(reportsOf('It stops at Learning iteration 12/400 every time, after Mean reward: 3')).toEqual([]);
});

test('ElegantRL’s tables: a training begins with each head', () => {
  const head = '|     step      time  |     avgR    stdR    avgS  |     objC      objA';
  const log = watched(
    head,
    '| 2.05e+04        60  |     9.50    0.75       9  |     5.75     85.50',
    '| 4.10e+04       180  |   157.50   29.25     157  |     0.75     20.75',
    '| Save learning curve in ./CartPole_DQN_0/LearningCurve.jpg',
    head,
    '| 5.00e+04        49  | -1070.50  230.75     200  |    47.75      0.25',
  );
  expect(log.numbers).toEqual([20500, 41000, 50000]);
  expect(log.events.filter(({ type }) => type === 'TRAINING_STARTED')).toHaveLength(2);
  expect(
    reportsOf(
      'ID     Step    Time |    avgR   stdR   avgS  stdS |    expR   objC   objA   etc.',
      '0  2.05e+03       4 | -105.50    6.5    160     5 |   -5.50   1.25   0.50  -0.25',
      '0  2.25e+04      40 | -101.50    0.5    156    32 |   -5.50    nan   0.50  -0.25',
    ),
  ).toMatchObject([
    { batch: 2050, rollout: { episodicReturn: -105.5, episodicLength: 160 }, loss: { value: 1.25 } },
    { batch: 22500, loss: { value: 'NaN' } },
  ]);
});

test('a loop that stops where its environment is solved has finished, unless it goes on', () => {
  const steps = ['Episode 100\tAverage Score: 34.50', 'Episode 200\tAverage Score: 166.25'];
  for (const last of [
    'Environment solved in 191 episodes!\tAverage Score: 196.50',
    'Solved! Running reward is now 476.5 and the last episode runs to 500 time steps!',
    'CartPole-v1 solved after 200 episodes.',
    'Completed at episode:  209',
  ])
    expect(endOf(...steps, last)).toEqual({ reason: 'finished' });
  for (const other of [
    'Environment is considered solved in this paper',
    'This was solved in version 2.1',
    'Not solved after 200 episodes.',
  ])
    expect(endOf(...steps, other)).toEqual({ reason: 'unknown' });
  const goesOn = [steps[0]!, 'Environment solved in 90 episodes!', steps[1]!];
  expect(endOf(...goesOn)).toEqual({ reason: 'unknown' });
});

test('Ray Tune’s trials that have all failed; of several that went on, one', () => {
  const table = (counts: string) => [
    '== Status ==',
    `Number of trials: ${counts}`,
    '+-----------------+----------+-------------+',
    '| Trial name      | status   | loc         |',
    '|-----------------+----------+-------------|',
    '| PPO_grid_1_0000 | ERROR    | 10.0.0.1:71 |',
    '+-----------------+----------+-------------+',
  ];
  expect(endOf(...table('1/1 (1 ERROR)'))).toMatchObject({
    ending: { kind: 'launcher', by: 'ray tune', evidence: 'Number of trials: 1/1 (1 ERROR)' },
  });
  expect(endOf(...table('2/2 (1 ERROR, 1 RUNNING)'))).toBeUndefined();
});

test('a notebook’s KeyboardInterrupt, which has no message', () => {
  expect(
    endOf(
      'Episode 1 - Mean Reward 2.5 - Mean Loss 0.5',
      '---------------------------------------------------------------------------',
      'KeyboardInterrupt                         Traceback (most recent call last)',
      '<ipython-input-4-abc> in <module>',
      '     10 while True:',
      '---> 11     step(env)',
      'KeyboardInterrupt: ',
    ),
  ).toEqual({ reason: 'interrupted' });
});

test('somebody writes that memory ran out, above the log: it is how that ended, and no refusal that was survived', () => {
  const steps = ['Episode 1, reward 2.5', 'Episode 2, reward 3.5', 'Episode 3, reward 3.75'];
  const log = watched('I get a CUDA out of memory error after some minutes of training.', '', ...steps);
  expect(log.numbers).toEqual([1, 2, 3]);
  expect(log.events.at(-1)).toMatchObject({ data: { ending: { kind: 'out of memory' } } });
  expect(log.events.some(({ type }) => type === 'MEMORY_SAMPLED')).toBe(false);
  // A program prints it, and goes on.
  const caught = [...steps, 'Caught an out of memory error and left the batch out.', 'Episode 4, reward 4.5'];
  expect(endOf(...caught)).toEqual({ reason: 'unknown' });
  const printed = [
    ...steps,
    'The batch hit an out of memory error and was dropped.',
    'Episode 4, reward 4.5',
  ];
  expect(endOf(...printed)).toEqual({ reason: 'unknown' });
  // It was so before, or the log shows its end.
  expect(endOf('I got a CUDA out of memory error before, now it runs.', ...steps)).toEqual({
    reason: 'unknown',
  });
  expect(endOf('I get a CUDA out of memory error sometimes.', ...steps, 'Training finished')).toEqual({
    reason: 'finished',
  });
});

test('what the renderer of a simulator was refused, with its size', () => {
  const at = '2026-01-02 10:20:30 [28,900ms] [Error]';
  expect(
    endOf(
      `${at} [carb.graphics-vulkan.plugin] VkResult: ERROR_OUT_OF_DEVICE_MEMORY`,
      `${at} [carb.graphics-vulkan.plugin] vkAllocateMemory failed for flags: 0.`,
      `${at} [gpu.foundation.plugin] subAllocate() failed for AccelStruct size: 104857600`,
    ),
  ).toMatchObject({ outOfMemory: { by: 'vulkan', triedBytes: 104857600 } });
});

test('blocks of loops by hand: heads between rules, or of episodes; their returns and losses', () => {
  const ruled = (n: number) => [
    `-------------------- Iteration #${n} --------------------`,
    'Average Episodic Length: 120.5',
    'Average Episodic Return: -85.25',
    'Average Loss: 0.125',
    `Timesteps So Far: ${n * 2048}`,
    '------------------------------------------------------',
    '',
  ];
  expect(reportsOf(...ruled(1), ...ruled(2))).toMatchObject([
    {
      step: 1,
      loss: 0.125,
      rollout: { episodicReturn: -85.25, episodicLength: 120.5, totalSteps: 2048 },
    },
    { step: 2 },
  ]);
  const episodes = (n: number) => [
    `Episodes: ${n}`,
    'Num steps: 20000',
    'Mean Episode reward: -66.00 ',
    'Last Episode reward: -35.75 ',
    '=========== SOMEBODY.AI ================',
  ];
  expect(reportsOf(...episodes(120), ...episodes(131))).toMatchObject([
    { step: 120, rollout: { episodicReturn: -66 }, extra: { 'Last Episode reward': -35.75 } },
    { step: 131 },
  ]);
  const ppo = (n: number) => [
    `=== Update 0${n}/20 ===`,
    'Mean reward: 12.5',
    'Policy loss: -0.25',
    'Value loss: 0.5',
    'Entropy: 1.25',
    '',
  ];
  expect(reportsOf(...ppo(3), ...ppo(4))[0]).toMatchObject({
    batch: 3,
    loss: { policy: -0.25, value: 0.5 },
    policy: { entropy: 1.25 },
    rollout: { episodicReturn: 12.5 },
  });
  // Networks of a GAN.
  const gan = (n: number) => [`Epoch: ${n}`, 'Critic loss: 0.5', 'G loss: 0.25', '-----'];
  expect(reportsOf(...gan(3), ...gan(4))[0]).toMatchObject({
    step: 3,
    extra: { 'Critic loss': 0.5, 'G loss': 0.25 },
  });
  // What is set for the training.
  expect(numbersOf('Episodes: 500', 'Batch size: 64', 'Reward scale: 5', 'Loss weight: 2')).toEqual([]);
});

test('TD3’s line of an episode; a bar that is drawn below it is of something else', () => {
  const line = (total: number, episode: number) =>
    `Total T: ${total} Episode Num: ${episode} Episode T: 100 Reward: ${episode}.500`;
  const log = watched(
    ...[1, 2, 3, 4].map(n => line(100 * n, n)),
    '100%|██████████| 12/12 [01:19<00:00,  6.63s/it]',
  );
  expect(log.numbers).toEqual([100, 200, 300, 400]);
  expect(log.events.at(-1)?.data).toEqual({ reason: 'unknown' });
  expect(reportsOf(...[1, 2, 3].map(n => line(100 * n, n)))[0]).toMatchObject({
    step: 100,
    rollout: { episodicReturn: 1.5, episodicLength: 100 },
    extra: { episodes: 1 },
  });
});

test('tables of HER count epochs', () => {
  const table = (epoch: number) => [
    '-'.repeat(36),
    `| epoch              | ${epoch}           |`,
    '| stats_g/mean       | 0.5         |',
    '| test/success_rate  | 0.075       |',
    '| train/episode      | 5700.0      |',
    '| train/success_rate | 0.25        |',
    '-'.repeat(36),
  ];
  expect(reportsOf(...table(6), ...table(7))).toMatchObject([
    { step: 6, extra: { 'train/success_rate': 0.25 } },
    { step: 7 },
  ]);
});

test('a table of Tune by itself: all that have terminated have finished, with the return of RLlib’s newer columns', () => {
  const table = (state: string) => [
    '+-----------------+------------+-------------+--------+-------------------+',
    '| Trial name      | status     | loc         |   iter |   combined return |',
    '|-----------------+------------+-------------+--------+-------------------|',
    `| PPO_env_1_00000 | ${state.padEnd(10)} | 10.0.0.1:71 |      4 |              12.5 |`,
    '+-----------------+------------+-------------+--------+-------------------+',
  ];
  expect(reportsOf(...table('TERMINATED'))).toMatchObject([{ batch: 4, rollout: { episodicReturn: 12.5 } }]);
  expect(endOf(...table('TERMINATED'))).toEqual({ reason: 'finished' });
  expect(endOf(...table('RUNNING'))).toEqual({ reason: 'unknown' });
  expect(endOf('Number of trials: 2/8 (1 PENDING, 1 TERMINATED)', ...table('TERMINATED'))).toEqual({
    reason: 'unknown',
  });
});

test('the program’s own frame, where Cython of a library raised', () => {
  expect(
    endOf(
      'Traceback (most recent call last):',
      '  File "/w/replay.py", line 133, in sample',
      '    at = numpy.random.choice(size, p=shares)',
      '  File "mtrand.pyx", line 920, in numpy.random.mtrand.RandomState.choice',
      'ValueError: probabilities contain NaN',
    ),
  ).toMatchObject({ ending: { evidence: expect.stringMatching(/^\/w\/replay\.py, line 133, in sample/) } });
  // Cython of one's own.
  expect(
    endOf(
      'Traceback (most recent call last):',
      '  File "/w/train.py", line 3, in <module>',
      '  File "/w/fast.pyx", line 9, in fast.step',
      'ValueError: no room',
    ),
  ).toMatchObject({ ending: { evidence: expect.stringMatching(/^\/w\/fast\.pyx, line 9/) } });
});

test('an out-of-memory text that is cut within “reserved”', () => {
  expect(
    endOf(
      'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 1; 16.00 GiB total capacity; 10.00 GiB already allocated; 1.00 GiB free; 13.00 GiB res',
    ),
  ).toMatchObject({ outOfMemory: { reservedUnallocatedBytes: 3 * 1024 ** 3 } });
});

test('a number between the words of one key: an episode’s', () => {
  expect(reportsOf(...[595, 596, 597].map(n => `[INFO] Episode ${n} score: 30.5 `))[0]).toMatchObject({
    step: 595,
    rollout: { episodicReturn: 30.5 },
  });
  expect(reportsOf(...[1, 2, 3].map(n => `Episode ${n} reward: -2.5`))[2]).toMatchObject({
    step: 3,
    rollout: { episodicReturn: -2.5 },
  });
});

test('frames in front of a loop’s games are its steps, and no rank', () => {
  expect(
    reportsOf(
      '935: done 1 games, mean reward -19.500, speed 281.50 f/s, eps 0.99',
      '1694: done 2 games, reward -20.250, speed 334.75 f/s, eps 0.98',
      '12502: done 13 episodes, mean reward -20.500, speed 338.50 f/s, eps 0.50',
    ),
  ).toMatchObject([
    { rank: 0, step: 935, rollout: { episodicReturn: -19.5 }, samplesPerSecond: 281.5, extra: { eps: 0.99 } },
    { rank: 0, step: 1694, rollout: { episodicReturn: -20.25 } },
    { rank: 0, step: 12502, rollout: { episodicReturn: -20.5 } },
  ]);
});

test('a bar that counts episodes has no step in its time', () => {
  expect(
    numbersOf(
      ...['00:04', '00:05', '00:06'].map(
        time => `Score: 40.0: : 5050 episodes [${time}, 1259.48 episodes/s]`,
      ),
    ),
  ).toEqual([]);
});

test('trlx has its losses in brackets in front of its bar', () => {
  const bar = (step: number, policy: string) =>
    `[losses/total_loss: 0.50 | losses/policy_loss: ${policy} | losses/value_loss: 3.50]:  54%|█████     | ${step}/6400 [14:30:53<3:14:06,  3.96s/it]`;
  expect(
    reportsOf(
      bar(3456, '-0.25'),
      '[rollout 128 / 128]: 100%|██████████| 128/128 [05:04<00:00,  2.38s/it]',
      bar(3584, '0.25'),
    ),
  ).toMatchObject([
    { batch: 3456, loss: { total: 0.5, policy: -0.25, value: 3.5 } },
    { batch: 3584, loss: { policy: 0.25 } },
  ]);
});

test('Monitor’s file: a return and a length of each episode, which no column numbers', () => {
  expect(
    reportsOf(
      '#{"t_start": 1600000000.5, "env_id": "Walk-v1"}',
      'r,l,t',
      '-500.5,500,4.25',
      '-186.0,187,9.5',
    ),
  ).toMatchObject([
    { step: 1, rollout: { episodicReturn: -500.5, episodicLength: 500 }, extra: { t: 4.25 } },
    { step: 2, rollout: { episodicReturn: -186, episodicLength: 187 } },
  ]);
  expect(reportsOf('r,l,t,is_success', '1.5,50,4.25,1.0')).toMatchObject([
    { step: 1, extra: { is_success: 1 } },
  ]);
  // Three letters of anything else.
  expect(reportsOf('l,r,t', '1,2,3', '4,5,6')).toEqual([]);
});

test('TorchRL’s bar has an evaluation in front of its training’s figures', () => {
  const bar = (reward: string, done: number) =>
    `eval cumulative reward:  82.5000 (init:  82.5000), eval step-count: 8, average reward= ${reward} (init= 9.0000), step count (max): 17, lr policy:  0.0003:   2%|2         | ${done}/50000 [00:06<05:12, 156.88it/s]`;
  expect(
    reportsOf(bar('9.0000', 1000), bar('9.0000', 2000), bar('9.2500', 2000), bar('9.2500', 3000)),
  ).toMatchObject([
    { batch: 1000, rollout: { episodicReturn: 9 }, policy: { learningRate: 0.0003 } },
    { batch: 2000, rollout: { episodicReturn: 9.25 } },
    { batch: 3000, rollout: { episodicReturn: 9.25 } },
  ]);
  expect(numbersOf('Evaluating: reward= 9.0:  50%|█████     | 5/10 [00:06<00:06, 1.00s/it]')).toEqual([]);
});

test('DrQ, CURL and their heirs abbreviate: an update where the actor has a loss, a step without; evaluation is none', () => {
  expect(
    reportsOf(
      '| train | F: 2000 | S: 1000 | E: 2 | L: 500 | R: 12.5000 | BS: 1000 | FPS: 96.5000 | T: 0:00:20',
      '| eval  | F: 2000 | S: 1000 | E: 2 | L: 500 | R: 3.5000 | T: 0:00:23',
      '| train | F: 3000 | S: 1500 | E: 3 | L: 500 | R: 13.5000 | BS: 1500 | FPS: 97.5000 | T: 0:00:30',
    ),
  ).toMatchObject([
    { step: 1000, samplesPerSecond: 96.5, rollout: { episodicReturn: 12.5, totalSteps: 2000 } },
    { step: 1500, rollout: { episodicReturn: 13.5 } },
  ]);
  expect(
    reportsOf(
      '| train | E: 2 | S: 1000 | D: 7.5 s | R: 12.5000 | BR: 0.2500 | A_LOSS: -5.5000 | CR_LOSS: 1.2500 | CU_LOSS: 2.0000',
      '| train | E: 3 | S: 1250 | D: 7.5 s | R: 13.5000 | BR: 0.2500 | A_LOSS: -5.2500 | CR_LOSS: 1.2500 | CU_LOSS: 2.0000',
    ),
  ).toMatchObject([
    {
      batch: 1000,
      rollout: { episodicReturn: 12.5 },
      loss: { policy: -5.5, value: 1.25 },
      extra: { CU_LOSS: 2 },
    },
    { batch: 1250, loss: { policy: -5.25 } },
  ]);
  expect(reportsOf('| train | a: 1 | b: 2 |', '| train | step | loss |')).toEqual([]);
});

test('rl-starter-files: of return and length the mean counts', () => {
  const line = (n: number) =>
    `U ${n} | F 00${n}048 | FPS 0816 | D 2 | rR:μσmM 0.${n}5 0.50 -0.25 1.00 | F:μσmM 47.5 20.5 8.0 64.0 | H 1.250 | V 0.750 | pL -0.125 | vL 0.250 | ∇ 0.500`;
  expect(reportsOf(line(1), line(2))).toMatchObject([
    {
      batch: 1,
      rollout: { episodicReturn: 0.15, totalSteps: 1048 },
      timing: { stepsPerSecond: 816 },
      policy: { entropy: 1.25 },
      loss: { policy: -0.125, value: 0.25 },
      gradient: { norm: 0.5 },
    },
    { batch: 2, rollout: { episodicReturn: 0.25 } },
  ]);
});

test('minimalRL’s episodes, MuJoCo Playground’s steps', () => {
  const ofEpisode = [20, 40, 60].flatMap(n => [`n_episode :${n}, score : 12.5, n_buffer : 640, eps : 7.9%`]);
  expect(reportsOf(...ofEpisode)[0]).toMatchObject({ step: 20, rollout: { episodicReturn: 12.5 } });
  expect(reportsOf(...[20, 40, 60].map(n => `# of episode :${n}, avg score : 1.5`))[1]).toMatchObject({
    step: 40,
    rollout: { episodicReturn: 1.5 },
  });
  expect(reportsOf('0: reward=3.25', '2048: reward=4.25', '40960: reward=5.5')).toMatchObject([
    { rank: 0, step: 0, rollout: { episodicReturn: 3.25 } },
    { rank: 0, step: 2048 },
    { rank: 0, step: 40960 },
  ]);
});
