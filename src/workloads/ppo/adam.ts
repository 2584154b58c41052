/**
 * Adam (Kingma and Ba 2015) and clipping by global norm, over flat arrays: an initial state, and a step
 * that updates state and parameters in place. Plain loops: jax would dispatch a dozen kernels for each of the
 * parameters' arrays.
 */

export interface AdamState {
  /** First and second moments of the gradient. */
  mean: Float32Array;
  square: Float32Array;
  /** Steps made. */
  steps: number;
}

export interface AdamConfig {
  learningRate: number;
  epsilon: number;
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;

export const initialAdam = (size: number): AdamState => ({
  mean: new Float32Array(size),
  square: new Float32Array(size),
  steps: 0,
});

/** One step: parameters −= learningRate × m̂ / (√v̂ + ε). */
export function adamStep(
  state: AdamState,
  parameters: Float32Array,
  gradient: Float32Array,
  { learningRate, epsilon }: AdamConfig,
): void {
  const { mean, square } = state;
  state.steps++;
  const scale = learningRate / (1 - BETA_1 ** state.steps);
  const correction = 1 / (1 - BETA_2 ** state.steps);
  for (let i = 0; i < parameters.length; i++) {
    const g = gradient[i]!;
    const m = BETA_1 * mean[i]! + (1 - BETA_1) * g;
    const v = BETA_2 * square[i]! + (1 - BETA_2) * g * g;
    mean[i] = m;
    square[i] = v;
    parameters[i]! -= (scale * m) / (Math.sqrt(v * correction) + epsilon);
  }
}

/** L2 norm over all entries. */
export function globalNorm(gradient: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < gradient.length; i++) sum += gradient[i]! * gradient[i]!;
  return Math.sqrt(sum);
}

/** Scales the gradient in place so that its norm is at most `maxNorm`. @param norm of the gradient as it is */
export function clipByGlobalNorm(gradient: Float32Array, maxNorm: number, norm = globalNorm(gradient)): void {
  if (norm <= maxNorm) return;
  const scale = maxNorm / norm;
  for (let i = 0; i < gradient.length; i++) gradient[i]! *= scale;
}
