/** What an update learns from: `steps` steps in every environment, under one policy. */
export interface Rollout {
  steps: number;
  environments: number;
  /** All arrays are [steps, environments, …]. Rewards are as the agent learns from them. */
  observations: Float32Array;
  actions: Float32Array;
  logProbs: Float32Array;
  rewards: Float32Array;
  values: Float32Array;
  /** Value of the state that each step really led to: 0 after termination, of the cut-off state after truncation. */
  nextValues: Float32Array;
  /** 1 where an episode ended. */
  ends: Uint8Array;
}
