/**
 * What the sources of a run report: the input of the probes, in the words of the payloads that they fill.
 * Everything is measured and healthy. A figure is moved by changing
 * the fields that its record names; one that is computed lists here what to change.
 */
import { GIB } from '../../src/base/index.ts';
import {
  type DeviceMemory,
  type DeviceSample,
  learnerFields,
  learnerNames,
  type Payload,
} from '../../src/contract/index.ts';
import { figures, type TelemetryRecord, valueAt } from '../../src/figures/index.ts';
import { type GivenRank, ranksFor } from './rank-runs.ts';
import { updatesFor } from './report-runs.ts';
import { withValue } from './with-value.ts';

export interface Fixture {
  TRAINING_STARTED: Payload<'TRAINING_STARTED'>;
  PPO_UPDATE_COMPLETED: Payload<'PPO_UPDATE_COMPLETED'>;
  /** At the end of a phase; at its beginning the same, but for `phaseBefore`. */
  MEMORY_SAMPLED: Payload<'MEMORY_SAMPLED'>;
  phaseBefore: Partial<DeviceMemory>;
  /** Null where no host is sampled. */
  HOST_SAMPLED: Payload<'HOST_SAMPLED'> | null;
  DEVICE_SAMPLED: Payload<'DEVICE_SAMPLED'>;
  /** A loop that is not PPO, in the place of the updates; null for PPO. */
  STEP_COMPLETED: Payload<'STEP_COMPLETED'> | null;
  /** A run in the place of all the rest, long enough to be reported on; null where one moment is enough. */
  ranks: readonly GivenRank[] | null;
  /** Null while the run goes on. */
  TRAINING_COMPLETED: Payload<'TRAINING_COMPLETED'> | null;
  /** What the earlier updates measured on the device where it differs from the newest. */
  earlierMemory: Partial<DeviceMemory>;
  /** From the first event to the newest, ms. */
  runtimeMs: number;
  /** From the newest event to the frame, ms. */
  ageMs: number;
  /** What gathering the newest update took, ms. */
  gatheredMs: number;
  /** Events that cannot be written, and events of a type unknown here. */
  lost: number;
  unknown: number;
}

/** When the screen is looked at, milliseconds since the epoch. */
export const NOW_MS = Date.UTC(2026, 0, 3, 12);

const PID = 4321;
const UUID = 'GPU-5e1f6a0c-0000-4000-8000-000000000770';

const memory: DeviceMemory = {
  device: 'cuda:0',
  uuid: UUID,
  pciBusId: '00000000:65:00.0',
  name: 'NVIDIA GPU',
  allocatedBytes: 4.5 * GIB,
  reservedBytes: 10 * GIB,
  activeBytes: 4.75 * GIB,
  requestedBytes: 4.25 * GIB,
  inactiveSplitBytes: 0.25 * GIB,
  peakAllocatedBytes: 5.25 * GIB,
  peakReservedBytes: 10 * GIB,
  peakActiveBytes: 5.5 * GIB,
  peakScope: 'run',
  allocRetries: 0,
  ooms: 0,
  deviceAllocs: 14,
  deviceFrees: 0,
  syncAllStreams: 0,
  segments: 20,
  deviceFreeBytes: 4 * GIB,
  deviceTotalBytes: 16 * GIB,
  processFraction: 1,
  readMs: 0.02,
};

const sample: DeviceSample = {
  uuid: UUID,
  pciBusId: '00000000:65:00.0',
  index: 0,
  name: 'NVIDIA GPU',
  usedBytes: 12 * GIB,
  totalBytes: 16 * GIB,
  utilizationPercent: 63,
  temperatureCelsius: 71,
  powerWatts: 285,
  processes: [
    { pid: PID, name: 'trainer', usedBytes: 10.75 * GIB },
    { pid: 77, name: 'neighbour', usedBytes: 1.25 * GIB },
  ],
};

/** All sources, all healthy, but for figures of the learner that only their declarations know. */
const known: Fixture = {
  TRAINING_STARTED: {
    name: 'verify',
    algorithm: 'PPO',
    task: 'CartPole-v1',
    maxBatches: 200,
    maxSteps: null,
    pid: PID,
    hostname: 'host',
    device: 'cuda:0',
    worldSize: 1,
  },
  PPO_UPDATE_COMPLETED: {
    batch: 84,
    loss: { total: 2.03, policy: -0.012, value: 4.1 },
    policy: {
      entropy: 0.54,
      approxKl: 0.011,
      clipFraction: 0.09,
      clipRange: 0.2,
      learningRate: 0.00021,
      epochs: 4,
      earlyStopped: false,
    },
    value: { explainedVariance: 0.87, meanValue: 40, meanReturn: 41 },
    gradient: { norm: 0.43, maxNorm: 0.5 },
    rollout: {
      steps: 1024,
      totalSteps: 86016,
      episodes: 4,
      totalEpisodes: 420,
      episodicReturn: 312.4,
      episodicLength: 250,
    },
    timing: { rolloutMs: 31, updateMs: 47, stepsPerSecond: 21400 },
    memory: [memory],
  },
  MEMORY_SAMPLED: {
    phase: 'update',
    when: 'after',
    memory: [{ device: 'cuda:0', allocatedBytes: 4.75 * GIB, reservedBytes: 9 * GIB }],
  },
  phaseBefore: { allocatedBytes: 4.25 * GIB },
  HOST_SAMPLED: {
    ramUsedBytes: 12 * GIB,
    ramTotalBytes: 32 * GIB,
    cpuPercent: 37.5,
    processRssBytes: 1.5 * GIB,
  },
  DEVICE_SAMPLED: { devices: [sample] },
  STEP_COMPLETED: null,
  ranks: null,
  TRAINING_COMPLETED: null,
  earlierMemory: {},
  runtimeMs: 192_000,
  ageMs: 0,
  gatheredMs: 0,
  lost: 0,
  unknown: 0,
};

/** All sources, all healthy: figures of the learner that are not set above have the value of their example. */
export const everything: Fixture = learnerNames.reduce((fixture, name) => {
  const path = `PPO_UPDATE_COMPLETED.${learnerFields[name].update}`;
  const example = figures[name]?.example;
  return example === undefined || valueAt(fixture, path) !== undefined
    ? fixture
    : withValue(fixture, path, example);
}, known);

/** The same run where nothing is measured but that it goes on. */
export const nothing: Fixture = {
  ...everything,
  TRAINING_STARTED: {},
  PPO_UPDATE_COMPLETED: { batch: 84, memory: [{ device: 'cuda:0', peakReservedBytes: null }] },
  MEMORY_SAMPLED: { phase: 'update', when: 'after', memory: [{ device: 'cuda:0' }] },
  phaseBefore: {},
  HOST_SAMPLED: null,
  DEVICE_SAMPLED: { devices: [] },
};

const reading = (fixture: Fixture, change: Partial<DeviceMemory>): Fixture => ({
  ...fixture,
  PPO_UPDATE_COMPLETED: { ...fixture.PPO_UPDATE_COMPLETED, memory: [{ ...memory, ...change }] },
});
const driver = (fixture: Fixture, change: Partial<DeviceSample>): Fixture => ({
  ...fixture,
  DEVICE_SAMPLED: { devices: [{ ...sample, ...change }] },
});
/** Torch and the driver report the same: everyone together uses so many bytes. */
const used = (fixture: Fixture, bytes: number): Fixture =>
  driver(reading(fixture, { deviceFreeBytes: 16 * GIB - bytes }), { usedBytes: bytes });
const stepLoop = (fixture: Fixture, step: number, maxSteps: number): Fixture => ({
  ...fixture,
  TRAINING_STARTED: { ...fixture.TRAINING_STARTED, maxBatches: null, maxSteps },
  STEP_COMPLETED: { step, loss: 2, memory: [memory] },
});
/** A pool of a round number of bytes, so that tenths of a percent are exact. */
const POOL = 10_000_000_000;
/** A pool of half so many bytes, on a device that has the other half free. */
const budget = (bytes: number): Partial<DeviceMemory> => ({
  reservedBytes: bytes / 2,
  deviceFreeBytes: bytes / 2,
});
/** Likewise in the kibibytes that /proc reports. */
const RAM = POOL * 1.024;
/** 95% of what there is to have is needed: an alarm at once. */
const pressed = (fixture: Fixture): Fixture =>
  reading(fixture, {
    ...budget(POOL),
    allocatedBytes: GIB,
    peakActiveBytes: shareOf(POOL, 95),
    peakScope: 'update',
  });
const shareOf = (whole: number, percent: number) => Math.round((percent * whole) / 100);

const movers: Record<string, (fixture: Fixture, value: never) => Fixture> = {
  step: (f, value: number) => stepLoop(f, value, 5000),
  maxSteps: (f, value: number) => stepLoop(f, 1200, value),
  runtimeMs: (f, runtimeMs: number) => ({ ...f, runtimeMs }),
  // Of updates that come quickly: the bounds are as many times longer as those of others are.
  connectionAgeMs: (f, ageMs: number) => ({ ...f, ageMs, runtimeMs: 2000 }),
  telemetryMs: (f, gatheredMs: number) => ({ ...f, gatheredMs }),
  lostEvents: (f, lost: number) => ({ ...f, lost }),
  unknownEvents: (f, unknown: number) => ({ ...f, unknown }),
  statusLevel: f => withValue(f, 'PPO_UPDATE_COMPLETED.policy.approxKl', 0.2),
  runState: f => ({ ...f, TRAINING_COMPLETED: { reason: 'finished' } }),
  nonFinite: f => withValue(f, 'PPO_UPDATE_COMPLETED.gradient.norm', 'NaN'),
  memoryUsagePercent: (f, percent: number) =>
    reading(f, { allocatedBytes: shareOf(POOL, percent), reservedBytes: POOL }),
  cudaMemoryFragmentation: (f, share: number) =>
    reading(f, { allocatedBytes: Math.round((1 - share) * POOL), reservedBytes: POOL }),
  fragmentation: (f, share: number) =>
    reading(f, { peakActiveBytes: Math.round((1 - share) * POOL), peakReservedBytes: POOL }),
  cudaMemoryAllocatedGb: (f, gb: number) => reading(f, { allocatedBytes: gb * GIB }),
  cudaMemoryReservedGb: (f, gb: number) => reading(f, { reservedBytes: gb * GIB }),
  cudaMemoryPeakGb: (f, gb: number) => reading(f, { peakAllocatedBytes: gb * GIB }),
  phaseBeforeBytes: (f, allocatedBytes: number) => ({ ...f, phaseBefore: { allocatedBytes } }),
  phaseLargestBytes: (f, bytes: number) => ({
    ...withValue(f, 'MEMORY_SAMPLED.memory[].allocatedBytes', bytes),
    phaseBefore: { allocatedBytes: bytes / 2 },
  }),
  pressureFraction: (f, fraction: number) =>
    reading(f, {
      ...budget(POOL),
      allocatedBytes: GIB,
      peakActiveBytes: shareOf(POOL, 100 * fraction),
      peakScope: 'update',
    }),
  budgetBytes: (f, bytes: number) => reading(f, budget(bytes)),
  headroomBytes: (f, bytes: number) =>
    reading(f, { ...budget(12 * GIB), peakActiveBytes: 11.75 * GIB - bytes, peakScope: 'update' }),
  headroomAtBestBytes: (f, bytes: number) =>
    reading(f, { ...budget(12 * GIB), peakActiveBytes: 12 * GIB - bytes, peakScope: 'update' }),
  contradiction: f => reading(f, { allocatedBytes: 11 * GIB }),
  ramUsedPercent: (f, percent: number) => ({
    ...f,
    HOST_SAMPLED: { ...f.HOST_SAMPLED, ramUsedBytes: shareOf(RAM, percent), ramTotalBytes: RAM },
  }),
  usedPercent: (f, percent: number) =>
    driver(reading(f, { deviceFreeBytes: POOL - shareOf(POOL, percent), deviceTotalBytes: POOL }), {
      usedBytes: shareOf(POOL, percent),
      totalBytes: POOL,
    }),
  totalBytes: (f, totalBytes: number) => driver(reading(f, { deviceTotalBytes: totalBytes }), { totalBytes }),
  hasMemoryAlarm: f => pressed(f),
  memoryAlarmDevices: f => pressed(f),
  atTheWall: f => ({ ...reading(f, { allocRetries: 1 }), earlierMemory: { allocRetries: 0 } }),
  cacheBytes: (f, bytes: number) => reading(f, { reservedBytes: 5 * GIB + bytes }),
  contextBytes: (f, bytes: number) =>
    driver(f, { processes: [{ pid: PID, name: 'trainer', usedBytes: 10 * GIB + bytes }] }),
  neighbourBytes: (f, bytes: number) => used(f, 10.75 * GIB + bytes),
  otherBytes: (f, bytes: number) => driver(used(f, 10 * GIB + bytes), { processes: null }),
  freeBytes: (f, bytes: number) => used(f, 16 * GIB - bytes),
};

/** The fixture in which the record's figure has the value. */
export function moved(record: TelemetryRecord, value: unknown, fixture = everything): Fixture {
  const updates = record.document === 'report' ? updatesFor(record.figure, value) : null;
  const ranks = updates === null ? ranksFor(record.figure, value) : [{ updates }];
  if (ranks !== null) return { ...fixture, ranks };
  const mover = movers[record.figure];
  if (mover) return mover(fixture, value as never);
  const { event, fields } = record.transport;
  return withValue(fixture, `${event}.${fields[0]}`, value);
}
