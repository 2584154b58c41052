/**
 * The alarms of the rank that an event moved: of its host, and of those of its devices that the event touched or that only
 * wait for time to pass. They read the rank's own events alone, so the order in which ranks' events come does not matter.
 */
import { type AlarmChange, type AlarmRule, isPending, moveAlarms } from '../alarms/index.ts';
import type { DeviceState } from '../contract/index.ts';
import { type DeviceDraft, inOrder, type RankDraft } from './draft.ts';
import { aroundItself, occupancyOf, totalsOf } from './ledger.ts';

/** Rules by what they look at. */
export interface PlacedRules {
  all: readonly AlarmRule[];
  device: readonly AlarmRule[];
  rank: readonly AlarmRule[];
  /** Some rule watches a part of the byte ledger, which takes its time to make. */
  needsLedger: boolean;
}

export const placedRules = (rules: readonly AlarmRule[]): PlacedRules => ({
  all: rules,
  device: rules.filter(({ raise }) => raise.figure.each === 'device'),
  rank: rules.filter(({ raise }) => raise.figure.each === 'rank'),
  needsLedger: rules.some(({ raise }) => raise.figure.path[0] === 'ledger'),
});

/** What receivers are to be notified of, and of which device; null: of the rank as a whole. */
export type PlacedChange = AlarmChange & { device: DeviceState | null };

export function moveRankAlarms(draft: RankDraft, rules: PlacedRules): readonly PlacedChange[] {
  let placed = none;
  const { state: rank, touched, waiting } = draft;
  if (touched.size > 0 || waiting.size > 0) {
    const around = aroundItself(rank);
    for (const device of touched) placed = moveDevice(draft, device, around, rules, placed);
    if (waiting.size > 0)
      for (const device of waiting)
        if (!touched.has(device)) placed = moveDevice(draft, device, around, rules, placed);
    touched.clear();
  }
  rank.alarms = moveAlarms(rank.alarms, rules.rank, rank, rank, changes);
  if (changes.length > 0) placed = withChanges(placed, null);
  return placed.length > 1 ? [...placed].sort(byDevice) : placed;
}

/** Filled by {@link moveAlarms}, and emptied at once. */
const changes: AlarmChange[] = [];
const none: readonly PlacedChange[] = [];

const withChanges = (
  placed: readonly PlacedChange[],
  device: DeviceState | null,
): readonly PlacedChange[] => [...placed, ...changes.splice(0).map(change => ({ ...change, device }))];

/** @returns `placed` and what receivers are to be notified of about the device */
function moveDevice(
  { state: rank, waiting }: RankDraft,
  device: DeviceDraft,
  around: ReturnType<typeof aroundItself>,
  rules: PlacedRules,
  placed: readonly PlacedChange[],
): readonly PlacedChange[] {
  const state = device.now();
  // What an earlier process held is no evidence about the one that writes now.
  if ((state.timeMs ?? Number.POSITIVE_INFINITY) < (rank.processStartedMs ?? Number.NEGATIVE_INFINITY))
    return placed;
  if (rules.needsLedger) Object.assign(state, totalsOf(state, around));
  else {
    // Once an update of a million: Object.assign takes three times as long.
    const { driver, totalBytes, usedBytes, usedPercent } = occupancyOf(state, around);
    state.driver = driver;
    state.totalBytes = totalBytes;
    state.usedBytes = usedBytes;
    state.usedPercent = usedPercent;
  }
  state.alarms = moveAlarms(state.alarms, rules.device, state, rank, changes);
  if (isPending(state.alarms)) waiting.add(device);
  else if (waiting.size > 0) waiting.delete(device);
  return changes.length === 0 ? placed : withChanges(placed, state);
}

const byDevice = ({ device: a }: PlacedChange, { device: b }: PlacedChange) =>
  a === b ? 0 : a === null ? 1 : b === null ? -1 : inOrder(a, b);
