/** PyMARL, EPyMARL: `Recent Stats | t_env:      10050 | Episode:      150`, then four pairs a line, parted by tabs. Numbered by the environment's steps. */
import { partedPairs } from '../key-values.ts';
import { update } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD = /\bRecent Stats \| t_env: {1,12}(\d{1,15}) \| Episode: {1,12}(\d{1,12})\s*$/;
const ROW = /^[a-z][\w/]{0,60}: {1,40}-?(?:\d|nan|inf)/;

export const pymarl = reportFormat({
  name: 'pymarl',
  about: 'PyMARL, EPyMARL: blocks of recent statistics',
  marks: ['recent stats | '],
  names: {
    Episode: update('rollout.totalEpisodes'),
    return_mean: update('rollout.episodicReturn'),
    total_return_mean: update('rollout.episodicReturn'),
    ep_length_mean: update('rollout.episodicLength'),
    pg_loss: update('loss.policy'),
    critic_loss: update('loss.value'),
    agent_grad_norm: { update: 'gradient.norm', step: 'gradNorm' },
  },
  kind: figures => figures.has('pg_loss'),
  head({ text }) {
    const head = HEAD.exec(text);
    return head === null ? null : { number: Number(head[1]), pairs: [{ key: 'Episode', value: head[2]! }] };
  },
  row: ({ text }) => (ROW.test(text) ? partedPairs(text, '\t') : text.trim() === '' ? 'end' : null),
});
