/** Returns and lengths of the last finished episodes, and how many there were. */

const EPISODE_WINDOW = 100;

export interface EpisodeState {
  returns: Float64Array;
  lengths: Float64Array;
  total: number;
}

export class EpisodeStatistics {
  #returns = new Float64Array(EPISODE_WINDOW);
  #lengths = new Float64Array(EPISODE_WINDOW);
  /** Episodes that ended since the run began. */
  total = 0;

  add(episodicReturn: number, length: number): void {
    const slot = this.total++ % EPISODE_WINDOW;
    this.#returns[slot] = episodicReturn;
    this.#lengths[slot] = length;
  }

  /** Episodes that the means below are over, at most {@link EPISODE_WINDOW}. */
  get window(): number {
    return Math.min(this.total, EPISODE_WINDOW);
  }

  /** Mean undiscounted return; null before the first episode ended. */
  get meanReturn(): number | null {
    return this.#mean(this.#returns);
  }

  /** Mean length, steps; null before the first episode ended. */
  get meanLength(): number | null {
    return this.#mean(this.#lengths);
  }

  get state(): EpisodeState {
    return { returns: this.#returns.slice(), lengths: this.#lengths.slice(), total: this.total };
  }

  set state({ returns, lengths, total }: EpisodeState) {
    this.#returns.set(returns);
    this.#lengths.set(lengths);
    this.total = total;
  }

  #mean(values: Float64Array): number | null {
    if (this.total === 0) return null;
    let sum = 0;
    for (let i = 0; i < this.window; i++) sum += values[i]!;
    return sum / this.window;
  }
}
