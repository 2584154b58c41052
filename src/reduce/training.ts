/** Training started, completed, failed; checkpoints. */
import type { EventOf } from '../contract/index.ts';
import { type Draft, note } from './draft.ts';
import { initialDevice } from './initial.ts';

export function trainingStarted(draft: Draft, event: EventOf<'TRAINING_STARTED'>): void {
  const rank = draft.rank(event.rank);
  const { data } = event;
  rank.state = 'running';
  rank.startedMs ??= event.timeMs;
  rank.endedMs = null;
  rank.failure = null;
  rank.worldSize = data.worldSize ?? rank.worldSize;
  rank.name = data.name ?? rank.name;
  rank.algorithm = data.algorithm ?? rank.algorithm;
  rank.task = data.task ?? rank.task;
  rank.device = data.device ?? rank.device;
  rank.hostname = data.hostname ?? rank.hostname;
  rank.pid = data.pid ?? rank.pid;
  rank.maxBatches = data.maxBatches ?? rank.maxBatches;
  rank.maxSteps = data.maxSteps ?? rank.maxSteps;
  // A new process counts from zero again, which a counter that is already higher would hide.
  for (const name of draft.devicesOf(event.rank)) {
    const device = draft.device(event.rank, name);
    device.counters = initialDevice(event.rank, name).counters;
    device.atTheWall = false;
  }
  const resumedAt = data.resumedAtBatch ?? data.resumedAtStep ?? null;
  const unit = data.resumedAtBatch == null ? 'step' : 'batch';
  const what = [data.algorithm, data.task, data.device && `on ${data.device}`].filter(Boolean).join(' ');
  note(
    rank,
    event,
    'info',
    resumedAt === null ? `started ${what}`.trim() : `resumed after ${unit} ${resumedAt}`,
  );
}

export function trainingCompleted(draft: Draft, event: EventOf<'TRAINING_COMPLETED'>): void {
  const rank = draft.rank(event.rank);
  rank.state = event.data.reason === 'finished' ? 'completed' : 'interrupted';
  rank.endedMs = event.timeMs;
  note(
    rank,
    event,
    'info',
    event.data.reason === 'finished' ? 'training finished' : 'training ended on request',
  );
}

export function trainingFailed(draft: Draft, event: EventOf<'TRAINING_FAILED'>): void {
  const rank = draft.rank(event.rank);
  const { errorType, message, outOfMemory } = event.data;
  rank.state = 'failed';
  rank.endedMs = event.timeMs;
  rank.failure = { errorType: errorType ?? null, message: message ?? null, outOfMemory: outOfMemory ?? null };
  note(rank, event, 'critical', `training failed: ${errorType ?? message ?? 'error not named'}`);
}

export function checkpointSaved(draft: Draft, event: EventOf<'CHECKPOINT_SAVED'>): void {
  const rank = draft.rank(event.rank);
  note(rank, event, 'info', `checkpoint after batch ${event.data.batch ?? 'unknown'}`);
}
