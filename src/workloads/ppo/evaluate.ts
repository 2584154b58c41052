/** One minibatch under the present parameters: its losses, its gradient, and what PPO watches beside them. */
import { mean } from '../../base/index.ts';
import { globalNorm } from './adam.ts';
import { approxKl, clipFraction, variance } from './diagnostics.ts';
import type { ActionSpace } from './environments/index.ts';
import type { Loss, LossAndGradient, LossConfig, Minibatch } from './loss.ts';
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

/**
 * Writes the gradient, in the parameters' layout, and returns the figures.
 * @param parts the minibatch is computed in so many parts, one after the other, whose gradients and losses are averaged by their
 * sizes: all are means over samples, so nothing changes but the rounding
 */
export function evaluate(
  lossAndGradient: LossAndGradient,
  parameters: Parameters,
  minibatch: Minibatch,
  gradient: Parameters,
  { normalizeAdvantages, clipRange }: EvaluationConfig,
  parts = 1,
): MinibatchFigures {
  const advantages = normalizeAdvantages ? standardized(minibatch.advantages) : minibatch.advantages;
  const whole = { ...minibatch, advantages };
  const { logRatios, ...losses } =
    parts === 1
      ? lossAndGradient(parameters, whole, gradient)
      : inParts(lossAndGradient, parameters, whole, gradient, parts);
  return {
    ...losses,
    approxKl: approxKl(logRatios),
    clipFraction: clipFraction(logRatios, clipRange),
    gradNorm: globalNorm(gradient.flat),
  };
}

/** From where to where each of `parts` parts of `size` reaches; as equal as can be. */
export const partsOf = (size: number, parts: number): [from: number, to: number][] =>
  Array.from({ length: parts }, (_, i) => [
    Math.floor((i * size) / parts),
    Math.floor(((i + 1) * size) / parts),
  ]);

function inParts(
  lossAndGradient: LossAndGradient,
  parameters: Parameters,
  minibatch: Minibatch,
  gradient: Parameters,
  parts: number,
): Loss {
  const size = minibatch.advantages.length;
  const sum = new Float64Array(gradient.flat.length);
  const loss: Loss = { total: 0, policy: 0, value: 0, entropy: 0, logRatios: new Float32Array(size) };
  for (const [from, to] of partsOf(size, parts)) {
    const rows = (values: Float32Array) =>
      values.subarray((from * values.length) / size, (to * values.length) / size);
    const part = Object.fromEntries(
      Object.entries(minibatch).map(([name, values]) => [name, rows(values).slice()]),
    ) as unknown as Minibatch;
    const { logRatios, ...losses } = lossAndGradient(parameters, part, gradient);
    const weight = (to - from) / size;
    for (const name of ['total', 'policy', 'value', 'entropy'] as const) loss[name] += weight * losses[name];
    loss.logRatios.set(logRatios, from);
    for (let i = 0; i < sum.length; i++) sum[i]! += weight * gradient.flat[i]!;
  }
  gradient.flat.set(sum);
  return loss;
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
