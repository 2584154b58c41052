/** What a snapshot is before anything was measured. */
import {
  CONTRACT_VERSION,
  type DeviceState,
  type HostState,
  type InfrastructureMetrics,
  learnerHistoryNames,
  type MemoryPressure,
  type PpoHistory,
  type PpoState,
  type RankState,
  type SanctumSnapshot,
  unmeasuredLearner,
} from '../contract/index.ts';
import { zeroCounters } from '../figures/index.ts';

export const initialInfrastructure = (): InfrastructureMetrics => ({
  device: null,
  cudaMemoryAllocatedGb: null,
  cudaMemoryReservedGb: null,
  cudaMemoryPeakGb: null,
  cudaMemoryFragmentation: null,
  memoryUsagePercent: 0,
  memoryStatus: 'unmeasured',
  contradiction: null,
});

export const initialPressure = (): MemoryPressure => ({
  budgetBytes: null,
  peakBytes: null,
  pressureFraction: null,
  headroomBytes: null,
  headroomAtBestBytes: null,
  isUpperBound: false,
  status: 'unmeasured',
});

export function initialPpo(): PpoState {
  const ppo = unmeasuredLearner() as PpoState;
  ppo.nonFinite = [];
  ppo.status = 'warmup';
  ppo.reasons = [];
  return ppo;
}

export const initialHost = (): HostState => ({
  ramUsedBytes: null,
  ramTotalBytes: null,
  ramUsedPercent: null,
  cpuPercent: null,
  processRssBytes: null,
});

export const initialRank = (rank: number): RankState => ({
  rank,
  nextSeq: 0,
  seqGap: null,
  events: 0,
  lostEvents: 0,
  repeatedEvents: 0,
  unknownEvents: 0,
  telemetryMs: 0,
  newestTelemetryMs: null,
  state: 'waiting',
  startedMs: null,
  processStartedMs: null,
  endedMs: null,
  lastEventMs: null,
  worldSize: null,
  name: null,
  algorithm: null,
  task: null,
  device: null,
  hostname: null,
  pid: null,
  failure: null,
  batch: null,
  maxBatches: null,
  step: null,
  maxSteps: null,
  updates: 0,
  ppo: initialPpo(),
  told: { level: 'unmeasured', calm: 0 },
  history: {
    batch: [],
    timeMs: [],
    ...(Object.fromEntries(learnerHistoryNames.map(name => [name, []])) as unknown as Omit<
      PpoHistory,
      'batch' | 'timeMs'
    >),
  },
  phases: [],
  host: initialHost(),
  driver: [],
  driverTimeMs: null,
  alarms: {},
  own: [],
  ownHistory: [],
  ownLeftOut: 0,
  log: [],
});

export const initialDevice = (rank: number, device: string): DeviceState => ({
  rank,
  device,
  uuid: null,
  pciBusId: null,
  name: null,
  batch: null,
  timeMs: null,
  reading: null,
  infrastructure: { ...initialInfrastructure(), device },
  told: { level: 'unmeasured', calm: 0 },
  peakAllocatedBytes: null,
  peakScope: null,
  poolPeaks: null,
  fragmentation: null,
  usedBytes: null,
  totalBytes: null,
  usedPercent: null,
  ledger: {
    totalBytes: null,
    activeBytes: null,
    cacheBytes: null,
    strandedBytes: null,
    otherBytes: null,
    contextBytes: null,
    neighbourBytes: null,
    freeBytes: null,
    contradiction: null,
  },
  pressure: initialPressure(),
  allocRetries: null,
  ooms: null,
  deviceAllocs: null,
  deviceFrees: null,
  syncAllStreams: null,
  atTheWall: false,
  counters: zeroCounters(),
  driver: null,
  alarms: {},
  history: {
    batch: [],
    timeMs: [],
    memoryUsagePercent: [],
    allocatedBytes: [],
    reservedBytes: [],
    peakAllocatedBytes: [],
    peakBytes: [],
    budgetBytes: [],
    strandedBytes: [],
    pressureFraction: [],
  },
});

/** The snapshot before any event. */
export const emptySnapshot = (): SanctumSnapshot => ({
  v: CONTRACT_VERSION,
  run: {
    id: null,
    name: null,
    algorithm: null,
    task: null,
    state: 'waiting',
    startedMs: null,
    endedMs: null,
    lastEventMs: null,
    worldSize: null,
  },
  status: { level: 'warmup', reasons: ['waiting for the first update'] },
  tamiyo: {
    rank: null,
    batch: null,
    maxBatches: null,
    step: null,
    maxSteps: null,
    ppo: initialPpo(),
    infrastructure: initialInfrastructure(),
  },
  vitals: { host: initialHost(), hasMemoryAlarm: false, memoryAlarmDevices: [] },
  devices: [],
  ranks: [],
});
