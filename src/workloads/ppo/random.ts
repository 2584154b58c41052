/**
 * Random numbers whose state can be saved: xoshiro128**, seeded through splitmix32. Equal seeds and equal
 * calls give equal numbers.
 */

import { normalRandom } from '../../base/index.ts';

export class Random {
  readonly #s = new Uint32Array(4);

  /** @param seed any integer; its low 32 bits count */
  constructor(seed: number) {
    let state = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      state = (state + 0x9e3779b9) >>> 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      this.#s[i] = z ^ (z >>> 16);
    }
  }

  /** Integer in [0, 2³²). */
  uint32(): number {
    const s = this.#s;
    const s1 = s[1]!;
    const scrambled = Math.imul(s1, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    s[2]! ^= s[0]!;
    s[3]! ^= s1;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= s1 << 9;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.uint32() / 0x1_0000_0000);
  }

  /** Standard normal; its second number is not kept, so that the state is four words. */
  normal(): number {
    return normalRandom(() => this.uniform())();
  }

  /** Shuffles in place (Fisher–Yates). */
  shuffle(values: Uint32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = Math.floor(this.uniform() * (i + 1));
      const kept = values[i]!;
      values[i] = values[j]!;
      values[j] = kept;
    }
  }

  get state(): Uint32Array {
    return this.#s.slice();
  }

  set state(words: Uint32Array) {
    this.#s.set(words);
  }
}
