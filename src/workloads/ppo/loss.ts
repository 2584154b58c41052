/**
 * PPO's loss and its gradient, in jax: the clipped surrogate of Schulman et al. (2017), a squared-error value
 * loss and an entropy bonus. This is the only module that loads jax. In jax-js every use of an array consumes
 * it: `.ref` is one more use.
 */
import { init, jit, lax, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import type { ActionSpace } from './environments/index.ts';
import { type Parameters, policyOutputs, type Shapes } from './parameters.ts';

export interface LossConfig {
  /** ε: the surrogate stops rewarding ratios outside [1 − ε, 1 + ε]. */
  clipRange: number;
  /** The value may move by this much from the rollout's before its loss stops falling; null: no clipping. */
  valueClipRange: number | null;
  valueCoefficient: number;
  entropyCoefficient: number;
}

/** M samples; the arrays are [M, …] row by row. */
export interface Minibatch {
  observations: Float32Array;
  /** [M, actionWidth]: a discrete action's index, or one number a dimension, before any clipping. */
  actions: Float32Array;
  /** Log-probabilities of the actions under the policy that took them. */
  oldLogProbs: Float32Array;
  advantages: Float32Array;
  returns: Float32Array;
  /** What the critic predicted during the rollout. */
  oldValues: Float32Array;
}

export interface Loss {
  /** policy + valueCoefficient × value − entropyCoefficient × entropy */
  total: number;
  policy: number;
  /** Half the mean squared error. */
  value: number;
  /** Mean entropy of the policy, nats. */
  entropy: number;
  /** [M], log of new over old probability. */
  logRatios: Float32Array;
}

/** Evaluates the loss and writes its gradient, in the parameters' layout. */
export type LossAndGradient = (parameters: Parameters, minibatch: Minibatch, gradient: Parameters) => Loss;

type Arrays = Record<string, np.Array>;

/** x · weightᵀ + bias */
const linear = (x: np.Array, weight: np.Array, bias: np.Array) =>
  lax.dot(x, weight, { lhsContractingDims: [1], rhsContractingDims: [1] }).add(bias);

/** Three layers, tanh between; [M, inputs] → [M, outputs]. */
function mlp(trunk: 'actor' | 'critic', p: Arrays, observations: np.Array): np.Array {
  let x = observations;
  for (const layer of [0, 1])
    x = np.tanh(linear(x, p[`${trunk}.${layer}.weight`]!, p[`${trunk}.${layer}.bias`]!));
  return linear(x, p[`${trunk}.2.weight`]!, p[`${trunk}.2.bias`]!);
}

/** Log-probabilities [M] of one-hot actions [M, n], and the mean entropy. */
function categorical(logits: np.Array, actions: np.Array): [logProbs: np.Array, entropy: np.Array] {
  const [samples] = logits.shape as [number];
  const logP = nn.logSoftmax(logits, -1);
  const entropy = np
    .exp(logP.ref)
    .mul(logP.ref)
    .sum()
    .mul(-1 / samples);
  return [logP.mul(actions).sum(-1), entropy];
}

/** Log-probabilities [M] of actions [M, size], and the entropy. */
function gaussian(
  means: np.Array,
  logStd: np.Array,
  actions: np.Array,
): [logProbs: np.Array, entropy: np.Array] {
  const constant = 0.5 * Math.log(2 * Math.PI);
  const noise = actions.sub(means).mul(np.exp(logStd.ref.mul(-1)));
  const logProbs = np.square(noise).mul(-0.5).sub(logStd.ref).sub(constant).sum(-1);
  return [logProbs, logStd.add(0.5 + constant).sum()];
}

function loss(p: Arrays, batch: Arrays, config: LossConfig): [np.Array, Arrays] {
  const { observations, actions, oldLogProbs, advantages, returns, oldValues } = batch as {
    [field in keyof Minibatch]: np.Array;
  };
  const policyOutput = mlp('actor', p, observations.ref);
  const values = mlp('critic', p, observations).ravel();

  const [logProbs, entropy] = p.logStd
    ? gaussian(policyOutput, p.logStd, actions)
    : categorical(policyOutput, actions);
  const logRatios = logProbs.sub(oldLogProbs);
  const ratios = np.exp(logRatios.ref);
  const clipped = np.clip(ratios.ref, 1 - config.clipRange, 1 + config.clipRange);
  const policy = np.minimum(ratios.mul(advantages.ref), clipped.mul(advantages)).mean().mul(-1);

  const errors = np.square(values.ref.sub(returns.ref));
  let worst = errors;
  if (config.valueClipRange === null) tree.dispose([values, returns, oldValues]);
  else {
    const moved = np.clip(values.sub(oldValues.ref), -config.valueClipRange, config.valueClipRange);
    worst = np.maximum(errors, np.square(oldValues.add(moved).sub(returns)));
  }
  const value = worst.mean().mul(0.5);

  const total = policy.ref
    .add(value.ref.mul(config.valueCoefficient))
    .sub(entropy.ref.mul(config.entropyCoefficient));
  return [total, { policy, value, entropy, logRatios }];
}

/** Compiles the loss for parameters of these shapes; each new minibatch size is compiled when first met. */
export async function compileLoss(
  shapes: Shapes,
  observationSize: number,
  space: ActionSpace,
  config: LossConfig,
): Promise<LossAndGradient> {
  await init('wasm');
  const actionColumns = policyOutputs(space);
  const shaped = (p: Arrays) =>
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, p[name]!.reshape([...shape])]));

  const evaluate = jit((p: Arrays, batch: Arrays) => {
    const [samples] = batch.returns!.shape as [number];
    const rows = {
      ...batch,
      observations: batch.observations!.reshape([samples, observationSize]),
      actions: batch.actions!.reshape([samples, actionColumns]),
    };
    const [[total, terms], gradients] = valueAndGrad((p: Arrays) => loss(p, rows, config), { hasAux: true })(
      shaped(p),
    );
    return { terms: { total, ...terms }, gradients };
  });

  return (parameters, minibatch, gradient) => {
    const actions = space.kind === 'discrete' ? oneHot(minibatch.actions, space.n) : minibatch.actions;
    const { terms, gradients } = evaluate(
      toDevice(parameters.named),
      toDevice({ ...minibatch, actions }),
    ) as unknown as { terms: Arrays; gradients: Arrays };
    // Reading at once also keeps jax from queueing the work of several minibatches.
    for (const name in gradients)
      gradient.named[name]!.set(gradients[name]!.dataSync() as unknown as Float32Array);
    const read = (name: string) => terms[name]!.dataSync() as unknown as Float32Array;
    return {
      total: read('total')[0]!,
      policy: read('policy')[0]!,
      value: read('value')[0]!,
      entropy: read('entropy')[0]!,
      logRatios: read('logRatios'),
    };
  };
}

const toDevice = (arrays: { readonly [name: string]: Float32Array }): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [name, np.array(data as Float32Array<ArrayBuffer>)]),
  );

function oneHot(indices: Float32Array, n: number): Float32Array {
  const rows = new Float32Array(indices.length * n);
  indices.forEach((index, row) => {
    rows[row * n + index] = 1;
  });
  return rows;
}
