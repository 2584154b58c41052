/**
 * A task is its published equations and nothing else: pure functions of (state, action), in double
 * precision, with the reward and the end that belong to them. Time limits are the environment's.
 */
import type { Random } from '../random.ts';

export type ActionSpace =
  | { readonly kind: 'discrete'; readonly n: number }
  | {
      readonly kind: 'continuous';
      readonly size: number;
      readonly low: readonly number[];
      readonly high: readonly number[];
    };

export interface Transition {
  state: readonly number[];
  reward: number;
  /** The task itself ended: nothing follows, so nothing is bootstrapped. */
  terminated: boolean;
}

export interface Task {
  /** Gymnasium's name of it. */
  readonly name: string;
  readonly observationSize: number;
  readonly actionSpace: ActionSpace;
  /** Steps after which an episode is cut off. */
  readonly timeLimit: number;
  start(random: Random): readonly number[];
  /** @param action one entry: the index of a discrete action; else one entry a dimension, within the bounds */
  advance(state: readonly number[], action: ArrayLike<number>): Transition;
  /** Writes the observation of a state: `observationSize` numbers. */
  observe(state: readonly number[], observation: Float32Array): void;
}

/** Entries that an action takes in a buffer: one for a discrete action, else one a dimension. */
export const actionWidth = (space: ActionSpace): number => (space.kind === 'discrete' ? 1 : space.size);

export const clamp = (value: number, low: number, high: number): number =>
  value < low ? low : value > high ? high : value;
