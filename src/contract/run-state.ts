/** The state of a run: what its log holds, and whether anybody still writes it. Put together here alone. */
import type { RunState } from './snapshot.ts';

/** Whether nothing more will come. */
export const isOver = (state: RunState): boolean => state !== 'running' && state !== 'waiting';

/**
 * @param logged the state by the log alone: a run that has ended stays as it ended
 * @param isWhole whether all of the log was read: its end may be in what was not
 */
export const stateWith = (logged: RunState, isWriterGone: boolean, isWhole = true): RunState =>
  isOver(logged) || !isWriterGone ? logged : isWhole ? 'gone' : 'unknown';

/** A snapshot or a report with the run's state as it is; the same object where the log suffices. */
export function asLeft<T extends { run: { state: RunState } }>(
  document: T,
  isWriterGone: boolean,
  isWhole = true,
): T {
  const state = stateWith(document.run.state, isWriterGone, isWhole);
  return state === document.run.state ? document : { ...document, run: { ...document.run, state } };
}
