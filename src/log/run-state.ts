/** The state of a run as its log tells it, and what no log can tell: that its writers died. */
import type { RunState, SanctumSnapshot } from '../contract/index.ts';
import { writerState } from './writer-lock.ts';

/** Whether no process can be writing the run: every rank's writer has closed its log, or died. */
export const isWriterGone = (folder: string, { ranks }: { ranks: readonly { rank: number }[] }): boolean =>
  ranks.length > 0 && ranks.every(({ rank }) => ['closed', 'gone'].includes(writerState(folder, rank)));

/** `gone`: its writers ended without a goodbye. A run that has told nothing yet may still be about to. */
export function stateOf(folder: string, snapshot: SanctumSnapshot): RunState | 'gone' {
  const { state } = snapshot.run;
  if (state !== 'running' && state !== 'waiting') return state;
  const isGone =
    snapshot.ranks.length > 0 ? isWriterGone(folder, snapshot) : writerState(folder, 0) === 'gone';
  return isGone ? 'gone' : state;
}
