/**
 * What the trainer reports about its work to a device that is not the CPU, in the order of the work, so that the
 * device's memory moves with it. `SimulatedGpu` is one. Any call but `read` may throw an error that carries
 * the figures of a failed allocation as `outOfMemory`.
 */
import type { DeviceMemory } from '../../contract/index.ts';

export interface TrainingDevice {
  /** `sim:0` */
  readonly name: string;
  /** Whether its allocator's segments grow in place; absent where that is not known. */
  readonly expandableSegments?: boolean;
  /** Once, before anything else. */
  loadModel(): void;
  /** A rollout is there: lengths of its sequences, steps, cut where episodes end. */
  collectRollout(sequences: readonly number[]): void;
  /** Forward and backward pass over so many samples. */
  minibatch(samples: number): void;
  optimizerStep(): void;
  /** Gives back what is reserved and not in use; absent where nothing is kept. */
  emptyCache?(): void;
  /** The memory as it is, its peaks since the last update. */
  read(): DeviceMemory;
  /** The rollout is not needed any more. */
  finishUpdate(): void;
}

/** What a device is made for. */
export interface DeviceJob {
  /** Elements of each parameter array. */
  parameterSizes: number[];
  /** Environment steps of a rollout, all environments together. */
  rolloutSteps: number;
  /** Samples of a minibatch. */
  minibatchSize: number;
}
