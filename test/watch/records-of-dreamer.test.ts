/** DreamerV3's own records, values invented: what its console has under the same names; and records that are numbered, but have no figure that is known. */
import { expect, test } from 'vitest';
import { watchedTruly as watched } from './pasted.ts';
import { figuresOf } from './report-of-log.ts';

test('metrics.jsonl and scores.jsonl are numbered by the environment’s steps, and a score is the return', () => {
  const metrics = watched(
    '{"step": 144, "train/adv": 0.0, "train/loss/dyn": 1.0, "train/loss/policy": -0.00025, "fps/policy": 12.5}',
    '{"step": 180, "train/adv": 0.0, "train/loss/dyn": 1.5, "train/loss/policy": -0.0005, "fps/policy": 12.25}',
    '{"step": 216, "episode/score": 2.5, "episode/length": 101.0, "train/loss/dyn": 1.25, "fps/policy": 12.75}',
  );
  expect(metrics.numbers).toEqual([144, 180, 216]);
  expect(metrics.notices).toEqual([]);
  expect(figuresOf(metrics)[0]).toMatchObject({ samplesPerSecond: 12.5, extra: { 'train/loss/dyn': 1 } });
  expect(figuresOf(metrics)[2]).toMatchObject({ rollout: { episodicReturn: 2.5, episodicLength: 101 } });
  const scores = watched(...[401, 402, 403].map(step => `{"step": ${step}, "episode/score": 2.5}`));
  expect(scores.numbers).toEqual([401, 402, 403]);
  expect(scores.notices).toEqual([]);
});

test('records that a known key numbers are not called unnumbered', () => {
  const of = (key: string) =>
    watched(...[1, 2, 3].map(at => `{"${key}": ${at}, "alpha": 0.5, "beta": 0.25}`)).notices.join('\n');
  expect(of('step')).toContain('records without a figure that is known; their keys beside step: alpha, beta');
  expect(of('step')).not.toContain('--map step=step');
  expect(of('tick')).toContain('numbered by tick, which grows: --map tick=step');
});
