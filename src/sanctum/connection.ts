/** Whether events still arrive: judged here, because only a view knows the time. */
import { type Row, row } from '../base/index.ts';
import { isOver, type SanctumSnapshot } from '../contract/index.ts';
import { connectionHealth, connectionText } from '../present/index.ts';
import { styledRow } from './styled-text.ts';
import { stateNow, type View } from './view.ts';

/** One of LIVE, SLOW, STALE, FINISHED, INTERRUPTED, FAILED, ENDED UNEXPECTEDLY, WAITING, REPLAY. */
export function connection(snapshot: SanctumSnapshot, view: View): Row {
  if (view.replay) return row(view.replay.playing ? '▶ REPLAY' : '‖ REPLAY', 'bold cyan');
  return styledRow(connectionText(view.currentRun ?? snapshot.run, view.nowMs));
}

/** Milliseconds the run has taken: to now while events arrive, else to its newest event. Null before it began. */
export function runtimeMs(snapshot: SanctumSnapshot, view: View): number | null {
  const { startedMs, endedMs, lastEventMs, updateGapMs } = snapshot.run;
  if (startedMs === null) return null;
  const latest = endedMs ?? lastEventMs ?? startedMs;
  const silent = connectionHealth(view.nowMs - latest, updateGapMs) === 'critical';
  const frozen = isOver(stateNow(snapshot, view)) || view.replay !== null || view.paused !== null || silent;
  return Math.max(0, (frozen ? latest : view.nowMs) - startedMs);
}
