/**
 * Alarms: (alarms so far, next snapshot) → (alarms, what was raised or cleared). Pure. One alarm a rule, rank and device. Its time
 * is that of its own rank's events, never a clock's, and it moves only when its rank has: so a log gives the same alarms
 * live and replayed, however its ranks are interleaved. It is to be handed the snapshot after every event.
 */
import type { RankState, SanctumSnapshot } from '../contract/index.ts';
import { isMet } from './condition.ts';
import { readingsOf } from './figure.ts';
import { type AlarmNotice, noticeOf } from './notice.ts';
import type { AlarmRule } from './rule.ts';

/** One alarm. Times are of events, milliseconds since the epoch. */
export interface Alarm {
  /** Null while it is not raised. */
  raisedMs: number | null;
  /** The newest raise, also after it was cleared. */
  lastRaisedMs: number | null;
  /** Since when the condition is met that would change it; null while it is not. */
  sinceMs: number | null;
}

/** Plain JSON. */
export interface Alarms {
  /** By rank: seq that was expected next when its alarms moved last. */
  ranks: Readonly<Record<number, number>>;
  /** By rule, rank and device. */
  alarms: Readonly<Record<string, Alarm>>;
}

export const noAlarms = (): Alarms => ({ ranks: {}, alarms: {} });

const quiet: Alarm = { raisedMs: null, lastRaisedMs: null, sinceMs: null };
const hasEnded = ({ state }: RankState) => state !== 'running' && state !== 'waiting';

/** One alarm's next state; the same object where nothing changes. */
function next(
  alarm: Alarm,
  rule: AlarmRule,
  now: number,
  value: number | boolean | null,
  isOver: boolean,
): Alarm {
  const isRaised = alarm.raisedMs !== null;
  if (isOver) return isRaised || alarm.sinceMs !== null ? { ...alarm, raisedMs: null, sinceMs: null } : alarm;
  const met = isMet(isRaised ? rule.clear : rule.raise, value);
  // Not measured is neither a reason to raise nor one to clear.
  if (met === null) return alarm;
  if (!met) return alarm.sinceMs === null ? alarm : { ...alarm, sinceMs: null };
  const sinceMs = alarm.sinceMs ?? now;
  const hasHeld = now - sinceMs >= (isRaised ? rule.clearHoldMs : rule.holdMs);
  const isCool = isRaised || alarm.lastRaisedMs === null || now - alarm.lastRaisedMs >= rule.cooldownMs;
  if (!hasHeld || !isCool) return alarm.sinceMs === sinceMs ? alarm : { ...alarm, sinceMs };
  return isRaised
    ? { ...alarm, raisedMs: null, sinceMs: null }
    : { raisedMs: now, lastRaisedMs: now, sinceMs: null };
}

/**
 * @param rules of unique names, on figures of ranks or devices
 * @returns what changed, by rule, rank and device, and the alarms to hand in next time
 */
export function updateAlarms(
  before: Alarms,
  snapshot: SanctumSnapshot,
  rules: readonly AlarmRule[],
): { alarms: Alarms; notices: AlarmNotice[] } {
  const moved = new Map(
    snapshot.ranks
      .filter(rank => rank.nextSeq !== before.ranks[rank.rank] && rank.lastEventMs !== null)
      .map(rank => [rank.rank, rank]),
  );
  if (moved.size === 0) return { alarms: before, notices: [] };
  const alarms: Record<string, Alarm> = { ...before.alarms };
  const notices: AlarmNotice[] = [];
  for (const rule of rules) {
    const { figure } = rule.raise;
    const known = rule.unlessMeasured === null ? [] : readingsOf(rule.unlessMeasured, snapshot);
    for (const reading of readingsOf(figure, snapshot)) {
      const { rank, device, value } = reading;
      const owner = moved.get(rank!);
      if (owner === undefined) continue;
      const key = `${rule.name} ${rank} ${device ?? ''}`;
      const alarm = alarms[key] ?? quiet;
      const rests = known.some(k => k.rank === rank && k.device === device && k.value !== null);
      const isOver = rests || (figure.states === null && hasEnded(owner));
      const then = next(alarm, rule, owner.lastEventMs!, value, isOver);
      if (then === alarm) continue;
      alarms[key] = then;
      if ((then.raisedMs === null) === (alarm.raisedMs === null)) continue;
      const why = !isOver ? 'figure' : rests ? 'rests' : 'ended';
      notices.push(
        noticeOf(
          snapshot,
          owner,
          rule,
          reading,
          alarm.raisedMs ?? then.raisedMs!,
          then.raisedMs !== null,
          why,
        ),
      );
    }
  }
  const ranks = Object.fromEntries([...moved].map(([rank, { nextSeq }]) => [rank, nextSeq]));
  return { alarms: { ranks: { ...before.ranks, ...ranks }, alarms }, notices };
}
