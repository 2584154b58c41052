/** What one line counts: a step, a batch of an epoch, an epoch or an episode. */
export interface StepCount {
  number: number;
  /** Steps of the training, where the line has it; null otherwise. */
  total: number | null;
  /** Whether it counts through all epochs. */
  isWhole: boolean;
  /** Whether another line may name the epoch that it is of. */
  mayBeginAgain?: true;
  /** The epoch that a batch is of, as printed, and how many batches it has; left out where either is not in the line. */
  epoch?: number;
  each?: number;
  /** Whether it counts within the epoch by its word or place, and not through all of them. */
  isOfEpoch?: true;
  /** Whether nothing finer than an epoch is printed. */
  isEpoch?: true;
  /** Whether it counts the episodes of environments. */
  isEpisode?: true;
  /** Whether it is a batch that has no number: the one after the newest. */
  isNext?: true;
  /** Of `[2/3][10/100]`, whose epochs may count from 0 or from 1: the epoch, how many there are where the line has it, and how many batches each has. */
  nested?: { epoch: number; epochs: number | null; each: number };
  /** Epochs of two pairs of brackets: `[3/10]` alone is the sum of one, where steps have both. */
  nestedIn?: number;
  /** Whether it counts samples, and not the batches that they came in. */
  isOfSamples?: true;
}

/** A batch of an epoch that is named beside it. */
export const batchIn = (epoch: number, number: number): StepCount => ({
  number,
  total: null,
  isWhole: false,
  epoch,
  isOfEpoch: true,
});

/** Through all epochs: the number that a pattern found, and the total behind it, if it has one. */
export const countThrough = ([, number, total]: RegExpExecArray): StepCount => ({
  number: Number(number),
  total: total === undefined ? null : Number(total),
  isWhole: true,
});
