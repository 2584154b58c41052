/** What PPO watches besides its losses: how far the policy moved, how much the value function explains. */

import { mean } from '../../base/index.ts';

/** Mean of (ratio − 1) − log ratio over the samples, nats: an estimate of KL(old ‖ new) that is never negative. */
export function approxKl(logRatios: Float32Array): number {
  let sum = 0;
  for (const logRatio of logRatios) sum += Math.expm1(logRatio) - logRatio;
  return sum / logRatios.length;
}

/** Share of ratios outside [1 − ε, 1 + ε]; a ratio that is not a number is outside. */
export function clipFraction(logRatios: Float32Array, clipRange: number): number {
  let outside = 0;
  for (const logRatio of logRatios) if (!(Math.abs(Math.expm1(logRatio)) <= clipRange)) outside++;
  return outside / logRatios.length;
}

/**
 * Returns whose standard deviation is below this share of their mean hardly vary, as those of a task that is solved: how
 * much of nothing is explained means nothing.
 */
const LEAST_SPREAD = 0.005;

/** 1 − Var(returns − values) / Var(returns); null where the returns hardly vary. */
export function explainedVariance(values: Float32Array, returns: Float32Array): number | null {
  const spread = variance(returns);
  return spread <= (LEAST_SPREAD * mean(returns)) ** 2
    ? null
    : 1 - variance(returns.map((target, i) => target - values[i]!)) / spread;
}

/** Population variance. */
export function variance(values: ArrayLike<number>): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) ** 2;
  return sum / values.length;
}
