/**
 * Sampling from the policy during a rollout: a categorical over logits for discrete actions; for continuous
 * ones a Gaussian about the actor's outputs whose log standard deviation does not depend on the state.
 */
import type { Random } from './random.ts';

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/**
 * @param logits [rows, n]
 * @param actions receives [rows] indices
 * @param logProbs receives [rows], nats
 */
export function sampleCategorical(
  logits: Float32Array,
  n: number,
  random: Random,
  actions: Float32Array,
  logProbs: Float32Array,
): void {
  for (let row = 0; row < actions.length; row++) {
    const at = row * n;
    let max = logits[at]!;
    for (let i = 1; i < n; i++) max = Math.max(max, logits[at + i]!);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.exp(logits[at + i]! - max);
    let left = random.uniform() * sum;
    let action = 0;
    for (; action < n - 1; action++) {
      left -= Math.exp(logits[at + action]! - max);
      if (left < 0) break;
    }
    actions[row] = action;
    logProbs[row] = logits[at + action]! - max - Math.log(sum);
  }
}

/**
 * @param means [rows, size]
 * @param logStd [size]
 * @param actions receives [rows, size], not clipped to the action space's bounds
 * @param logProbs receives [rows], nats, summed over dimensions
 */
export function sampleGaussian(
  means: Float32Array,
  logStd: Float32Array,
  random: Random,
  actions: Float32Array,
  logProbs: Float32Array,
): void {
  const size = logStd.length;
  for (let row = 0; row < logProbs.length; row++) {
    let logProb = 0;
    for (let i = 0; i < size; i++) {
      const noise = random.normal();
      actions[row * size + i] = means[row * size + i]! + Math.exp(logStd[i]!) * noise;
      logProb -= 0.5 * noise * noise + logStd[i]! + HALF_LOG_TWO_PI;
    }
    logProbs[row] = logProb;
  }
}
