/** Learning figures for a run that nobody trains: plausible series, so that every panel has something to show. */
import type { Payload } from '../../../contract/index.ts';
import type { Dice } from './random.ts';

type Update = Payload<'PPO_UPDATE_COMPLETED'>;

/** Loss, policy, value and gradient of an update, `progress` of the way (0–1) through learning. */
export function learned(
  dice: Dice,
  progress: number,
): Pick<Update, 'loss' | 'policy' | 'value' | 'gradient'> & { episodicReturn: number } {
  const around = (value: number, deviation: number) => value + deviation * dice.normal();
  const value = around(18 * Math.exp(-6 * progress) + 3, 0.4);
  const policy = around(-0.012, 0.003);
  return {
    loss: { total: policy + 0.5 * value, policy, value },
    policy: {
      entropy: around(0.69 - 0.25 * progress, 0.008),
      approxKl: Math.abs(around(0.009, 0.002)),
      clipFraction: Math.abs(around(0.08, 0.015)),
      clipRange: 0.2,
      learningRate: 3e-4 * (1 - progress),
      epochs: 4,
      earlyStopped: false,
    },
    value: {
      explainedVariance: Math.min(0.99, around(0.9 - 0.9 * Math.exp(-8 * progress), 0.02)),
      meanValue: null,
      meanReturn: null,
    },
    gradient: { norm: Math.abs(around(0.45, 0.06)), maxNorm: 0.5 },
    episodicReturn: around(480 / (1 + Math.exp(4 - 10 * progress)), 4),
  };
}
