/** The state of a run by its ranks' logs: the one place where it is decided. */
import type { RunState } from '../contract/index.ts';

/** A rank's own state, by its log. */
export interface RankLife {
  /** `waiting` until its start was read: one whose first line is lost stays so until its end. */
  state: RunState;
  updates: number;
}

/**
 * Failed as soon as one rank failed; ended once all ranks that began have ended.
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

/** The planned total of a count: null where the count has passed it, or where it is none at all, so that no view shows "10 of 0". */
export const totalOf = (at: number | null, planned: number | null): number | null =>
  planned === null || planned < Math.max(1, at ?? 0) ? null : planned;
