/** What DreamerV3 and DreamerV2 call their figures, on the console and in metrics.jsonl and scores.jsonl. Steps are the environment's. */
import type { Names } from './figures.ts';
import { update } from './known-keys.ts';

export const dreamerNames: Names = {
  'episode/score': update('rollout.episodicReturn'),
  'episode/length': update('rollout.episodicLength'),
  return: update('rollout.episodicReturn'),
  length: update('rollout.episodicLength'),
  fps: { step: 'samplesPerSecond' },
  'fps/policy': { step: 'samplesPerSecond' },
  model_loss: { step: 'loss' },
  'train/model_loss_mean': { step: 'loss' },
  'train/loss': { step: 'loss' },
};
