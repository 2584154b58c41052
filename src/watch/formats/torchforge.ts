/** torchforge's GRPO: `=== [global_reduce] - METRICS STEP 2 ===`, then two spaces and `grpo_loss/total_loss: 1.3e-06`, a figure a line, sorted. */
import { pairIn } from '../key-values.ts';
import { peak, update } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD = /=== \[[\w-]{1,80}\] - METRICS STEP (\d{1,12}) ===/;
const ROW = /^ {1,8}([\w/.-]{1,160}: \S{1,40})\s*$/;

export const torchforge = reportFormat({
  name: 'torchforge',
  about: 'torchforge: metrics of a step',
  marks: ['metrics step '],
  names: {
    'grpo_loss/policy_gradient_loss': update('loss.policy'),
    'grpo_loss/total_loss': update('loss.total'),
    'reward/evaluate_response/avg_total_reward': update('rollout.episodicReturn'),
    'episode/avg_response_tokens': update('rollout.episodicLength'),
    'rl_trainer_perf/step/total_duration_avg_s': update('timing.updateMs', { power: 3 }),
    // Of the trainer's own process; the reference model's and the generator's stand on devices of their own.
    'rl_trainer_perf/step/memory_peak_max_gb': peak('peakAllocatedBytes', 'GiB', 'update'),
  },
  kind: 'update',
  head({ text }) {
    const head = HEAD.exec(text);
    return head === null ? null : { number: Number(head[1]), pairs: [] };
  },
  row({ text }) {
    if (/^={8,}\s*$/.test(text)) return 'end';
    const pair = pairIn(ROW.exec(text)?.[1] ?? '');
    return pair === null ? null : [pair];
  },
});
