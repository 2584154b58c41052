/** Shapes that logs of the libraries themselves have, values invented → the training's steps alone, with what was measured. */
import { describe, expect, test } from 'vitest';
import { reportOfLog } from './report-of-log.ts';

const losses = (...lines: string[]) =>
  reportOfLog(`${lines.join('\n')}\n`).events.flatMap(({ type, data }) =>
    type === 'STEP_COMPLETED' ? [[(data as { step: number }).step, (data as { loss: number }).loss]] : [],
  );
const paddle = (at: number, of: number, loss: number) =>
  `step ${at}/${of} - loss: ${loss} - acc: 0.5 - 4ms/step`;

test('PaddlePaddle: from `Eval begin...` to the next epoch, with another number of batches or as many', () => {
  for (const of of [4, 10]) {
    const evaluated = ['Eval begin...', paddle(2, of, 9), paddle(4, of, 9), 'Eval samples: 16'];
    const epoch = (n: number) => [`Epoch ${n}/2`, paddle(5, 10, 0.9), paddle(10, 10, 0.8), ...evaluated];
    expect(losses(...epoch(1), ...epoch(2))).toEqual([
      [5, 0.9],
      [10, 0.8],
      [15, 0.9],
      [20, 0.8],
    ]);
    expect(losses(...evaluated)).toEqual([]);
  }
});

test('other loops: lines of another total below a line that begins an evaluation', () => {
  const line = (at: number, of: number, loss: number) => `[${at}/${of}] loss: ${loss}`;
  for (const begin of [
    'Evaluating...',
    'Validating',
    'Start validation',
    '=> running evaluation on the test set:',
  ]) {
    const epoch = [line(50, 100, 0.5), line(100, 100, 0.4), begin, line(5, 10, 9), line(10, 10, 9)];
    expect(losses(...epoch)).toEqual([
      [50, 0.5],
      [100, 0.4],
    ]);
  }
});

test('what follows an evaluation, or a word of one, is the training’s', () => {
  const line = (at: string, loss: number) => `step ${at} loss: ${loss}`;
  const both = [
    [10, 0.5],
    [20, 0.4],
  ];
  // Of as many steps, without a total, before the first step, by another epoch, in a sentence.
  expect(losses(line('10/100', 0.5), 'Evaluating...', line('20/100', 0.4))).toEqual(both);
  expect(losses(line('10', 0.5), 'Evaluating...', line('20', 0.4))).toEqual(both);
  expect(losses('Validating...', line('10/100', 0.5), line('20/100', 0.4))).toEqual(both);
  expect(
    losses(
      'Epoch [1][10/10] loss: 0.5',
      'Evaluating',
      'Epoch [2][4/8] loss: 0.4',
      'Epoch [2][8/8] loss: 0.3',
    ),
  ).toHaveLength(3);
  expect(losses(line('10/100', 0.5), 'Evaluating is off: no data for it.', line('20/100', 0.4))).toEqual(
    both,
  );
});

test('Coqui’s trainer: a step’s head with its time in front; a norm of gradients that was not taken', () => {
  const step = (number: number, norm: string, head = '--> TIME: 2026-02-03 10:00:00 -- STEP:') => [
    `   ${head} ${number}/50 -- GLOBAL_STEP: ${number + 100}`,
    `     | > loss: 0.${number}  (0.5)`,
    `     | > grad_norm: ${norm}  (${norm})`,
    '',
    ' > EVALUATION ',
    '  --> EVAL PERFORMANCE',
    '     | > avg_loss: 9.5 (+0.0)',
  ];
  const gradients = (...lines: string[]) =>
    reportOfLog(`${lines.join('\n')}\n`).events.flatMap(({ type, data }) =>
      type === 'STEP_COMPLETED' ? [(data as { gradNorm?: number }).gradNorm] : [],
    );
  const lines = [...step(5, '0.0'), ...step(10, '0.25'), ...step(15, '0'), ...step(20, '0.05', '--> STEP:')];
  expect(losses(...lines)).toEqual([
    [105, 0.5],
    [110, 0.1],
    [115, 0.15],
    [120, 0.2],
  ]);
  expect(gradients(...lines)).toEqual([undefined, 0.25, undefined, 0.05]);
});

describe('Sample Factory is done where it has collected the frames that were asked for', () => {
  const at = (words: string) => `[2026-02-03 10:00:00,123][4711] ${words}`;
  const frames = (count: number) =>
    at(`Fps is (10 sec: 99.5, 60 sec: 99.5, 300 sec: 99.5). Total num frames: ${count}. Throughput: 0: 9.5.`);
  const reward = at("Avg episode reward: [(0, '4.5')]");
  const log = (asked: number | null, ...lines: string[]) => {
    const total = asked === null ? [] : [`train_for_env_steps=${asked}`];
    const { events } = reportOfLog(
      `${[...total, frames(1024), reward, frames(2048), reward, ...lines].join('\n')}\n`,
    );
    const updates = events.filter(({ type }) => type === 'PPO_UPDATE_COMPLETED');
    expect(updates.map(({ data }) => (data as { batch: number }).batch)).toEqual([1024, 2048]);
    return (events.at(-1)!.data as { reason: string }).reason;
  };

  test.each([
    ['one policy', 4000, '{0: 4096}', 'finished'],
    ['several policies', 4000, '{0: 2048, 1: 2048}', 'finished'],
    ['no more than had been reported', 2048, '{0: 2048}', 'finished'],
    ['fewer frames', 5000, '{0: 4096}', 'unknown'],
    ['as many as there will be', 10_000_000_000, '{0: 4096}', 'unknown'],
    ['nobody knows how many', null, '{0: 4096}', 'unknown'],
  ])('%s', (_, asked, collected, reason) => {
    expect(log(asked, at(`Collected ${collected}, FPS: 99.5`))).toBe(reason);
  });

  test('not before its last words', () => {
    expect(log(4000)).toBe('unknown');
  });
});

test('bars that begin again: the total of the first is an epoch’s, and no end is known', () => {
  const epoch = (loss: number, last = 8) =>
    [2, 4, 6, 8]
      .filter(at => at <= last)
      .map(at => `${at * 12}%|####      | ${at}/8 [00:01<00:02, 4.75it/s, train_loss=${loss}]`);
  const endOf = (end: 'ended' | 'closed', ...lines: string[]) =>
    reportOfLog(`${lines.join('\n')}\n`, { end }).events.at(-1)!;
  for (const how of ['ended', 'closed'] as const) {
    const cut = endOf(how, ...epoch(1.5), ...epoch(0.5, 4));
    expect([cut.type, cut.data]).toEqual(['TRAINING_COMPLETED', { reason: 'unknown' }]);
    expect(endOf(how, ...epoch(1.5)).data).toEqual({ reason: 'finished' });
  }
  expect(losses(...epoch(1.5), ...epoch(0.5, 4)).map(([step]) => step)).toEqual([2, 4, 6, 8, 10, 12]);
});

describe('PFRL', () => {
  const eventsOf = (...lines: string[]) =>
    reportOfLog(`${lines.map(line => `INFO:pfrl:${line}`).join('\n')}\n`).events;
  const reportsOf = (...lines: string[]) =>
    eventsOf(...lines).flatMap(({ type, data }) =>
      type === 'STEP_COMPLETED' || type === 'PPO_UPDATE_COMPLETED' ? [{ type, ...data }] : [],
    );
  const episode = (step: number, number: number, reward: number) =>
    `outdir:runs/b step:${step} episode:${number} R:${reward}`;
  const finish = 'Saved the agent to runs/b/300_finish';

  test('an episode is a step, with the loss behind it once it has learnt', () => {
    const lines = [
      episode(100, 0, 1.5),
      "statistics:[('average_q', nan), ('average_loss', nan), ('n_updates', 0)]",
      episode(200, 1, 2.5),
      "statistics:[('average_q', np.float32(0.5)), ('average_loss', 0.25), ('n_updates', 20)]",
      'evaluation episode 0 length:40 R:9.5',
      'Saved the agent to runs/b/best',
      episode(300, 2, 3.5),
      "statistics:[('average_loss', np.float64(nan)), ('n_updates', 40)]",
    ];
    const read = reportsOf(...lines);
    expect(read).toMatchObject([
      { type: 'STEP_COMPLETED', step: 100, rollout: { episodicReturn: 1.5 } },
      { step: 200, loss: 0.25, rollout: { episodicReturn: 2.5 } },
      { step: 300, loss: 'NaN', rollout: { episodicReturn: 3.5 } },
    ]);
    expect(read[0]).not.toHaveProperty('loss');
    expect(eventsOf(...lines).at(-1)!.data).toEqual({ reason: 'unknown' });
    expect(eventsOf(...lines, finish).at(-1)!.data).toEqual({ reason: 'finished' });
  });

  test('PPO’s are updates from the first; several environments have the mean of their episodes', () => {
    const learnt = [0.25, 1.25, 0.5, -0.125];
    const statistics = (updates: number) =>
      `statistics:[${['value', 'entropy', 'value_loss', 'policy_loss']
        .map((key, i) => `('average_${key}', ${updates === 0 ? 'nan' : learnt[i]})`)
        .join(', ')}, ('n_updates', ${updates})]`;
    const several = (step: number) =>
      `outdir:runs/b step:${step} episode:${step / 50} last_R: 1.0 average_R:2.5`;
    expect(reportsOf(several(100), statistics(0), several(200), statistics(16))).toMatchObject([
      { type: 'PPO_UPDATE_COMPLETED', batch: 100, rollout: { episodicReturn: 2.5 } },
      {
        batch: 200,
        loss: { policy: -0.125, value: 0.5 },
        policy: { entropy: 1.25 },
        value: { meanValue: 0.25 },
      },
    ]);
  });
});
