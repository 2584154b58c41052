/** The way from the measuring call to the reducer: what all records of one event have in common. */
import type { EventType } from '../contract/index.ts';
import type { TelemetryRecord } from './record.ts';
import type { Reference } from './sources.ts';

export interface TransportStage extends Reference {
  stage: string;
  mechanism: string;
  /** What it hands to the next stage. */
  hands: string;
}

interface Way {
  /** Who makes the event, where that is not the measuring call itself. */
  collection: Reference | null;
  payload: Reference;
  reducer: Reference;
}

const training = (payload: string, reducer: string): Way => ({
  collection: null,
  payload: { file: 'src/contract/training.ts', symbol: payload },
  reducer: { file: 'src/reduce/training.ts', symbol: reducer },
});
const intervention = (payload: string, reducer: string): Way => ({
  collection: null,
  payload: { file: 'src/contract/intervention.ts', symbol: payload },
  reducer: { file: 'src/reduce/interventions.ts', symbol: reducer },
});
const samples = (payload: string, reducer: string): Way => ({
  collection: null,
  payload: { file: 'src/contract/samples.ts', symbol: payload },
  reducer: { file: 'src/reduce/samples.ts', symbol: reducer },
});
const updates = (payload: string, reducer: string, collection: Reference | null): Way => ({
  collection,
  payload: { file: 'src/contract/ppo-update.ts', symbol: payload },
  reducer: { file: 'src/reduce/updates.ts', symbol: reducer },
});

const ways: Record<EventType, Way> = {
  TRAINING_STARTED: training('TrainingStarted', 'trainingStarted'),
  TRAINING_COMPLETED: training('TrainingCompleted', 'trainingCompleted'),
  TRAINING_FAILED: training('TrainingFailed', 'trainingFailed'),
  CHECKPOINT_SAVED: training('CheckpointSaved', 'checkpointSaved'),
  INTERVENTION_APPLIED: intervention('InterventionApplied', 'interventionApplied'),
  INTERVENTION_ENDED: intervention('InterventionEnded', 'interventionEnded'),
  PPO_UPDATE_COMPLETED: updates('PPOUpdatePayload', 'ppoUpdateCompleted', {
    file: 'src/emit/emit-ppo-update-event.ts',
    symbol: 'emitPpoUpdateEvent',
  }),
  STEP_COMPLETED: updates('StepPayload', 'stepCompleted', null),
  FIGURES_LOGGED: {
    collection: null,
    payload: { file: 'src/contract/own-figures.ts', symbol: 'FiguresLogged' },
    reducer: { file: 'src/reduce/figures-logged.ts', symbol: 'figuresLogged' },
  },
  MEMORY_SAMPLED: {
    collection: null,
    payload: { file: 'src/contract/memory-sampled.ts', symbol: 'MemorySampled' },
    reducer: { file: 'src/reduce/memory-sampled.ts', symbol: 'memorySampled' },
  },
  MEMORY_ATTRIBUTED: {
    collection: null,
    payload: { file: 'src/contract/memory-attributed.ts', symbol: 'MemoryAttributed' },
    reducer: { file: 'src/reduce/memory-attributed.ts', symbol: 'memoryAttributed' },
  },
  DEVICE_SAMPLED: samples('DevicesSampled', 'deviceSampled'),
  HOST_SAMPLED: samples('HostSampled', 'hostSampled'),
};

/** What every event goes through, whatever its type. */
const anyEvent: Reference = { file: 'src/reduce/index.ts', symbol: 'apply' };

/** What every event of a run goes through that is reported on. */
const analyser: Reference = { file: 'src/analysis/run-analyser.ts', symbol: 'RunAnalyser.take' };

/** The stages between the record's source and the reducer, in order. A figure of the envelope is in every event. */
export function stagesOf({
  source,
  transport: { event, fields },
  document,
}: TelemetryRecord): TransportStage[] {
  const { collection, payload, reducer } = ways[event];
  const python = source.file.startsWith('python/');
  const isReported = document === 'report';
  const last = isReported ? analyser : fields.length > 0 ? reducer : anyEvent;
  const made: TransportStage[] = [];
  if (collection && !python)
    made.push({
      stage: 'Collection',
      mechanism: `Passed to \`${collection.symbol}()\``,
      hands: payload.symbol,
      ...collection,
    });
  made.push({
    stage: 'Aggregation',
    mechanism: `Embedded in \`${payload.symbol}\`, event \`${event}\``,
    hands: 'TelemetryEvent',
    ...payload,
  });
  return [
    {
      stage: 'Emission',
      mechanism: `Measured in \`${source.symbol}\``,
      hands: fields.length > 0 ? 'figures' : 'TelemetryEvent',
      file: source.file,
      symbol: source.symbol,
    },
    ...(fields.length > 0 ? made : []),
    {
      stage: 'Writing',
      mechanism: 'One line of the run’s `events-<rank>.jsonl`, written before `emit` returns',
      hands: 'one line of JSON',
      file: python ? 'python/esper_telemetry/log_writer.py' : 'src/log/log-writer.ts',
      symbol: 'LogWriter',
    },
    {
      stage: 'Reading',
      mechanism: 'Checked against the schema, ranks merged by time',
      hands: 'TelemetryEvent',
      file: 'src/log/read-run.ts',
      symbol: 'readRun',
    },
    {
      stage: 'Delivery',
      mechanism: isReported
        ? `\`${last.symbol}()\` takes it into account; the report is made when it is asked for`
        : `\`${last.symbol}()\` reduces it into the snapshot`,
      hands: '',
      ...last,
    },
  ];
}
