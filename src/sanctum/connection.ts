/** Whether events still arrive: judged here, because only a view knows the time. */
import { type Row, row } from '../base/index.ts';
import { isOver, type SanctumSnapshot } from '../contract/index.ts';
import { judge, limits } from '../figures/index.ts';
import { connectionText } from '../present/index.ts';
import { styledRow } from './styled-text.ts';
import { stateNow, type View } from './view.ts';

/** One of LIVE, SLOW, STALE, FINISHED, INTERRUPTED, FAILED, ENDED UNEXPECTEDLY, WAITING, REPLAY. */
export function connection(snapshot: SanctumSnapshot, view: View): Row {
  const { state, lastEventMs } = view.currentRun ?? snapshot.run;
  if (view.replay) return row(view.replay.playing ? '▶ REPLAY' : '‖ REPLAY', 'bold cyan');
  return styledRow(connectionText(state, lastEventMs, view.nowMs));
}

/** Milliseconds the run has taken: to now while events arrive, else to its newest event. Null before it began. */
export function runtimeMs(snapshot: SanctumSnapshot, view: View): number | null {
  const { startedMs, endedMs, lastEventMs } = snapshot.run;
  if (startedMs === null) return null;
  const latest = endedMs ?? lastEventMs ?? startedMs;
  const silent = judge(limits.connectionAgeMs, view.nowMs - latest) === 'critical';
  const frozen = isOver(stateNow(snapshot, view)) || view.replay !== null || view.paused !== null || silent;
  return Math.max(0, (frozen ? latest : view.nowMs) - startedMs);
}
