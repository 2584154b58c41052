/** The state of a run: what its log holds, and whether anybody still writes it. Put together here alone. */
import type { RunState } from './snapshot.ts';

/** Whether nothing more will come. */
export const isOver = (state: RunState): boolean => state !== 'running' && state !== 'waiting';

/** @param logged the state by the log alone: a run that has ended stays as it ended */
export const stateWith = (logged: RunState, isWriterGone: boolean): RunState =>
  !isOver(logged) && isWriterGone ? 'gone' : logged;

/** A snapshot or a report with the run's state as it is; the same object where the log suffices. */
export function asLeft<T extends { run: { state: RunState } }>(document: T, isWriterGone: boolean): T {
  const state = stateWith(document.run.state, isWriterGone);
  return state === document.run.state ? document : { ...document, run: { ...document.run, state } };
}
