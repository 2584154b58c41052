/** Logs of agents that learn by reinforcement as people paste them, values invented: rewards of one step, heads with a time, environments that end together. */
import { expect, test } from 'vitest';
import { numbersOf, reportsOf, watched } from './report-of-log.ts';

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
