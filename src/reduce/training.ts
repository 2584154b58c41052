/** Training started, completed, failed; checkpoints. */
import { restartedAlarms } from '../alarms/index.ts';
import { type EventOf, isOver, isWarning, placeOfError } from '../contract/index.ts';
import { countedIn, numberedOf, oomContradictions, stepsPerEpochOf, zeroCounters } from '../figures/index.ts';
import type { RankDraft } from './draft.ts';

export function trainingStarted(draft: RankDraft, event: EventOf<'TRAINING_STARTED'>): void {
  const rank = draft.state;
  const { data } = event;
  const isResumed = isOver(rank.state);
  rank.state = 'running';
  rank.startedMs ??= event.timeMs;
  rank.processStartedMs = event.timeMs;
  rank.endedMs = null;
  rank.lastUpdateMs = null;
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
  const numbered = numberedOf(data.config);
  if (numbered !== null) rank.numbered = numbered;
  const stepsPerEpoch = stepsPerEpochOf(data.config);
  if (stepsPerEpoch !== null) rank.stepsPerEpoch = stepsPerEpoch;
  // A new process counts from zero again, which a counter that is already higher would hide.
  for (const { state } of draft.devices.values()) {
    state.counters = zeroCounters();
    state.atTheWall = false;
    // What stood when the run ended was kept to be seen, and is over.
    if (isResumed) state.alarms = restartedAlarms(state.alarms);
  }
  const resumedAt = data.resumedAtBatch ?? data.resumedAtStep ?? null;
  if (resumedAt !== null) draft.rewind(resumedAt);
  const unit = rank.numbered !== undefined ? countedIn(rank) : data.resumedAtBatch == null ? 'step' : 'batch';
  const what = [data.algorithm, data.task, data.device && `on ${data.device}`].filter(Boolean).join(' ');
  draft.note(
    event,
    'info',
    resumedAt === null
      ? `started ${what}`.trim()
      : resumedAt === 0
        ? 'started again'
        : `started again, after ${unit} ${resumedAt}`,
  );
}

/** Where the reports of updates stop before the training did. */
function reach(draft: RankDraft, reached: number | null | undefined): void {
  const { state } = draft;
  const unit = state.batch === null ? 'step' : 'batch';
  if (reached != null && reached > (state[unit] ?? -1)) state[unit] = reached;
}

export function trainingCompleted(draft: RankDraft, event: EventOf<'TRAINING_COMPLETED'>): void {
  const rank = draft.state;
  rank.state = event.data.reason === 'finished' ? 'completed' : event.data.reason;
  reach(draft, event.data.reached);
  rank.endedMs = event.timeMs;
  draft.touchAll();
  draft.note(
    event,
    'info',
    event.data.reason === 'finished'
      ? 'training finished'
      : event.data.why
        ? `training ended: ${event.data.why}`
        : event.data.reason === 'unknown'
          ? 'the log ends here: how the training ended is unknown'
          : 'training ended on request',
  );
}

/** The request that ended the process: where no reading came after it, no counter has it. */
function countLastRefusal(draft: RankDraft, name: string | null): void {
  const own = name === null ? [...draft.devices.keys()] : [name];
  if (own.length !== 1 || !draft.devices.has(own[0]!)) return;
  const device = draft.device(own[0]!).state;
  device.ooms = Math.max(1, device.ooms ?? 0);
}

export function trainingFailed(draft: RankDraft, event: EventOf<'TRAINING_FAILED'>): void {
  const rank = draft.state;
  const { errorType, message, outOfMemory, ending } = event.data;
  rank.endedMs = event.timeMs;
  reach(draft, event.data.reached);
  draft.touchAll();
  if (isWarning(event.data)) {
    rank.state = 'unknown';
    draft.note(event, 'warning', `the log ends with a warning: ${message ?? 'not in its words'}`);
    return;
  }
  rank.state = 'failed';
  rank.failure = { errorType: errorType ?? null, message: message ?? null, outOfMemory: outOfMemory ?? null };
  if (outOfMemory != null) countLastRefusal(draft, outOfMemory.device ?? null);
  const place = placeOfError(ending);
  const where = place === null ? '' : ` at ${shortPlace(place)}`;
  draft.note(event, 'critical', `training failed: ${errorType ?? message ?? 'error not named'}${where}`);
  for (const doubt of outOfMemory == null ? [] : oomContradictions(outOfMemory))
    draft.note(event, 'warning', doubt);
}

/** `/opt/w/train.py, line 17, in step (within …)` → `w/train.py:17 step`, as lines that hold memory are written. */
function shortPlace(place: string): string {
  const [own = place] = place.split(' (within ');
  const [, file, line, name] = /^(.{1,400}), line (\d{1,7})(?:, in (.{1,100}))?$/.exec(own) ?? [];
  if (file === undefined) return own;
  return `${file.split(/[\\/]/).slice(-2).join('/')}:${line}${name === undefined ? '' : ` ${name}`}`;
}

export function checkpointSaved(draft: RankDraft, event: EventOf<'CHECKPOINT_SAVED'>): void {
  draft.note(event, 'info', `checkpoint after ${countedIn(draft.state)} ${event.data.batch ?? 'unknown'}`);
}
