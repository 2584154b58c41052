/**
 * The alarm engine: (where an alarm stands, next reading) → (where it stands, whether receivers are notified). Pure. One alarm
 * a rule and place, a rank or one of its devices. Its time is that of its own rank's events, never a clock's, and it reads
 * its own rank alone: so a log gives the same alarms live and replayed, however its ranks are interleaved.
 *
 * Standing and announced are two things. An alarm stands from the moment its condition has held for the rule's hold until
 * its clearing has; that is what every screen shows. It is announced to receivers at most once in its cool-down, and
 * a run's end is announced as its clearing, while the screens keep what stood when the run ended.
 */
import {
  type AlarmState,
  type AlarmStates,
  type DeviceState,
  isOver,
  type RankState,
} from '../contract/index.ts';
import { isMet } from './condition.ts';
import { measuredValue } from './figure.ts';
import type { AlarmRule } from './rule.ts';

/** Why an announced alarm is over: its figure cleared it, the run ended, or a figure is measured that makes the rule rest. */
export type ClearedBy = 'figure' | 'ended' | 'rests';

/** What receivers are to be notified of. */
export interface AlarmChange {
  rule: AlarmRule;
  what: 'raised' | 'cleared';
  /** Time at which the raise was announced; ms since the epoch. */
  raisedMs: number;
  /** Of the rule's figure, now; null where it is not measured. */
  value: number | boolean | null;
  /** Null of a raise. */
  clearedBy: ClearedBy | null;
}

const quiet: AlarmState = { raisedMs: null, sinceMs: null, announcedMs: null, isAnnounced: false };

/** Whether time alone may change one of these alarms: a hold runs, or an announcement waits for its cool-down. */
export function isPending(states: AlarmStates): boolean {
  for (const name in states) {
    const { raisedMs, sinceMs, isAnnounced } = states[name]!;
    if (sinceMs !== null || (raisedMs !== null && !isAnnounced)) return true;
  }
  return false;
}

/** Nothing stands, waits or is announced: only the condition's being met moves it. */
const isQuiet = ({ raisedMs, sinceMs, isAnnounced }: AlarmState): boolean =>
  raisedMs === null && sinceMs === null && !isAnnounced;

interface Reading {
  now: number;
  value: number | boolean | null;
  /** The rank has ended: nothing moves any more. */
  isOver: boolean;
  /** Another figure is measured, so the rule rests. */
  rests: boolean;
  /** Another rule's active alarm covers it. */
  isCovered: boolean;
}

/** The alarm's next standing, whatever was announced; the same object where nothing changes. */
function stand(state: AlarmState, rule: AlarmRule, { now, value, isCovered }: Reading): AlarmState {
  const stands = state.raisedMs !== null;
  const met = isCovered && !stands ? false : isMet(stands ? rule.clear : rule.raise, value);
  // Not measured is neither a reason to raise nor one to clear.
  if (met === null) return state;
  if (!met) return state.sinceMs === null ? state : { ...state, sinceMs: null };
  const sinceMs = state.sinceMs ?? now;
  if (now - sinceMs < (stands ? rule.clearHoldMs : rule.holdMs))
    return state.sinceMs === sinceMs ? state : { ...state, sinceMs };
  return { ...state, raisedMs: stands ? null : now, sinceMs: null };
}

/** The same object where nothing changes. */
function next(before: AlarmState, rule: AlarmRule, reading: Reading): AlarmState {
  const { now, value, isOver, rests, isCovered } = reading;
  if (rests)
    return isQuiet(before) ? before : { ...before, raisedMs: null, sinceMs: null, isAnnounced: false };
  if (isOver)
    return before.sinceMs === null && !before.isAnnounced
      ? before
      : { ...before, sinceMs: null, isAnnounced: false };
  const state = stand(before, rule, reading);
  if (state.raisedMs === null) return state.isAnnounced ? { ...state, isAnnounced: false } : state;
  const isCool = state.announcedMs === null || now - state.announcedMs >= rule.cooldownMs;
  return state.isAnnounced || isCovered || !isCool || isMet(rule.raise, value) !== true
    ? state
    : { ...state, announcedMs: now, isAnnounced: true };
}

/**
 * The alarms of one place after an event of its rank.
 * @param rules those whose figure is the place's own: a device's of a device, a rank's of a rank
 * @param owner the device or the rank, its figures as its own rank's events have them
 * @returns the same object where nothing changes; `changes` gains what receivers are to be notified of
 */
export function moveAlarms(
  before: AlarmStates,
  rules: readonly AlarmRule[],
  owner: DeviceState | RankState,
  rank: Pick<RankState, 'state' | 'lastEventMs'>,
  changes: AlarmChange[],
): AlarmStates {
  let states = before;
  const isEnded = isOver(rank.state);
  for (const rule of rules) {
    const { figure } = rule.raise;
    const { unlessMeasured, unlessRaised } = rule;
    const state = states[rule.name] ?? quiet;
    const value = measuredValue(figure, owner);
    if (isQuiet(state) && isMet(rule.raise, value) !== true) continue;
    const isOver = isEnded && figure.states === null;
    const rests =
      !isOver && unlessMeasured?.each === figure.each && measuredValue(unlessMeasured, owner) !== null;
    const isCovered = unlessRaised !== null && (states[unlessRaised]?.raisedMs ?? null) !== null;
    const then = next(state, rule, { now: rank.lastEventMs!, value, isOver, rests, isCovered });
    if (then === state) continue;
    states = { ...states, [rule.name]: then };
    if (then.isAnnounced === state.isAnnounced) continue;
    changes.push({
      rule,
      what: then.isAnnounced ? 'raised' : 'cleared',
      raisedMs: (then.isAnnounced ? then : state).announcedMs!,
      value,
      clearedBy: then.isAnnounced ? null : rests ? 'rests' : isOver ? 'ended' : 'figure',
    });
  }
  return states;
}

/** The alarms of a place whose process began again: nothing stands, and the cool-downs go on. */
export const restartedAlarms = (states: AlarmStates): AlarmStates =>
  Object.fromEntries(
    Object.entries(states).map(([name, { announcedMs }]) => [name, { ...quiet, announcedMs }]),
  );
