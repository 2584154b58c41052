import { describe, expect, test } from 'vitest';
import { PPOAgent } from './agent.ts';
import { collectRollout } from './collect-rollout.ts';
import { findTask } from './environments/index.ts';
import { type Hyperparameters, hyperparametersFor } from './hyperparameters.ts';
import type { TrainingDevice } from './training-device.ts';
import { VectorEnvironment } from './vector-environment.ts';

const ENVIRONMENTS = 4;

async function agentAndEnvironments(
  name: string,
  overrides: Partial<Hyperparameters> = {},
  device: TrainingDevice | null = null,
) {
  const task = findTask(name);
  const agent = await PPOAgent.create({
    ...task,
    environments: ENVIRONMENTS,
    hyperparameters: hyperparametersFor(name, overrides),
    seed: 1,
    device,
  });
  return { agent, environments: new VectorEnvironment(task, ENVIRONMENTS, 1) };
}

/** A device that records its calls. */
function recorder() {
  const calls: string[] = [];
  const device: TrainingDevice = {
    name: 'sim:0',
    loadModel: () => calls.push('loadModel'),
    collectRollout: () => calls.push('collectRollout'),
    minibatch: samples => calls.push(`minibatch ${samples}`),
    optimizerStep: () => calls.push('optimizerStep'),
    read: () => {
      calls.push('read');
      return { device: 'sim:0', allocatedBytes: 45, reservedBytes: 100 };
    },
    finishUpdate: () => calls.push('finishUpdate'),
  };
  return { calls, device };
}

test('every update reads the device’s memory, at its end and before the rollout is freed', async () => {
  const { calls, device } = recorder();
  const { agent, environments } = await agentAndEnvironments(
    'CartPole-v1',
    { epochs: 1, minibatches: 3 },
    device,
  );
  for (let batch = 0; batch < 2; batch++) {
    const { memory, gatheredMs } = agent.update(collectRollout(agent, environments, 8));
    expect(memory).toEqual([{ device: 'sim:0', allocatedBytes: 45, reservedBytes: 100 }]);
    expect(gatheredMs).toBeGreaterThan(0);
  }
  const step = (samples: number) => [`minibatch ${samples}`, 'optimizerStep'];
  const update = [...step(10), ...step(11), ...step(11), 'read', 'finishUpdate'];
  expect(calls).toEqual([...update, ...update]);
});

test('on the CPU there is no memory to read', async () => {
  const { agent } = await agentAndEnvironments('CartPole-v1');
  expect(agent.collectInfrastructureMetrics().memory).toEqual([]);
});

test('gradients are clipped: to a norm of 0, nothing is learned, though the samples were shuffled', async () => {
  const { agent, environments } = await agentAndEnvironments('CartPole-v1', { maxGradNorm: 0 });
  const rollout = collectRollout(agent, environments, 8);
  const before = agent.state;
  expect(agent.update(rollout).gradNorm).toBeGreaterThan(0);
  expect(agent.state.parameters).toEqual(before.parameters);
  expect(agent.state.random).not.toEqual(before.random);
});

test('the KL target ends an update early', async () => {
  const { agent, environments } = await agentAndEnvironments('CartPole-v1', {
    epochs: 10,
    learningRate: 0.02,
    targetKl: 0.01,
  });
  const update = agent.update(collectRollout(agent, environments, 16));
  expect(update.earlyStopped).toBe(true);
  expect(update.epochs).toBeLessThan(10);

  const calm = await agentAndEnvironments('CartPole-v1', { epochs: 2, learningRate: 1e-6, targetKl: 0.01 });
  expect(calm.agent.update(collectRollout(calm.agent, calm.environments, 16))).toMatchObject({
    epochs: 2,
    earlyStopped: false,
  });
});

test('the first minibatch sees the policy that acted: acting and learning compute the same', async () => {
  for (const task of ['CartPole-v1', 'Pendulum-v1']) {
    const { agent, environments } = await agentAndEnvironments(task, {
      epochs: 1,
      minibatches: 1,
      scaleRewards: false,
    });
    const rollout = collectRollout(agent, environments, 32);
    const { approxKl, clipFraction, valueLoss, meanReturn } = agent.update(rollout);
    expect(Math.abs(approxKl)).toBeLessThan(1e-9);
    expect(clipFraction).toBe(0);
    expect(valueLoss).toBeGreaterThan(0);
    expect(Number.isFinite(meanReturn)).toBe(true);
  }
});

describe('a rollout', () => {
  test('knows the value of the state that each step led to', async () => {
    const { agent, environments } = await agentAndEnvironments('Pendulum-v1', { scaleRewards: false });
    const steps = 203; // past the time limit of 200
    const rollout = collectRollout(agent, environments, steps);
    for (let step = 0; step < steps - 1; step++)
      for (let i = 0; i < ENVIRONMENTS; i++) {
        const at = step * ENVIRONMENTS + i;
        expect(rollout.ends[at]).toBe(step === 199 ? 1 : 0);
        if (step !== 199) expect(rollout.nextValues[at]).toBe(rollout.values[at + ENVIRONMENTS]);
      }
    // Cut off, not ended: the value of a state near the one before, not of the new episode's first.
    const last = 199 * ENVIRONMENTS;
    for (let i = 0; i < ENVIRONMENTS; i++) {
      expect(rollout.nextValues[last + i]).not.toBe(0);
      expect(rollout.nextValues[last + i]).not.toBe(rollout.values[last + ENVIRONMENTS + i]);
    }
    expect(rollout.nextValues.subarray(-ENVIRONMENTS)).toEqual(agent.values(environments.observations));
  });

  test('bootstraps nothing after termination', async () => {
    const { agent, environments } = await agentAndEnvironments('CartPole-v1');
    const rollout = collectRollout(agent, environments, 100);
    expect(rollout.ends).toContain(1);
    rollout.ends.forEach((end, at) => {
      if (end) expect(rollout.nextValues[at]).toBe(0);
      else expect(rollout.nextValues[at]).not.toBe(0);
    });
  });
});
