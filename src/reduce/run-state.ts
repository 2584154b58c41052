/** The state of a run as its ranks' logs say: the one place where it is decided. */
import type { RunState } from '../contract/index.ts';

/** What a rank's own log says. */
export interface RankLife {
  /** `waiting` until its start was read: one whose first line is lost says no more of itself until its end. */
  state: RunState;
  updates: number;
}

/**
 * Failed as soon as one rank failed; ended once all ranks have ended that said they began.
 * @param worldSize ranks in the job; null where it is not known
 */
export function runStateOf(ranks: readonly RankLife[], worldSize: number | null): RunState {
  const states = new Set(ranks.map(rank => rank.state));
  if (states.has('failed')) return 'failed';
  if (states.has('running')) return 'running';
  if (ranks.length === 0 || (states.size === 1 && states.has('waiting')))
    return ranks.some(rank => rank.updates > 0) ? 'running' : 'waiting';
  if (worldSize !== null && ranks.length < worldSize) return 'running';
  if (states.has('interrupted')) return 'interrupted';
  return states.has('unknown') ? 'unknown' : 'completed';
}
