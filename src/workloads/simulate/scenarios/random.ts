/** Numbers that scenarios are varied with: equal seeds give equal numbers. */
import { normalRandom, seededRandom } from '../../../base/index.ts';

export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    // Neighbouring seeds begin alike.
    for (let i = 0; i < 8; i++) this.#random();
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.#random();
  }

  /** Uniform among the whole numbers from low to high, both included. */
  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)]!;
  }

  /** Standard normal. */
  normal(): number {
    return normalRandom(this.#random)();
  }

  /** Logarithm normal around 1, with this standard deviation of the logarithm. */
  factor(deviation: number): number {
    return Math.exp(deviation * this.normal());
  }
}
