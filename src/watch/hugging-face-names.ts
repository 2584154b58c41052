/** Names of the Hugging Face Trainer and of trainers like it, in dictionaries and in their JSON. */
import type { Figures, Names } from './figures.ts';

/** What the keys of reinforcement learning mean here. `kl` is to the reference model: a figure of its own, under `extra`. */
export const huggingFaceNames: Names = {
  reward: { update: 'rollout.episodicReturn' },
  return: { update: 'value.meanReturn' },
  // slime's, of the rollout before the step.
  'rollout/raw_reward': { update: 'rollout.episodicReturn' },
  'rollout/response_lengths': { update: 'rollout.episodicLength' },
  'rollout/response_len/mean': { update: 'rollout.episodicLength' },
  'perf/rollout_time': { update: 'timing.rolloutMs', power: 3 },
  'train/lr-pg_0': { step: 'learningRate', update: 'policy.learningRate' },
  'completions/mean_length': { update: 'rollout.episodicLength' },
  completion_length: { update: 'rollout.episodicLength' },
  response_length: { update: 'rollout.episodicLength' },
  'clip_ratio/region_mean': { update: 'policy.clipFraction' },
  clip_ratio: { update: 'policy.clipFraction' },
  step_time: { update: 'timing.updateMs', step: 'stepMs', power: 3 },
  actor_lr: { update: 'policy.learningRate' },
  critic_loss: { update: 'loss.value' },
  'train/pg_loss': { update: 'loss.policy' },
  // slime's is the entropy itself.
  'train/entropy_loss': { update: 'policy.entropy' },
  'train/ppo_kl': { update: 'policy.approxKl' },
  'train/pg_clipfrac': { update: 'policy.clipFraction' },
  'train/loss': { update: 'loss.total', step: 'loss' },
  'loss/train': { step: 'loss' },
  // SetFit's, which trains a body and a head.
  embedding_loss: { step: 'loss' },
  'train/grad_norm': { update: 'gradient.norm', step: 'gradNorm' },
};

export const isHuggingFaceRl = (key: string): boolean =>
  key === 'reward' ||
  // TRL leaves the reward out of the steps that generate nothing.
  key === 'clip_ratio/region_mean' ||
  key === 'policy_loss' ||
  key === 'train/pg_loss' ||
  /^(?:objective|ppo|policy)\/|^loss\/policy_avg$/.test(key);

const OF_LOSS = new Set(['loss', 'train/loss', 'embedding_loss']);
/** What stands beside a policy's loss in its reports; a dictionary of losses alone is of a loop by hand. */
const BESIDE_POLICY =
  /^(?:(?:actor_|critic_)?lr|learning_rate|epoch|kl|return|reward|response_length|grad_norm|(?:global_)?step)$/;
/** Whether a dictionary of these figures is a report of it. */
export const isHuggingFaceReport = (figures: Figures): boolean =>
  [...figures.keys()].some(key => OF_LOSS.has(key) || (isHuggingFaceRl(key) && key !== 'policy_loss')) ||
  (figures.has('policy_loss') && [...figures.keys()].some(key => BESIDE_POLICY.test(key))) ||
  // Its number is always in it: a dictionary without is damaged.
  (figures.has('loss/train') && figures.has('counters/updates'));

/** `{'format_reward': 1.0, 'answer_reward': 0.0, 'reward': 0.0}`: what one answer got, and no report of a step. */
export const isHuggingFaceSample = (figures: Figures): boolean =>
  !figures.has('loss') && [...figures.keys()].every(key => /^(?:\w{1,40}_)?(?:reward|score)$/.test(key));

/** Gaudi's reports alone have all that there is of the device. */
export const huggingFaceDevice = (figures: Figures): string =>
  figures.has('total_memory_available (GB)') ? 'hpu' : 'cuda';

/** Whether it is LLaMA-Factory's last row: a place at the end of all, and no figure. */
export const isPlaceOfAll = (figures: Figures): boolean =>
  figures.has('current_steps') &&
  figures.get('current_steps')!.value === figures.get('total_steps')?.value &&
  ![...figures.keys()].some(key => key.startsWith('eval_'));
