/**
 * TelemetryEvent: one line of a run's log. `events` is the list of all event types there are; everything
 * typed by event (payloads, schemas, reducer cases) follows from it.
 */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { InterventionApplied, InterventionEnded } from './intervention.ts';
import { MemoryAttributed } from './memory-attributed.ts';
import { MemorySampled } from './memory-sampled.ts';
import { FiguresLogged } from './own-figures.ts';
import { PPOUpdatePayload, StepPayload } from './ppo-update.ts';
import { DevicesSampled, HostSampled } from './samples.ts';
import { CheckpointSaved, TrainingCompleted, TrainingFailed, TrainingStarted } from './training.ts';
import { MAX_MS } from './units.ts';

/** Version of the wire format, major.minor. Readers accept every minor of their major. */
export const CONTRACT_VERSION = '1.0';

export const events = {
  TRAINING_STARTED: TrainingStarted,
  TRAINING_COMPLETED: TrainingCompleted,
  TRAINING_FAILED: TrainingFailed,
  CHECKPOINT_SAVED: CheckpointSaved,
  INTERVENTION_APPLIED: InterventionApplied,
  INTERVENTION_ENDED: InterventionEnded,
  PPO_UPDATE_COMPLETED: PPOUpdatePayload,
  STEP_COMPLETED: StepPayload,
  FIGURES_LOGGED: FiguresLogged,
  MEMORY_SAMPLED: MemorySampled,
  MEMORY_ATTRIBUTED: MemoryAttributed,
  DEVICE_SAMPLED: DevicesSampled,
  HOST_SAMPLED: HostSampled,
} as const;

export type EventType = keyof typeof events;
export type Payload<T extends EventType> = Static<(typeof events)[T]>;

export interface EventOf<T extends EventType> {
  /** Wire format, major.minor. */
  v: string;
  /** Position in this rank's log, from 0, without gaps: a gap is a lost event. */
  seq: number;
  /** Wall clock of the emitter, milliseconds since the epoch, UTC. */
  timeMs: number;
  /** Run id. */
  run: string;
  /** Rank of the emitter in a distributed job; 0 for a single process. */
  rank: number;
  type: T;
  data: Payload<T>;
  /** Milliseconds that telemetry took since the previous event: gathering this one, writing that one. */
  telemetryMs?: number | null;
}

/** One event of any known type; `type` is the discriminator. */
export type TelemetryEvent = { [T in EventType]: EventOf<T> }[EventType];

/** A well-formed event of a type that this version does not know: kept and counted, never an error. */
export interface UnknownEvent extends Omit<EventOf<EventType>, 'type' | 'data'> {
  type: string;
  data: unknown;
  unknown: true;
}

/** The highest `seq`: a rank that writes a thousand events a second reaches it after four months. */
const MAX_SEQ = 1e10;
/** The highest rank. */
export const MAX_RANK = 2 ** 20 - 1;

const envelope = <D extends TSchema>(type: TSchema, data: D) =>
  Type.Object({
    v: Type.String({ pattern: '^[0-9]+\\.[0-9]+$' }),
    seq: Type.Integer({ minimum: 0, maximum: MAX_SEQ }),
    timeMs: Type.Number({ minimum: 0, maximum: MAX_MS, unit: 'ms since the epoch' }),
    run: Type.String({ minLength: 1 }),
    rank: Type.Integer({ minimum: 0, maximum: MAX_RANK }),
    type,
    data,
    telemetryMs: Type.Optional(
      Type.Union([Type.Number({ minimum: -MAX_MS, maximum: MAX_MS, unit: 'ms' }), Type.Null()]),
    ),
  });

/** What every event has, its type known or not. */
export const EnvelopeSchema = envelope(Type.String({ minLength: 1 }), Type.Unknown());

/** The schema of each type's whole event. */
export const eventSchemas = Object.fromEntries(
  Object.entries(events).map(([type, payload]) => [type, envelope(Type.Literal(type), payload)]),
) as Record<EventType, ReturnType<typeof envelope>>;

/** JSON Schema of any known event, for readers in other languages. */
export const TelemetryEventSchema = Type.Union(Object.values(eventSchemas), {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: `Esper TelemetryEvent ${CONTRACT_VERSION}`,
});
