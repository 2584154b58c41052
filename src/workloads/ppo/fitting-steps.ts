/**
 * How many steps of a rollout that a device refused would fit: fewer of them are tried, on a device that is made for so many. A run of so
 * many steps collects the same ones first.
 */
import { sequenceLengths } from '../simulate/index.ts';
import { deviceRefusal } from './interventions.ts';
import type { Rollout } from './rollout.ts';
import type { TrainingDevice } from './training-device.ts';

/** Updates that are tried: from the second on the optimizer's moments are there, and sequences are dealt out in another order. */
const UPDATES = 6;

/**
 * @param make a device for rollouts of so many steps
 * @param learn an update's minibatches of a rollout of so many steps
 * @returns a half of the steps, a quarter, …; null where not even one fits
 */
export function fittingSteps(
  { steps, environments, ends }: Rollout,
  make: (steps: number) => TrainingDevice,
  learn: (device: TrainingDevice, steps: number) => void,
): number | null {
  for (let fewer = steps >> 1; fewer >= 1; fewer >>= 1)
    try {
      const device = make(fewer);
      const kept = ends.slice(0, fewer * environments);
      const asTheyWere = sequenceLengths(kept, environments);
      // Rollouts to come have longer episodes beside short ones: padding takes more.
      const padded = sequenceLengths(
        kept.map((end, i) => (i % environments === 0 ? 0 : end)),
        environments,
      );
      device.loadModel();
      for (let update = 0; update < UPDATES; update++) {
        device.collectRollout(update % 2 === 0 ? asTheyWere : padded);
        learn(device, fewer);
        device.optimizerStep();
        device.finishUpdate();
      }
      // Half of what fits, as rollouts to come differ.
      return Math.max(1, fewer >> 1);
    } catch (error) {
      if (deviceRefusal(error) === null) throw error;
    }
  return null;
}
