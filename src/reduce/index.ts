/**
 * The reducer: (SanctumSnapshot, TelemetryEvent) → SanctumSnapshot. Pure: no clock, disk, GPU or randomness; the
 * snapshot that comes in is not changed. Whether something is healthy is decided here, once.
 */
import { type AlarmNotice, type AlarmRule, defaultRules, noticeOf } from '../alarms/index.ts';
import {
  type EventOf,
  type EventType,
  isUnknown,
  passSeq,
  type SanctumSnapshot,
  type TelemetryEvent,
  type UnknownEvent,
} from '../contract/index.ts';
import { moveRankAlarms, type PlacedRules, placedRules } from './alarms.ts';
import { derive, runNameOf } from './derive.ts';
import type { RankDraft } from './draft.ts';
import { figuresLogged } from './figures-logged.ts';
import { emptySnapshot } from './initial.ts';
import { interventionApplied, interventionEnded } from './interventions.ts';
import { memoryAttributed } from './memory-attributed.ts';
import { memorySampled } from './memory-sampled.ts';
import { RunDraft } from './run-draft.ts';
import { deviceSampled, hostSampled } from './samples.ts';
import { checkpointSaved, trainingCompleted, trainingFailed, trainingStarted } from './training.ts';
import { ppoUpdateCompleted, stepCompleted } from './updates.ts';

export { emptySnapshot } from './initial.ts';
export { type DeviceIdentity, isSameDevice } from './ledger.ts';
export { pressureOf } from './pressure.ts';
export { type RankLife, runStateOf, totalOf } from './run-state.ts';

/**
 * The snapshot after these events. Reducing a list at once, in parts, or one by one gives the same snapshot; so
 * does any order that keeps each rank's own order.
 */
export function reduceAll(
  snapshot: SanctumSnapshot,
  events: Iterable<TelemetryEvent | UnknownEvent>,
): SanctumSnapshot {
  const reduction = new Reduction(snapshot);
  for (const event of events) reduction.add(event);
  return reduction.snapshot();
}

/** The snapshot after one event. */
export const reduce = (snapshot: SanctumSnapshot, event: TelemetryEvent | UnknownEvent): SanctumSnapshot =>
  reduceAll(snapshot, [event]);

/** Events reduced one after the other: no snapshot is made in between. */
export class Reduction {
  readonly #draft: RunDraft;
  readonly #rules: PlacedRules;

  /**
   * @param before is not changed
   * @param rules by which alarms are raised; a snapshot that is resumed from must have been made by the same
   */
  constructor(before: SanctumSnapshot = emptySnapshot(), rules: readonly AlarmRule[] = defaultRules) {
    this.#draft = new RunDraft(before);
    this.#rules = rules === defaultRules ? placedDefaults : placedRules(rules);
  }

  /** @returns what receivers of alarms are to be notified of */
  add(event: TelemetryEvent | UnknownEvent): readonly AlarmNotice[] {
    const draft = this.#draft;
    const own = apply(draft, event);
    if (own === null) return nothing;
    const changes = moveRankAlarms(own, this.#rules);
    if (changes.length === 0) return nothing;
    const run = { id: draft.run, name: runNameOf(draft.ranksNow()) };
    return changes.map(({ device, ...change }) => noticeOf(run, own.state, device, change));
  }

  /** As it is now, to be looked at and not kept: the next event changes its ranks and devices. */
  now(): SanctumSnapshot {
    const { ranks, devices } = this.#draft.now();
    return derive(this.#draft.run, ranks, devices, this.#rules.all);
  }

  /** As it is now: what follows does not change it. */
  snapshot(): SanctumSnapshot {
    const { ranks, devices } = this.#draft.finish();
    return derive(this.#draft.run, ranks, devices, this.#rules.all);
  }
}

const placedDefaults = placedRules(defaultRules);
const nothing: readonly AlarmNotice[] = [];

/** One reducer an event type: the compiler asks for the one that is missing. */
const reducers: { [T in EventType]: (draft: RankDraft, event: EventOf<T>) => void } = {
  TRAINING_STARTED: trainingStarted,
  TRAINING_COMPLETED: trainingCompleted,
  TRAINING_FAILED: trainingFailed,
  CHECKPOINT_SAVED: checkpointSaved,
  INTERVENTION_APPLIED: interventionApplied,
  INTERVENTION_ENDED: interventionEnded,
  PPO_UPDATE_COMPLETED: ppoUpdateCompleted,
  STEP_COMPLETED: stepCompleted,
  FIGURES_LOGGED: figuresLogged,
  MEMORY_SAMPLED: memorySampled,
  MEMORY_ATTRIBUTED: memoryAttributed,
  DEVICE_SAMPLED: deviceSampled,
  HOST_SAMPLED: hostSampled,
};

/** @returns the rank that the event moved; null for one that came a second time. */
function apply(draft: RunDraft, event: TelemetryEvent | UnknownEvent): RankDraft | null {
  draft.run ??= event.run;
  const own = draft.rank(event.rank);
  const rank = own.state;
  const lost = passSeq(rank, event.seq);
  if (lost === null) {
    rank.repeatedEvents++;
    return null;
  }
  rank.events++;
  rank.lastEventMs = Math.max(rank.lastEventMs ?? event.timeMs, event.timeMs);
  rank.telemetryMs += event.telemetryMs ?? 0;
  rank.lostEvents += lost;
  if (lost > 0) {
    // Updates may be among them: the time to the next is not that from one to the next.
    rank.lastUpdateMs = null;
    own.note(event, 'warning', `${lost} ${lost === 1 ? 'event' : 'events'} lost before seq ${event.seq}`);
  }
  if (isUnknown(event)) {
    rank.unknownEvents++;
    return own;
  }
  (reducers[event.type] as (draft: RankDraft, event: TelemetryEvent) => void)(own, event);
  return own;
}
