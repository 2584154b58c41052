/** Reports of reinforcement-learning trainers as pages and terminals have laid them out, values invented. */
import { describe, expect, test } from 'vitest';
import { reportsOf, watched } from './report-of-log.ts';

describe('a dictionary over several lines', () => {
  const ROWS = [
    "{'loss': 0.5, 'grad_norm': 0.25,",
    " 'reward': 1.5, 'reward_std': 0.5,",
    " 'completion_length': 20.5,",
    " 'learning_rate': 1e-06, 'epoch': 0.33}",
  ];
  const WHOLE = {
    batch: 1,
    loss: { total: 0.5 },
    gradient: { norm: 0.25 },
    rollout: { episodicReturn: 1.5, episodicLength: 20.5 },
    policy: { learningRate: 1e-6 },
  };

  test('its last line is no report of its own', () => {
    expect(reportsOf(...ROWS)).toMatchObject([WHOLE]);
    expect(reportsOf(...ROWS, ...ROWS)).toMatchObject([WHOLE, { ...WHOLE, batch: 2 }]);
    const each = ROWS.join(' ').replaceAll(', ', ',\n ').split('\n');
    expect(reportsOf(...each)).toMatchObject([WHOLE]);
  });

  test('one without its brace is one, where none is open', () => {
    expect(reportsOf("'loss': 0.5, 'reward': 1.5, 'learning_rate': 1e-06, 'epoch': 0.33}")).toMatchObject([
      { batch: 1, rollout: { episodicReturn: 1.5 } },
    ]);
  });
});

test('a page’s marks at the ends of lines are none of a table', () => {
  const rows = [
    '-----------------------------------------',
    '| time/                   |             |',
    '|    iterations           | 62          |',
    '|    total_timesteps      | 507904      |',
    '| train/                  |             |',
    '|    approx_kl            | 0.03125     |',
    '|    value_loss           | 0.0625      |',
    '-----------------------------------------',
  ];
  const UPDATE = { batch: 61, policy: { approxKl: 0.03125 }, loss: { value: 0.0625 } };
  for (const end of ['<br>', '<br/>', ' <br />', '</code><br>'])
    expect(reportsOf(...rows.map(row => row + end)), end).toMatchObject([UPDATE]);
  expect(reportsOf(...[1, 2, 3].map(n => `step ${n}, loss 0.5, text <b>`))).toMatchObject([
    { step: 1, loss: 0.5 },
    { step: 2 },
    { step: 3 },
  ]);
});

describe('two trainings that write to one log in turns', () => {
  const noticesOf = (...numbers: number[]) =>
    watched(...numbers.map(n => `step ${n} | loss: 0.5 | lr: 1e-05`)).notices.filter(notice =>
      notice.includes('alternate'),
    );

  test('are pointed out, once', () => {
    expect(noticesOf(500, 10, 510, 20, 520, 30, 530, 40)).toEqual([
      expect.stringContaining('(500, 10, 510, 20, 520, 30)'),
    ]);
  });

  test('one that goes on, begins again, or has a second process a few steps behind is none', () => {
    expect(noticesOf(1, 2, 3, 4, 5, 6, 7, 8)).toEqual([]);
    expect(noticesOf(100, 110, 120, 10, 20, 30, 40, 50)).toEqual([]);
    expect(noticesOf(100, 90, 110, 95, 120, 105, 130)).toEqual([]);
  });
});

test('a total may have an exponent, and a learning rate its power in its name', () => {
  const line = (n: number) =>
    `INFO:mlagents.trainers: run: Ball: Step: ${n}2000. Time Elapsed: ${n}3.5 s Mean Reward: 2.5. Std of Reward: 0.75. Training.`;
  const total = (written: string) =>
    watched(`\tmax_steps:\t${written}`, line(1), line(2), line(3)).events[0]?.data;
  expect(total('5.0e5')).toMatchObject({ maxSteps: 500_000 });
  expect(total('200000')).toMatchObject({ maxSteps: 200_000 });
  expect(reportsOf('step:3 - actor/pg_loss:0.5 - actor/lr(1e-4):0.010 - timing/gen:21.5')).toMatchObject([
    { batch: 3, policy: { learningRate: 1e-6 } },
  ]);
});
