/** What logs of trainers print beside their reports, as people paste them, values invented → which figure it is, and of which report. */
import { describe, expect, test } from 'vitest';
import { reportsOf, watched } from './report-of-log.ts';

const endOf = (...lines: string[]) => watched(...lines).events.at(-1)!.data;

describe('rl_games', () => {
  const epoch = (number: number, frames: number) =>
    `fps step: 2000 fps step and policy inference: 1500 fps total: 1200 epoch: ${number}/4 frames: ${frames}`;
  const saved = "=> saving checkpoint 'runs/Walker/nn/Walker.pth'";

  test('the mean return of an epoch that was the best so far stands below it', () => {
    const log = [
      ...['saving next best rewards:  [1.5]', saved],
      ...[epoch(2, 512), epoch(3, 1024), 'saving next best rewards:  [12.75]', saved],
      ...[epoch(4, 1536), saved, 'saving next best rewards:  [-3.5e+02]', saved, 'MAX EPOCHS NUM!'],
    ];
    const returnOf = ({ batch, rollout }: Record<string, unknown>) => [
      batch,
      (rollout as { episodicReturn?: number }).episodicReturn,
    ];
    expect(reportsOf(...log).map(returnOf)).toEqual([
      [2, undefined],
      [3, 12.75],
      [4, -350],
    ]);
    expect(endOf(...log)).toMatchObject({ reason: 'finished' });
  });

  test.each([
    'saving next best rewards:  [1.5 2.5]',
    'saving next best rewards:  nothing',
    'best rewards: 12.75',
  ])('none: %s', line => {
    expect(reportsOf(epoch(2, 512), line)[0]!.rollout).toEqual({ totalSteps: 512 });
  });
});

test('a table of old Baselines under its number alone', () => {
  const block = (number: number, reward: number, kl: string) => [
    ...[`Iteration ${number}`, 'kl just right!', ''],
    ...['| EVAfter   | 0.75      |', '| EVBefore  | 0.5       |', '| EpLenMean | 128        |'],
    ...[`| EpRewMean | ${reward}       |`, `| KL        | ${kl} |`, ''],
  ];
  expect(reportsOf(...block(40, -8.5, '0.0015'), ...block(41, -7.25, 'nan'))).toMatchObject([
    {
      batch: 40,
      rollout: { episodicReturn: -8.5, episodicLength: 128 },
      value: { explainedVariance: 0.75 },
      policy: { approxKl: 0.0015 },
      extra: { EVBefore: 0.5 },
    },
    { batch: 41, rollout: { episodicReturn: -7.25 }, policy: { approxKl: 'NaN' } },
  ]);
  // Prose, and the heading of a loop whose lines have figures of their own.
  expect(reportsOf('Iteration 40', 'The weather is fine', '| Server | 12 |')).toEqual([]);
});

test('NeMo-RL, asynchronous: what a step waited for its rollout', () => {
  expect(
    reportsOf(
      ...['📊 Training Results:', '  • Loss: 0.25', '  • Avg Reward: 0.5', '', '⏱️  Timing:'],
      ...[
        '  • Total step time: 60.50s',
        '  • exposed_generation: 30.50s (50.4%)',
        '  • policy_training: 20.25s (33.5%)',
      ],
    ),
  ).toMatchObject([{ timing: { rolloutMs: 30_500, updateMs: 20_250 }, extra: { 'Total step time': 60.5 } }]);
});

test('RLlib’s result that begins in the midst: how long its iteration took', () => {
  expect(
    reportsOf(
      ...['    cpu_util_percent: 48.5', '  time_since_restore: 1200.5', '  time_this_iter_s: 10.25'],
      ...['  timesteps_total: 4000', '  training_iteration: 12', "  trial_id: '0aa44_00000'", '  '],
    ),
  ).toMatchObject([{ batch: 12, timing: { updateMs: 10_250 }, rollout: { totalSteps: 4000 } }]);
});

test('memory with a percent sign has that unit; what has another one, or none, is of no unit', () => {
  const extra = (memory: string) => reportsOf(`Epoch 3: loss 0.5   Memory ${memory}`)[0]!.extra;
  expect(extra('10.5%')).toEqual({ 'Memory (%)': 10.5 });
});

test('how long all of a training took is its last word, and none where reports follow', () => {
  const line = (step: number) =>
    `[07:15:39.400163] Epoch: [0]  [${step}/40]  loss: 0.5 (0.75)  time: 1.5  data: 0.1`;
  expect(endOf(line(10), line(20), '[07:20:32.390498] Training time 0:47:14')).toMatchObject({
    reason: 'finished',
  });
  expect(endOf(line(10), 'Training time 0:01:14', line(20))).toMatchObject({ reason: 'unknown' });
  expect(endOf(line(10), 'Training time 0:01:14 of epoch 0', 'x')).toMatchObject({ reason: 'unknown' });
});

test('of a record that nothing numbers, the key that counts is advised, and no setting', () => {
  const { notices } = watched('{"a/rollout_epochs": 4, "a/reward": 0.5, "training_step": 512}');
  expect(notices.join()).toContain('--map training_step=step');
});
