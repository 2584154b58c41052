/** Which events are steps of the training, the unit in which people count, print and scrub; and which are its end. */
import type { TelemetryEvent, UnknownEvent } from './event.ts';
import { isUnknown } from './parse.ts';

/** Number of the batch or step that the event completes; null for any other event. */
export function batchOf(event: TelemetryEvent | UnknownEvent): number | null {
  if (isUnknown(event)) return null;
  if (event.type === 'PPO_UPDATE_COMPLETED') return event.data.batch;
  return event.type === 'STEP_COMPLETED' ? event.data.step : null;
}

/** The batch, or step, after which a resumed run goes on and makes what follows again; null for any other event. */
export function resumedAt(event: TelemetryEvent | UnknownEvent): number | null {
  if (isUnknown(event) || event.type !== 'TRAINING_STARTED') return null;
  return event.data.resumedAtBatch ?? event.data.resumedAtStep ?? null;
}

export const isUpdate = (event: TelemetryEvent | UnknownEvent): boolean => batchOf(event) !== null;

/** Whether it is the last event of its rank, unless the run is resumed. */
export const isEnd = ({ type }: TelemetryEvent | UnknownEvent): boolean =>
  type === 'TRAINING_COMPLETED' || type === 'TRAINING_FAILED';
