/** Whether the run still speaks: judged here, because only a view knows the time. */
import type { SanctumSnapshot } from '../contract/index.ts';
import { judge, limits } from '../records/index.ts';
import { age } from './figures.ts';
import { type Row, row } from './style.ts';
import type { View } from './view.ts';

const ended: Partial<Record<SanctumSnapshot['run']['state'], Row>> = {
  completed: row('■ FINISHED', 'bold'),
  interrupted: row('■ INTERRUPTED', 'bold yellow'),
  failed: row('■ FAILED', 'bold red'),
};

/** One of LIVE, SLOW, STALE, FINISHED, INTERRUPTED, FAILED, ENDED WITHOUT GOODBYE, WAITING, REPLAY. */
export function connection(snapshot: SanctumSnapshot, view: View): Row {
  const run = view.currentRun ?? snapshot.run;
  if (view.replay) return row(view.replay.playing ? '▶ REPLAY' : '‖ REPLAY', 'bold cyan');
  const over = ended[run.state];
  if (over) return over;
  if (run.lastEventMs === null) return row('○ WAITING', 'dim');
  if (view.writerGone) return row('■ ENDED WITHOUT GOODBYE', 'bold red');
  const ageMs = Math.max(0, view.nowMs - run.lastEventMs);
  const health = judge(limits.connectionAgeMs, ageMs);
  if (health === 'critical') return row(`○ STALE ${age(ageMs)}`, 'bold red');
  return health === 'warning' ? row(`◐ SLOW ${age(ageMs)}`, 'bold yellow') : row('● LIVE', 'bold green');
}

/** Milliseconds the run has taken: to now while it speaks, else to its newest event. Null before it began. */
export function runtimeMs(snapshot: SanctumSnapshot, view: View): number | null {
  const { startedMs, endedMs, lastEventMs } = snapshot.run;
  if (startedMs === null) return null;
  const latest = endedMs ?? lastEventMs ?? startedMs;
  const silent = judge(limits.connectionAgeMs, view.nowMs - latest) === 'critical';
  const frozen =
    endedMs !== null || view.replay !== null || view.paused !== null || view.writerGone || silent;
  return Math.max(0, (frozen ? latest : view.nowMs) - startedMs);
}
