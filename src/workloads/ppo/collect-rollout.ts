/** A rollout: `steps` steps in every environment, under the present policy. */
import type { PPOAgent } from './agent.ts';
import { actionWidth } from './environments/index.ts';
import type { Rollout } from './rollout.ts';
import type { VectorEnvironment } from './vector-environment.ts';

export function collectRollout(agent: PPOAgent, environments: VectorEnvironment, steps: number): Rollout {
  const { count, observationSize } = environments;
  const width = actionWidth(environments.actionSpace);
  const size = steps * count;
  const rollout: Rollout = {
    steps,
    environments: count,
    observations: new Float32Array(size * observationSize),
    actions: new Float32Array(size * width),
    logProbs: new Float32Array(size),
    rewards: new Float32Array(size),
    values: new Float32Array(size),
    nextValues: new Float32Array(size),
    ends: new Uint8Array(size),
  };
  for (let step = 0; step < steps; step++) {
    const at = step * count;
    const { actions, logProbs, values } = agent.act(environments.observations);
    rollout.observations.set(environments.observations, at * observationSize);
    rollout.actions.set(actions, at * width);
    rollout.logProbs.set(logProbs, at);
    rollout.values.set(values, at);
    if (step > 0) carryBack(rollout, step - 1, values);

    environments.step(actions);
    const ends = environments.terminated.map((terminated, i) => terminated | environments.truncated[i]!);
    rollout.ends.set(ends, at);
    rollout.rewards.set(agent.scaleRewards(environments.rewards, ends), at);
    if (environments.truncated.includes(1)) {
      const cutOff = agent.values(environments.finalObservations);
      for (let i = 0; i < count; i++) if (environments.truncated[i]) rollout.nextValues[at + i] = cutOff[i]!;
    }
  }
  carryBack(rollout, steps - 1, agent.values(environments.observations));
  return rollout;
}

/** The value of the next observation, where no episode ended in between. */
function carryBack({ environments, ends, nextValues }: Rollout, step: number, values: Float32Array): void {
  for (let i = 0; i < environments; i++) {
    const at = step * environments + i;
    if (!ends[at]) nextValues[at] = values[i]!;
  }
}
