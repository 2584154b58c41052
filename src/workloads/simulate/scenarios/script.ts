/** What a scenario is: how it is varied, what happens before and during each update, and what is true of it. */
import type { TrainingFailed, VerdictKind } from '../../../contract/index.ts';
import type { Job, JobOptions } from './job.ts';
import type { Dice } from './random.ts';

/** One variant of a scenario. Updates are counted from 1. */
export interface Script {
  job: Omit<JobOptions, 'totalBytes'>;
  updates: number;
  /** Length of each microbatch's sequences in this update, 1 being the usual one. */
  lengths: (update: number) => number[];
  /** Before the update: neighbours, limits, evaluations. */
  before?: (update: number, job: Job) => void;
  /** In the middle of the first backward pass. */
  during?: (update: number, job: Job) => void;
  /** Spread of an update's duration, as standard deviation of its logarithm. */
  timeSpread: number;
  /** Extra share of an update's time where memory was refused in it and the allocator flushed its cache. */
  slowdown: number;
  /** The failure that ends the run after this update, where it is not torch's allocator that fails. */
  failure?: (update: number, job: Job) => TrainingFailed | null;
  /** Nothing of the memory is reported, as of a training on the CPU. */
  isUnmeasured?: boolean;
}

export interface Scenario {
  name: string;
  about: string;
  /** What it is: the label that a verdict is held against. */
  kind: VerdictKind;
  vary: (dice: Dice) => Script;
}

/** What is true of a run, and in no log. */
export interface ScenarioTruth {
  kind: VerdictKind;
  /** The update in which memory ran out; null where it did not. */
  outOfMemoryAt: number | null;
  /** Updates in which the allocator was refused memory and flushed its cache. */
  updatesAtTheWall: number;
  /** Time that the flushes cost, and all time, ms. */
  lostMs: number;
  totalMs: number;
}
