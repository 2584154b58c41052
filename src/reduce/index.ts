/**
 * The reducer: (SanctumSnapshot, TelemetryEvent) → SanctumSnapshot. Pure: no clock, disk, GPU or randomness; the
 * snapshot that comes in is not changed. Whether something is healthy is decided here, once.
 */
import {
  type EventOf,
  type EventType,
  isUnknown,
  type SanctumSnapshot,
  type TelemetryEvent,
  type UnknownEvent,
} from '../contract/index.ts';
import { derive } from './derive.ts';
import { Draft, type RankDraft } from './draft.ts';
import { interventionApplied, interventionEnded } from './interventions.ts';
import { memorySampled } from './memory-sampled.ts';
import { deviceSampled, hostSampled } from './samples.ts';
import { checkpointSaved, trainingCompleted, trainingFailed, trainingStarted } from './training.ts';
import { ppoUpdateCompleted, stepCompleted } from './updates.ts';

export { emptySnapshot } from './initial.ts';
export { infrastructureOf } from './memory.ts';
export { pressureOf } from './pressure.ts';

/**
 * The snapshot after these events. Reducing a list at once, in parts, or one by one gives the same snapshot; so
 * does any order that keeps each rank's own order.
 */
export function reduceAll(
  snapshot: SanctumSnapshot,
  events: Iterable<TelemetryEvent | UnknownEvent>,
): SanctumSnapshot {
  const draft = new Draft(snapshot);
  for (const event of events) apply(draft, event);
  const { ranks, devices } = draft.finish();
  return derive(draft.run, ranks, devices);
}

/** The snapshot after one event. */
export const reduce = (snapshot: SanctumSnapshot, event: TelemetryEvent | UnknownEvent): SanctumSnapshot =>
  reduceAll(snapshot, [event]);

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
  MEMORY_SAMPLED: memorySampled,
  DEVICE_SAMPLED: deviceSampled,
  HOST_SAMPLED: hostSampled,
};

function apply(draft: Draft, event: TelemetryEvent | UnknownEvent): void {
  draft.run ??= event.run;
  const own = draft.rank(event.rank);
  const rank = own.state;
  if (event.seq < rank.nextSeq) {
    rank.repeatedEvents++;
    return;
  }
  const lost = event.seq - rank.nextSeq;
  rank.nextSeq = event.seq + 1;
  rank.events++;
  rank.lastEventMs = Math.max(rank.lastEventMs ?? event.timeMs, event.timeMs);
  rank.telemetryMs += event.telemetryMs ?? 0;
  if (lost > 0) {
    rank.lostEvents += lost;
    own.note(event, 'warning', `${lost} ${lost === 1 ? 'event' : 'events'} lost before seq ${event.seq}`);
  }
  if (isUnknown(event)) {
    rank.unknownEvents++;
    return;
  }
  (reducers[event.type] as (draft: RankDraft, event: TelemetryEvent) => void)(own, event);
}
