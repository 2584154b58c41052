/** The PyTorch trainer is the same PPO: equal hyperparameters, equal dynamics, and equal losses for equal weights and batch. */
import { describe, expect, test } from 'vitest';
import {
  findTask,
  hyperparametersFor,
  lossAndGradients,
  parameterShapes,
  taskNames,
} from '../../src/workloads/ppo/index.ts';
import { ask, python, pythonWithTorch, unless } from './python.ts';

/** Numbers in (−1, 1), the same every time. */
function numbers(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}
const floats = (length: number, make: (i: number) => number) =>
  Float32Array.from({ length }, (_, i) => make(i));
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

describe.skipIf(!python)(`the Python trainer${unless(python, 'python3')}`, () => {
  test('learns with the same hyperparameters', () => {
    expect(ask(python!, { kind: 'hyperparameters', tasks: taskNames })).toEqual(
      Object.fromEntries(taskNames.map(task => [task, hyperparametersFor(task)])),
    );
  });

  test.each(taskNames)('%s moves as ours does', name => {
    const task = findTask(name);
    const next = numbers(7);
    const random = { uniform: (low: number, high: number) => low + ((high - low) * (next() + 1)) / 2 };
    const steps: [readonly number[], number][] = [];
    const ours: number[][] = [];
    let state = task.start(random as never);
    for (let i = 0; i < 300; i++) {
      const action =
        task.actionSpace.kind === 'discrete'
          ? Math.floor(((next() + 1) / 2) * task.actionSpace.n)
          : 3 * next();
      steps.push([state, action]);
      const after = task.advance(state, [action]);
      const seen = new Float32Array(task.observationSize);
      task.observe(after.state, seen);
      ours.push([...after.state, after.reward, Number(after.terminated), ...seen]);
      state = after.terminated ? task.start(random as never) : after.state;
    }
    const theirs = ask<{ steps: number[][]; timeLimit: number; observationSize: number }>(python!, {
      kind: 'trajectory',
      task: name,
      steps,
    });
    expect(theirs).toMatchObject({ timeLimit: task.timeLimit, observationSize: task.observationSize });
    for (const [i, step] of theirs.steps.entries())
      for (const [j, value] of step.entries()) expect(value).toBeCloseTo(ours[i]![j]!, 5);
  });
});

describe.skipIf(!pythonWithTorch)(
  `losses${unless(pythonWithTorch, 'python3 with torch')}`,
  { timeout: 180_000 },
  () => {
    const samples = 96;

    test.each([
      ['CartPole-v1', { valueClipRange: null, normalizeAdvantages: true }],
      ['Acrobot-v1', { valueClipRange: 0.2, normalizeAdvantages: false }],
      ['Pendulum-v1', { valueClipRange: 0.1, normalizeAdvantages: true }],
    ])('%s with %o: equal for equal weights and batch', async (name, varied) => {
      const { observationSize, actionSpace } = findTask(name);
      const config = { clipRange: 0.2, valueCoefficient: 0.5, entropyCoefficient: 0.01, ...varied };
      const next = numbers(3);
      const weights = Object.fromEntries(
        Object.entries(parameterShapes(observationSize, actionSpace)).map(([key, shape]) => [
          key,
          floats(
            size(shape),
            () => (next() * (key.startsWith('actor.2') ? 0.2 : 1)) / Math.sqrt(shape.at(-1)!),
          ),
        ]),
      );
      const discrete = actionSpace.kind === 'discrete' ? actionSpace.n : null;
      const actions = floats(samples, () => (discrete ? Math.floor(((next() + 1) / 2) * discrete) : next()));
      const spread = 0.3;
      weights.logStd?.fill(spread);
      // About the policy that such small weights make, so that some ratios are clipped and some are not.
      const likely = (i: number) =>
        discrete ? -Math.log(discrete) : -0.5 * (actions[i]! / Math.exp(spread)) ** 2 - spread - 0.92;
      const minibatch = {
        observations: floats(samples * observationSize, () => next()),
        actions,
        oldLogProbs: floats(samples, i => likely(i) + 0.4 * next()),
        advantages: floats(samples, () => 2 * next()),
        returns: floats(samples, () => 3 * next()),
        oldValues: floats(samples, () => next()),
      };
      const plain = (arrays: Record<string, Float32Array>) =>
        Object.fromEntries(Object.entries(arrays).map(([key, array]) => [key, [...array]]));

      const { gradients, ...ours } = await lossAndGradients(weights, minibatch, {
        ...config,
        observationSize,
        actionSpace,
      });
      const { gradients: theirGradients, ...theirs } = ask<
        { [figure: string]: number } & { gradients: Record<string, number[]> }
      >(pythonWithTorch!, {
        kind: 'loss',
        task: name,
        config,
        weights: plain(weights),
        minibatch: plain(minibatch),
      });
      expect(ours.clipFraction).toBeGreaterThan(0.05);
      expect(ours.clipFraction).toBeLessThan(0.95);
      expect(Object.keys(theirs).sort()).toEqual(Object.keys(ours).sort());
      for (const [figure, value] of Object.entries(ours))
        expect(theirs[figure], figure).toBeCloseTo(value, 5);
      expect(Object.keys(theirGradients).sort()).toEqual(Object.keys(gradients).sort());
      for (const [key, gradient] of Object.entries(gradients))
        for (const [i, value] of gradient.entries())
          expect(theirGradients[key]![i], `${key}[${i}]`).toBeCloseTo(value, 5);
    });
  },
);
