/**
 * Alarms: (alarms so far, next snapshot) → (alarms, what was raised or cleared). Pure. One alarm a rule, rank and device. Its time
 * is that of its own rank's events, never a clock's, and it moves only when its rank has: so a log gives the same alarms
 * live and replayed, however its ranks are interleaved. It is to be handed what is after every event: the snapshot, or the
 * rank that moved and its devices.
 */
import type { DeviceState, RankState } from '../contract/index.ts';
import { isMet } from './condition.ts';
import { type AlarmSource, measuredValue } from './figure.ts';
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
  /** By rule, then by place: the rank, or the rank and its device. */
  alarms: Readonly<Record<string, Readonly<Record<string, Alarm>>>>;
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
  isCovered: boolean,
): Alarm {
  const isRaised = alarm.raisedMs !== null;
  if (isOver) return isRaised || alarm.sinceMs !== null ? { ...alarm, raisedMs: null, sinceMs: null } : alarm;
  const met = isCovered && !isRaised ? false : isMet(isRaised ? rule.clear : rule.raise, value);
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

/** Where an alarm may be: a rank, or one of its devices. */
interface Place {
  key: string;
  rank: RankState;
  device: DeviceState | null;
}

function placesOf(ranks: readonly RankState[], devices: readonly DeviceState[]): Record<string, Place[]> {
  const places: Record<'rank' | 'device', Place[]> = { rank: [], device: [] };
  for (const rank of ranks) {
    places.rank.push({ key: `${rank.rank}`, rank, device: null });
    for (const device of devices)
      if (device.rank === rank.rank)
        places.device.push({ key: `${rank.rank} ${device.device}`, rank, device });
  }
  return places;
}

/**
 * @param source is only read, and not kept
 * @param rules of unique names, on figures of ranks or devices
 * @returns what changed, by rule, rank and device, and the alarms to hand in next time
 */
export function updateAlarms(
  before: Alarms,
  source: AlarmSource,
  rules: readonly AlarmRule[],
): { alarms: Alarms; notices: AlarmNotice[] } {
  const moved = source.ranks.filter(
    rank => rank.nextSeq !== before.ranks[rank.rank] && rank.lastEventMs !== null,
  );
  if (moved.length === 0) return { alarms: before, notices: [] };
  const places = placesOf(moved, source.devices);
  let alarms = before.alarms;
  const notices: AlarmNotice[] = [];
  for (const rule of rules) {
    const { figure } = rule.raise;
    const { unlessMeasured, unlessRaised } = rule;
    for (const { key, rank, device } of places[figure.each] ?? []) {
      const owner = device ?? rank;
      const alarm = alarms[rule.name]?.[key] ?? quiet;
      const value = measuredValue(figure, owner);
      const rests = unlessMeasured?.each === figure.each && measuredValue(unlessMeasured, owner) !== null;
      const isOver = rests || (figure.states === null && hasEnded(rank));
      const isCovered = unlessRaised !== null && (alarms[unlessRaised]?.[key]?.raisedMs ?? null) !== null;
      const then = next(alarm, rule, rank.lastEventMs!, value, isOver, isCovered);
      if (then === alarm) continue;
      alarms = { ...alarms, [rule.name]: { ...alarms[rule.name], [key]: then } };
      const isRaised = then.raisedMs !== null;
      if (isRaised === (alarm.raisedMs !== null)) continue;
      const raisedMs = isRaised ? then.raisedMs : alarm.raisedMs;
      const why = !isOver ? 'figure' : rests ? 'rests' : 'ended';
      notices.push(noticeOf(source.run, rank, device, rule, value, raisedMs!, isRaised, why));
    }
  }
  const ranks = { ...before.ranks };
  for (const { rank, nextSeq } of moved) ranks[rank] = nextSeq;
  return { alarms: { ranks, alarms }, notices };
}
