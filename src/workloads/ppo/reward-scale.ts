/**
 * Rewards in units of the running standard deviation of the discounted return, so that one learning rate
 * fits tasks whose rewards differ by orders of magnitude. Learned state: a checkpoint holds it.
 */

export interface RewardScaleState {
  /** Discounted return of each environment's present episode. */
  returns: Float64Array;
  /** Mean, sum of squared deviations and count of all of them so far (Welford). */
  moments: Float64Array;
}

export class RewardScale {
  readonly #gamma: number;
  readonly #returns: Float64Array;
  #mean = 0;
  #deviations = 0;
  #count = 0;

  constructor(environments: number, gamma: number) {
    this.#gamma = gamma;
    this.#returns = new Float64Array(environments);
  }

  /**
   * Takes one step of all environments into account.
   * @param ends 1 where an episode ended with this step
   * @returns the scaled rewards
   */
  apply(rewards: Float64Array, ends: Uint8Array): Float64Array {
    for (let i = 0; i < rewards.length; i++) {
      const discounted = this.#returns[i]! * this.#gamma + rewards[i]!;
      this.#returns[i] = ends[i] ? 0 : discounted;
      this.#count++;
      const before = discounted - this.#mean;
      this.#mean += before / this.#count;
      this.#deviations += before * (discounted - this.#mean);
    }
    const deviation = Math.sqrt(this.#deviations / this.#count);
    return deviation > 0 ? rewards.map(reward => reward / deviation) : rewards;
  }

  get state(): RewardScaleState {
    return {
      returns: this.#returns.slice(),
      moments: Float64Array.of(this.#mean, this.#deviations, this.#count),
    };
  }

  set state({ returns, moments }: RewardScaleState) {
    this.#returns.set(returns);
    [this.#mean, this.#deviations, this.#count] = moments as unknown as [number, number, number];
  }
}
