/** Deals the sequences of a rollout out to minibatches, shuffled again whenever all have been dealt. */

export class SequenceSampler {
  readonly #lengths: number[];
  readonly #random: () => number;
  #next = 0;

  /** @param lengths sequence lengths in steps, at least one */
  constructor(lengths: readonly number[], random: () => number) {
    this.#lengths = [...lengths];
    this.#random = random;
  }

  /** The next sequences, until they have `samples` steps together. */
  take(samples: number): number[] {
    const taken: number[] = [];
    for (let steps = 0; steps < samples; steps += taken.at(-1)!) {
      if (this.#next === 0) this.#shuffle();
      taken.push(this.#lengths[this.#next]!);
      this.#next = (this.#next + 1) % this.#lengths.length;
    }
    return taken;
  }

  #shuffle(): void {
    for (let last = this.#lengths.length - 1; last > 0; last--) {
      const other = Math.floor(this.#random() * (last + 1));
      const length = this.#lengths[last]!;
      this.#lengths[last] = this.#lengths[other]!;
      this.#lengths[other] = length;
    }
  }
}
