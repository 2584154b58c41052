/**
 * The reducer: (SanctumSnapshot, TelemetryEvent) → SanctumSnapshot. Pure: no clock, disk, GPU or randomness; the
 * snapshot that comes in is not changed. Whether something is healthy is decided here, once.
 */
import {
  type DeviceState,
  type EventOf,
  type EventType,
  isUnknown,
  type RankState,
  type SanctumSnapshot,
  type TelemetryEvent,
  type UnknownEvent,
} from '../contract/index.ts';
import { derive, nameOf } from './derive.ts';
import { Draft, type RankDraft } from './draft.ts';
import { emptySnapshot } from './initial.ts';
import { interventionApplied, interventionEnded } from './interventions.ts';
import { totalsOf } from './ledger.ts';
import { memorySampled } from './memory-sampled.ts';
import { deviceSampled, hostSampled } from './samples.ts';
import { checkpointSaved, trainingCompleted, trainingFailed, trainingStarted } from './training.ts';
import { ppoUpdateCompleted, stepCompleted } from './updates.ts';

export { emptySnapshot } from './initial.ts';
export { type DeviceIdentity, isSameDevice } from './ledger.ts';
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
  const reduction = new Reduction(snapshot);
  for (const event of events) reduction.add(event);
  return reduction.snapshot();
}

/** The snapshot after one event. */
export const reduce = (snapshot: SanctumSnapshot, event: TelemetryEvent | UnknownEvent): SanctumSnapshot =>
  reduceAll(snapshot, [event]);

/** One rank and its devices, as the snapshot of the same moment has them, but for histories and logs, which may be older. */
export interface RankView {
  run: Pick<SanctumSnapshot['run'], 'id' | 'name'>;
  ranks: readonly [RankState];
  devices: readonly DeviceState[];
}

/** Events reduced one after the other, for whoever looks at a figure after each of very many: no snapshot is made in between. */
export class Reduction {
  #draft: Draft;

  /** @param before is not changed */
  constructor(before: SanctumSnapshot = emptySnapshot()) {
    this.#draft = new Draft(before);
  }

  add(event: TelemetryEvent | UnknownEvent): void {
    apply(this.#draft, event);
  }

  /** A rank that had an event. To be read at once: the next event changes it in place. */
  view(rank: number): RankView {
    const draft = this.#draft.rank(rank);
    const ranks = this.#draft.ranksNow();
    return {
      run: { id: this.#draft.run, name: nameOf(ranks) },
      ranks: [draft.state],
      devices: draft.devicesNow().map(device => Object.assign(device, totalsOf(device, ranks))),
    };
  }

  snapshot(): SanctumSnapshot {
    const { ranks, devices } = this.#draft.finish();
    const snapshot = derive(this.#draft.run, ranks, devices);
    // What was handed out must not change any more.
    this.#draft = new Draft(snapshot);
    return snapshot;
  }
}

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
