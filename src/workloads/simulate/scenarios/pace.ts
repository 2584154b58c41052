/** How long updates take: in proportion to their work, around a speed that drifts, with a stall now and then. */
import type { Dice } from './random.ts';

const ROLLOUT_MS = 60;
const UPDATE_MS = 140;
/** Share of both that does not depend on the work. */
const FIXED = 0.1;
/** The speed's own drift, as of a device that warms up and cools down. */
const DRIFT = 0.01;
const INERTIA = 0.97;
/** Stalls that have nothing to do with memory: a checkpoint, a collected heap. */
const STALL_CHANCE = 0.01;

export class Pace {
  readonly #dice: Dice;
  readonly #spread: number;
  #drift = 0;

  constructor(dice: Dice, spread: number) {
    this.#dice = dice;
    this.#spread = spread;
  }

  /** Durations of an update's two phases, ms; `work` is 1 for the usual one. */
  take(work: number): { rolloutMs: number; updateMs: number } {
    const dice = this.#dice;
    this.#drift = INERTIA * this.#drift + DRIFT * Math.sqrt(1 - INERTIA ** 2) * dice.normal();
    const speed = (FIXED + (1 - FIXED) * work) * Math.exp(this.#drift);
    const stall = dice.chance(STALL_CHANCE) ? dice.between(1.2, 2.5) : 1;
    return {
      rolloutMs: ROLLOUT_MS * speed * dice.factor(this.#spread),
      updateMs: UPDATE_MS * speed * stall * dice.factor(this.#spread),
    };
  }
}
