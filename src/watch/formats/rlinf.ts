/**
 * RLinf: a box a step, `│ Global Step:   24/1000 │ Progress: … │`, `│ Elapsed: … │ Step Time: 788.979s │`, then its figures in three columns,
 * `│actor/policy_loss=0.013   │time/step=788.9   │`.
 */
import { partedPairs } from '../key-values.ts';
import { update } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD = /^[│|] {0,4}Global Step: {1,12}(\d{1,12})\/(\d{1,12}) {1,8}[│|]/;
const STEP_TIME = /[│|] {0,4}(Step Time): (\d{1,9}\.\d{1,6}s)/;

export const rlinf = reportFormat({
  name: 'rlinf',
  about: 'RLinf: tables of a step',
  marks: ['global step: '],
  names: {
    'actor/policy_loss': update('loss.policy'),
    'train/actor/policy_loss': update('loss.policy'),
    'critic/value_loss': update('loss.value'),
    'train/critic/value_loss': update('loss.value'),
    'actor/approx_kl': update('policy.approxKl'),
    'train/actor/approx_kl': update('policy.approxKl'),
    'actor/clip_fraction': update('policy.clipFraction'),
    'train/actor/clip_fraction': update('policy.clipFraction'),
    'train/actor/grad_norm': update('gradient.norm'),
    'train/actor/lr': update('policy.learningRate'),
    'env/return': update('rollout.episodicReturn'),
    'env/episode_len': update('rollout.episodicLength'),
    generate_rollouts: update('timing.rolloutMs', { power: 3 }),
    'time/generate_rollouts': update('timing.rolloutMs', { power: 3 }),
    'actor/run_training': update('timing.updateMs', { power: 3 }),
    'time/actor/run_training': update('timing.updateMs', { power: 3 }),
  },
  kind: 'update',
  head({ text }) {
    const head = HEAD.exec(text);
    return head === null ? null : { number: Number(head[1]), total: Number(head[2]), pairs: [] };
  },
  row({ text }) {
    if (text.startsWith('╰')) return 'end';
    if (!/^[│|]/.test(text)) return text.startsWith('├') ? [] : null;
    const time = STEP_TIME.exec(text);
    if (time !== null) return [{ key: time[1]!, value: time[2]! }];
    return text.split(/[│|]/).flatMap(cell => partedPairs(cell, '  ', '='));
  },
});
