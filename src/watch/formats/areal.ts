/**
 * AReaL: `Epoch 1/10 Step 3/120 Train step 3/1200 done.`, then a boxed table, `│ ppo_actor/actor_loss/avg │ 1.2345e-03 │`. Keys have the name of the
 * trainer's part in front; means end with `/avg`. Its memory lines are verl's.
 */
import { update } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD = /\bEpoch \d{1,9}\/\d{1,9} Step \d{1,12}\/\d{1,12} Train step (\d{1,12})\/(\d{1,12}) done\b/;
const ROW = /^[│|] {1,4}(\S{1,120}) {1,200}[│|] {1,40}(\S{1,40}) {1,40}[│|]\s*$/;
const END = /^[╘└]/;

export const areal = reportFormat({
  name: 'areal',
  about: 'AReaL: tables of a training step',
  marks: ['train step '],
  names: {
    actor_loss: update('loss.policy'),
    loss: update('loss.policy'),
    approx_kl: update('policy.approxKl'),
    entropy: update('policy.entropy'),
    clip_ratio: update('policy.clipFraction'),
    task_reward: update('rollout.episodicReturn'),
    seq_len: update('rollout.episodicLength'),
    grad_norm: update('gradient.norm'),
    lr: update('policy.learningRate'),
    'timeperf/rollout': update('timing.rolloutMs', { power: 3 }),
    'timeperf/train_step': update('timing.updateMs', { power: 3 }),
  },
  kind: 'update',
  head({ text }) {
    const head = HEAD.exec(text);
    return head === null ? null : { number: Number(head[1]), total: Number(head[2]), pairs: [] };
  },
  row({ text }) {
    const row = ROW.exec(text);
    if (row === null) return END.test(text) ? 'end' : null;
    const key = row[1]!.replace(/^(?:ppo|grpo)_actor\/(?:update\/)?/, '').replace(/\/avg$/, '');
    return [{ key, value: row[2]! }];
  },
});
