/** Names of figures that bars have. */
import type { Figures, Names } from './figures.ts';
import { memoryNames, peak, update } from './known-keys.ts';

export const barNames: Names = {
  train_loss: { step: 'loss' },
  reduced_train_loss: { step: 'loss' },
  train_loss_step: { step: 'loss' },
  loss_step: { step: 'loss' },
  // diffusers, kohya's sd-scripts.
  step_loss: { step: 'loss' },
  avr_loss: { step: 'loss' },
  avg_loss: { step: 'loss' },
  avg_epoch_loss: { step: 'loss' },
  'train/loss_step': { step: 'loss' },
  // torchtune's bar, `1|2|Loss: 1.56:   0%|`.
  Loss: { step: 'loss' },
  mem: peak('peakAllocatedBytes', 'MiB'),
  ...memoryNames,
  'train_step_timing in s': { step: 'stepMs', power: 3 },
  // OpenVLA.
  'Learning Rate': { step: 'learningRate', update: 'policy.learningRate' },
  // Tianshou.
  rew: update('rollout.episodicReturn'),
  'episode length': update('rollout.episodicLength'),
  'loss/clip': update('loss.policy'),
  'loss/vf': update('loss.value'),
  'loss/ent': update('policy.entropy'),
  'average reward': update('rollout.episodicReturn'),
  'lr policy': update('policy.learningRate'),
  // OpenRLHF before 0.8.
  pg: update('loss.policy'),
  rm: update('rollout.episodicReturn'),
  ret: update('value.meanReturn'),
  glen: update('rollout.episodicLength'),
  cri: update('loss.value'),
  vals: update('value.meanValue'),
  ent: update('policy.entropy'),
  act_lr: update('policy.learningRate'),
  act_loss: update('loss.policy'),
  gen_len: update('rollout.episodicLength'),
  values: update('value.meanValue'),
  // OpenRLHF of today, where its dictionaries are not in the log.
  'losses/total_loss': update('loss.total'),
  policy_loss: update('loss.policy'),
  critic_loss: update('loss.value'),
  reward: update('rollout.episodicReturn'),
  return: update('value.meanReturn'),
  response_length: update('rollout.episodicLength'),
  actor_lr: update('policy.learningRate'),
};
/** Whether it is an amount of a device's memory. */
export const isAmount = (key: string) => barNames[key]?.memory !== undefined;
/** Whether they are of OpenRLHF before 0.8, whose loop over a bar sets its figures before the bar moves. */
export const isOfRlLoop = (figures: Figures) =>
  (figures.has('pg') && figures.has('glen')) || (figures.has('act_loss') && figures.has('gen_len'));
/** Whether they are of an update of reinforcement learning. */
export const isRlBar = (figures: Figures) =>
  figures.has('pg') ||
  figures.has('act_loss') ||
  figures.has('loss/clip') ||
  figures.has('policy_loss') ||
  figures.has('losses/policy_loss') ||
  figures.has('average reward');
