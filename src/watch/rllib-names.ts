/** RLlib's names of its figures, of the new API stack and the old one: tables, progress.csv and result.json have the same. */
import type { Names } from './figures.ts';
import { update } from './known-keys.ts';

/** Of one policy, by their own names. */
export const rllibPolicyNames: Names = {
  policy_loss: update('loss.policy'),
  vf_loss: update('loss.value'),
  total_loss: update('loss.total'),
  entropy: update('policy.entropy'),
  mean_kl_loss: update('policy.approxKl'),
  kl: update('policy.approxKl'),
  vf_explained_var: update('value.explainedVariance'),
  default_optimizer_learning_rate: update('policy.learningRate'),
  cur_lr: update('policy.learningRate'),
  grad_gnorm: update('gradient.norm'),
};
const prefixes = [
  'learners/default_policy/',
  'info/learner/default_policy/',
  'info/learner/default_policy/learner_stats/',
];

export const rllibNames: Names = {
  'env_runners/episode_return_mean': update('rollout.episodicReturn'),
  'env_runners/episode_len_mean': update('rollout.episodicLength'),
  'env_runners/num_env_steps_sampled': update('rollout.steps'),
  'env_runners/num_episodes': update('rollout.episodes'),
  'env_runners/num_episodes_lifetime': update('rollout.totalEpisodes'),
  num_env_steps_sampled_lifetime: update('rollout.totalSteps'),
  episode_reward_mean: update('rollout.episodicReturn'),
  episode_len_mean: update('rollout.episodicLength'),
  episodes_this_iter: update('rollout.episodes'),
  episodes_total: update('rollout.totalEpisodes'),
  timesteps_total: update('rollout.totalSteps'),
  num_env_steps_sampled: update('rollout.totalSteps'),
  num_env_steps_sampled_this_iter: update('rollout.steps'),
  'timers/env_runner_sampling_timer': update('timing.rolloutMs', { power: 3 }),
  'timers/learner_update_timer': update('timing.updateMs', { power: 3 }),
  ...Object.fromEntries(
    prefixes.flatMap(prefix => Object.entries(rllibPolicyNames).map(([key, known]) => [prefix + key, known])),
  ),
};
