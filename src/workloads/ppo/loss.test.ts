/** The compiled loss beside a reference in double precision, and its gradient beside finite differences of that. */
import { describe, expect, test } from 'vitest';
import type { ActionSpace } from './environments/index.ts';
import { type EvaluationConfig, lossAndGradients } from './evaluate.ts';
import type { Minibatch } from './loss.ts';
import { initialParameters, type NamedArrays, parameterShapes, viewsOf } from './parameters.ts';
import { Random } from './random.ts';

const SAMPLES = 12;
const INPUTS = 3;
const discrete: ActionSpace = { kind: 'discrete', n: 3 };
const continuous: ActionSpace = { kind: 'continuous', size: 2, low: [-1, -1], high: [1, 1] };
const config: EvaluationConfig = {
  clipRange: 0.2,
  valueClipRange: null,
  valueCoefficient: 0.5,
  entropyCoefficient: 0.03,
  normalizeAdvantages: true,
};

function problem(space: ActionSpace) {
  const random = new Random(4);
  const shapes = parameterShapes(INPUTS, space);
  const { flat } = initialParameters(shapes, random);
  // Far from the start, where everything is nearly symmetric.
  for (let i = 0; i < flat.length; i++) flat[i]! += 0.1 * random.normal();
  const normals = (n: number, scale = 1) => Float32Array.from({ length: n }, () => scale * random.normal());
  const width = space.kind === 'discrete' ? 1 : space.size;
  const minibatch: Minibatch = {
    observations: normals(SAMPLES * INPUTS),
    actions: space.kind === 'discrete' ? normals(SAMPLES).map((_, i) => i % 3) : normals(SAMPLES * width),
    oldLogProbs: new Float32Array(SAMPLES),
    advantages: normals(SAMPLES, 3),
    returns: normals(SAMPLES),
    oldValues: normals(SAMPLES),
  };
  // Ratios on both sides of both clip bounds, and away from the kinks.
  const { logRatios } = reference(Float64Array.from(flat), minibatch, space, config);
  const wanted = [-0.5, -0.1, 0.05, 0.4];
  minibatch.oldLogProbs = logRatios.map((logProb, i) => logProb - wanted[i % 4]!);
  return { shapes, flat, minibatch };
}

/** PPO's loss, written a second time: sample by sample, in double precision. */
function reference(flat: Float64Array, batch: Minibatch, space: ActionSpace, config: EvaluationConfig) {
  const named = viewsOf(flat as unknown as Float32Array, parameterShapes(INPUTS, space));
  const mlp = (trunk: string, input: number[]) => {
    const layer = (k: number, x: number[]) => {
      const weight = named[`${trunk}.${k}.weight`]!;
      return Array.from(named[`${trunk}.${k}.bias`]!, (bias, j) =>
        x.reduce((sum, value, i) => sum + value * weight[j * x.length + i]!, bias),
      );
    };
    return layer(2, layer(1, layer(0, input).map(Math.tanh)).map(Math.tanh));
  };
  const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

  let advantages = Array.from(batch.advantages);
  if (config.normalizeAdvantages) {
    const centre = mean(advantages);
    const deviation = Math.sqrt(
      advantages.reduce((sum, a) => sum + (a - centre) ** 2, 0) / (advantages.length - 1),
    );
    advantages = advantages.map(a => (a - centre) / (deviation + 1e-8));
  }
  const policy: number[] = [];
  const value: number[] = [];
  const entropy: number[] = [];
  const logRatios = new Float32Array(SAMPLES);
  for (let m = 0; m < SAMPLES; m++) {
    const observation = Array.from(batch.observations.subarray(m * INPUTS, (m + 1) * INPUTS));
    const output = mlp('actor', observation);
    let logProb = 0;
    if (space.kind === 'discrete') {
      const logSum = Math.log(output.reduce((sum, logit) => sum + Math.exp(logit), 0));
      logProb = output[batch.actions[m]!]! - logSum;
      entropy.push(output.reduce((sum, logit) => sum - Math.exp(logit - logSum) * (logit - logSum), 0));
    } else {
      output.forEach((mu, i) => {
        const logStd = named.logStd![i]!;
        const z = (batch.actions[m * output.length + i]! - mu) / Math.exp(logStd);
        logProb -= 0.5 * z * z + logStd + 0.5 * Math.log(2 * Math.PI);
      });
      entropy.push(named.logStd!.reduce((sum, s) => sum + s + 0.5 * Math.log(2 * Math.PI * Math.E), 0));
    }
    const logRatio = logProb - batch.oldLogProbs[m]!;
    logRatios[m] = logRatio;
    const ratio = Math.exp(logRatio);
    const clipped = Math.min(Math.max(ratio, 1 - config.clipRange), 1 + config.clipRange);
    policy.push(-Math.min(ratio * advantages[m]!, clipped * advantages[m]!));

    const v = mlp('critic', observation)[0]!;
    const target = batch.returns[m]!;
    let error = (v - target) ** 2;
    if (config.valueClipRange !== null) {
      const old = batch.oldValues[m]!;
      const moved = old + Math.min(Math.max(v - old, -config.valueClipRange), config.valueClipRange);
      error = Math.max(error, (moved - target) ** 2);
    }
    value.push(0.5 * error);
  }
  const losses = { policy: mean(policy), value: mean(value), entropy: mean(entropy) };
  const total =
    losses.policy + config.valueCoefficient * losses.value - config.entropyCoefficient * losses.entropy;
  return { ...losses, total, logRatios };
}

describe.each([
  ['discrete actions', discrete, config],
  ['continuous actions', continuous, config],
  ['value clipping', discrete, { ...config, valueClipRange: 0.3 }],
  ['no advantage normalisation', continuous, { ...config, normalizeAdvantages: false }],
] as const)('%s', (_, space, config) => {
  test('losses and gradients', async () => {
    const { shapes, flat, minibatch } = problem(space);
    const weights: NamedArrays = viewsOf(flat, shapes);
    const result = await lossAndGradients(weights, minibatch, {
      ...config,
      observationSize: INPUTS,
      actionSpace: space,
    });

    const expected = reference(Float64Array.from(flat), minibatch, space, config);
    for (const term of ['total', 'policy', 'value', 'entropy'] as const)
      expect(result[term]).toBeCloseTo(expected[term], 4);
    expect(result.clipFraction).toBeCloseTo(0.5, 6); // exp(−0.5) and exp(0.4) of the four
    expect(result.approxKl).toBeCloseTo(
      [-0.5, -0.1, 0.05, 0.4].reduce((sum, x) => sum + Math.expm1(x) - x, 0) / 4,
      4,
    );

    const h = 1e-5;
    let squares = 0;
    let offset = 0;
    const nudged = (i: number, by: number) => {
      const point = Float64Array.from(flat);
      point[i]! += by;
      return reference(point, minibatch, space, config).total;
    };
    for (const name in shapes) {
      const gradient = result.gradients[name]!;
      // Every entry of a small array, some of a large one.
      for (let i = 0; i < gradient.length; i += Math.ceil(gradient.length / 5)) {
        const slope = (nudged(offset + i, h) - nudged(offset + i, -h)) / (2 * h);
        expect(Math.abs(gradient[i]! - slope), `${name}[${i}]`).toBeLessThan(2e-5 + 2e-4 * Math.abs(slope));
      }
      offset += gradient.length;
      for (const g of gradient) squares += g * g;
    }
    expect(result.gradNorm).toBeCloseTo(Math.sqrt(squares), 5);
  });
});
