/** One minibatch under the present parameters: its losses, its gradient, and what PPO watches beside them. */
import { globalNorm } from './adam.ts';
import { approxKl, clipFraction, mean, variance } from './diagnostics.ts';
import type { ActionSpace } from './environments/index.ts';
import type { LossAndGradient, LossConfig, Minibatch } from './loss.ts';
import { type NamedArrays, newParameters, type Parameters, parameterShapes } from './parameters.ts';

export interface MinibatchFigures {
  total: number;
  policy: number;
  value: number;
  /** Nats, as is the KL. */
  entropy: number;
  approxKl: number;
  clipFraction: number;
  /** Global L2 norm of the gradient, before any clipping. */
  gradNorm: number;
}

export interface EvaluationConfig extends LossConfig {
  /** Give the minibatch's advantages mean 0 and standard deviation 1 first. */
  normalizeAdvantages: boolean;
}

/** Writes the gradient, in the parameters' layout, and returns the figures. */
export function evaluate(
  lossAndGradient: LossAndGradient,
  parameters: Parameters,
  minibatch: Minibatch,
  gradient: Parameters,
  { normalizeAdvantages, clipRange }: EvaluationConfig,
): MinibatchFigures {
  const advantages = normalizeAdvantages ? standardized(minibatch.advantages) : minibatch.advantages;
  const { logRatios, ...losses } = lossAndGradient(parameters, { ...minibatch, advantages }, gradient);
  return {
    ...losses,
    approxKl: approxKl(logRatios),
    clipFraction: clipFraction(logRatios, clipRange),
    gradNorm: globalNorm(gradient.flat),
  };
}

/** Mean 0, sample standard deviation 1; unchanged where there are fewer than two. */
function standardized(values: Float32Array): Float32Array {
  const { length } = values;
  if (length < 2) return values;
  const centre = mean(values);
  const deviation = Math.sqrt((variance(values) * length) / (length - 1)) + 1e-8;
  return values.map(x => (x - centre) / deviation);
}

/**
 * Losses, diagnostics and gradients for given weights: pure, so that other implementations can be compared.
 * @param weights by the names, shapes and layout that parameters.ts documents
 */
export async function lossAndGradients(
  weights: NamedArrays,
  minibatch: Minibatch,
  config: EvaluationConfig & { observationSize: number; actionSpace: ActionSpace },
): Promise<MinibatchFigures & { gradients: NamedArrays }> {
  const { compileLoss } = await import('./loss.ts');
  const shapes = parameterShapes(config.observationSize, config.actionSpace);
  const compiled = await compileLoss(shapes, config.observationSize, config.actionSpace, config);
  const parameters = newParameters(shapes);
  for (const name in shapes) parameters.named[name]!.set(weights[name]!);
  const gradient = newParameters(shapes);
  const figures = evaluate(compiled, parameters, minibatch, gradient, config);
  return { ...figures, gradients: gradient.named };
}
