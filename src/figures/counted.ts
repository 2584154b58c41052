/** What the numbers of a run count: declared where a run starts, used wherever a number of an update is named. */
import type { RankState, RunReport } from '../contract/index.ts';

/** Batches of PPO, steps of any other loop, samples that it has seen, epochs, or reports, where a log shows no number. */
export type Counted = 'batch' | 'step' | 'sample' | 'epoch' | 'report';

const singulars = { steps: 'step', samples: 'sample', epochs: 'epoch', reports: 'report' } as const;
type Numbered = Exclude<keyof typeof singulars, 'steps'>;

/** What the settings of a run's start say of its numbers; null where those are of batches or steps. */
export function numberedOf(config: Readonly<Record<string, unknown>> | null | undefined): Numbered | null {
  const numbered = config?.numbered;
  return numbered === 'samples' || numbered === 'epochs' || numbered === 'reports' ? numbered : null;
}

/** Steps of an epoch, as the settings of a run's start have them where nothing shows how many epochs there will be; null for none. */
export function stepsPerEpochOf(config: Readonly<Record<string, unknown>> | null | undefined): number | null {
  const steps = config?.stepsPerEpoch;
  return typeof steps === 'number' && Number.isSafeInteger(steps) && steps > 0 ? steps : null;
}

/** Whether the rank runs a loop that is not PPO. */
export const isStepLoop = ({ batch, step }: Pick<RankState, 'batch' | 'step'>): boolean =>
  batch === null && step !== null;

/** What the numbers of a rank count. */
export function countedIn(rank: Pick<RankState, 'batch' | 'step' | 'numbered'> | null): Counted {
  if (rank?.numbered != null) return singulars[rank.numbered];
  return rank !== null && isStepLoop(rank) ? 'step' : 'batch';
}

/** What those of a report count. */
export const countedOf = ({ numbered }: Pick<RunReport['run'], 'numbered'>): Counted =>
  numbered === undefined ? 'batch' : singulars[numbered];
