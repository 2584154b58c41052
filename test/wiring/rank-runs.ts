/** Runs of several ranks of which one is apart from the others, so that a finding across ranks has a given value. */
import { GIB } from '../../src/base/index.ts';
import type { Payload } from '../../src/contract/index.ts';
import { EVERY_MS, type GivenUpdate, needing, ROLLOUT_MS, UPDATE_MS } from './report-runs.ts';

/** What one rank of a run does. */
export interface GivenRank {
  updates: readonly GivenUpdate[];
  /** How it ends; absent while it goes on. */
  failure?: Payload<'TRAINING_FAILED'>;
  /** Processes on its device, by the rank that they are, and what they hold. */
  processes?: readonly { rank: number; usedBytes: number }[];
}

/** Updates: the first five warm up, the others are eight parts of four. */
const UPDATES = 37;
/** Longer than the silence that is looked for. */
const LONG = 60;
const ODD = 3;
const USUAL = needing(4 * GIB);

const ranks = (count: number, of: (rank: number) => GivenRank): GivenRank[] =>
  Array.from({ length: count }, (_, rank) => of(rank));
const many = (updates: number, of: (i: number) => GivenUpdate = () => USUAL): GivenRank => ({
  updates: Array.from({ length: updates }, (_, i) => of(i)),
});
const needsMore = (isOdd: (rank: number) => boolean, bytes: number): GivenRank[] =>
  ranks(8, rank => many(UPDATES, () => needing(4 * GIB + (isOdd(rank) ? bytes : 0))));

const fell: Payload<'TRAINING_FAILED'> = {
  errorType: 'DistBackendError',
  message: 'remote process exited or there was a network error',
  outOfMemory: null,
  ending: { kind: 'peer', by: 'nccl' },
};
const failed: Payload<'TRAINING_FAILED'> = {
  errorType: 'ValueError',
  message: 'batch 17 holds a sample of length 0',
  outOfMemory: null,
};

const ranksOf: Record<string, (value: never) => GivenRank[]> = {
  silentRankMs: (ms: number) => ranks(8, rank => many(rank === ODD ? LONG - ms / EVERY_MS : LONG)),
  slowRankTimes: (times: number) =>
    ranks(8, rank =>
      many(UPDATES, () => ({
        ...USUAL,
        updateMs: rank === ODD ? times * (ROLLOUT_MS + UPDATE_MS) - ROLLOUT_MS : UPDATE_MS,
      })),
    ),
  memorySkewBytes: (bytes: number) => needsMore(rank => rank === ODD, bytes),
  loneGrowthBytes: (bytes: number) =>
    ranks(8, rank => many(UPDATES, i => needing(4 * GIB + (rank === ODD ? i * bytes : 0)))),
  firstFailedRank: (first: number) =>
    ranks(16, rank => ({ ...many(UPDATES), failure: rank === first ? failed : fell })),
  sharedDeviceBytes: (usedBytes: number) =>
    ranks(8, rank => ({
      ...many(UPDATES),
      ...(rank === 0 && {
        processes: [
          { rank: 0, usedBytes: 10 * GIB },
          { rank: 1, usedBytes },
        ],
      }),
    })),
  unevenStagesBytes: (bytes: number) => needsMore(rank => rank > ODD, bytes),
};

/** The run of which the figure has the value; null for a figure that is not of ranks beside each other. */
export const ranksFor = (figure: string, value: unknown): GivenRank[] | null =>
  ranksOf[figure]?.(value as never) ?? null;
