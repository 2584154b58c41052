/** Generalised advantage estimation (Schulman et al. 2016), over a rollout of several environments. */

export interface AdvantageInput {
  /** All arrays are [steps, environments], step by step. */
  rewards: Float32Array;
  values: Float32Array;
  /** Value of the state that each step really led to: 0 where the task ended there. */
  nextValues: Float32Array;
  /** 1 where the episode ended with this step, by termination or by truncation. */
  ends: Uint8Array;
  environments: number;
  /** Discount γ. */
  gamma: number;
  /** λ: 0 is the one-step temporal difference, 1 the Monte Carlo return. */
  gaeLambda: number;
}

/** @returns advantages, and returns = advantages + values (the targets of the value function) */
export function generalisedAdvantages(input: AdvantageInput): {
  advantages: Float32Array;
  returns: Float32Array;
} {
  const { rewards, values, nextValues, ends, environments, gamma, gaeLambda } = input;
  const advantages = new Float32Array(rewards.length);
  for (let environment = 0; environment < environments; environment++) {
    let following = 0;
    for (let i = rewards.length - environments + environment; i >= 0; i -= environments) {
      const delta = rewards[i]! + gamma * nextValues[i]! - values[i]!;
      following = delta + (ends[i] ? 0 : gamma * gaeLambda * following);
      advantages[i] = following;
    }
  }
  return { advantages, returns: advantages.map((advantage, i) => advantage + values[i]!) };
}
