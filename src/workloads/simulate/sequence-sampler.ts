/** Deals the sequences of a rollout out to minibatches, shuffled again whenever all have been dealt. */
/** Mulberry32: uniform in [0, 1), the same numbers for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

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
