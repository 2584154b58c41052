/**
 * SanctumSnapshot: everything a view may show, as plain JSON. The reducer makes it from events and decides
 * there what is healthy; views only show. Null means "not measured".
 */
import { type Static, Type } from '@sinclair/typebox';
import { type LearnerHistoryName, learnerHistoryNames, learnerSchemas } from './learner.ts';
import { DeviceMemory } from './memory.ts';
import { DeviceSample } from './samples.ts';
import { Literals, Nullable, NullableNumber, NullableText } from './schemas.ts';
import { OutOfMemory } from './training.ts';

/** Judgement of one figure by its record's thresholds. */
export const Health = Literals('unmeasured', 'healthy', 'warning', 'critical');
export type Health = Static<typeof Health>;

/** The banner's overall judgement. */
export const StatusLevel = Literals('ok', 'warmup', 'warning', 'critical');
export type StatusLevel = Static<typeof StatusLevel>;

/**
 * `gone`: no process writes the run any more, and its log has no end. No log records it: it is known from the processes.
 * `unknown`: what was watched of the run ended, and how the training ended is not recorded, or not to be read.
 */
export const RunState = Literals(
  'waiting',
  'running',
  'completed',
  'interrupted',
  'failed',
  'gone',
  'unknown',
);
export type RunState = Static<typeof RunState>;

/** TELE-770 and its neighbours, of one device of one rank. */
export const InfrastructureMetrics = Type.Object({
  device: NullableText('device that the figures are of'),
  cudaMemoryAllocatedGb: NullableNumber('allocatedBytes / 1024³'),
  cudaMemoryReservedGb: NullableNumber('reservedBytes / 1024³'),
  cudaMemoryPeakGb: NullableNumber('peakAllocatedBytes / 1024³'),
  cudaMemoryFragmentation: NullableNumber('1 − allocated / reserved, at rest: cache, no fragmentation'),
  memoryUsagePercent: Type.Number({
    description: 'allocated / reserved × 100; 0 where nothing is reserved or measured, and then not shown',
  }),
  memoryStatus: Health,
  contradiction: NullableText('why the figures cannot all be true; null where they can'),
});
export type InfrastructureMetrics = Static<typeof InfrastructureMetrics>;

/** The newest figures of the learner. A figure that was NaN or infinite is null and named in `nonFinite`. */
export const PpoState = Type.Object({
  ...learnerSchemas,
  nonFinite: Type.Array(Type.String(), {
    description: 'figures that were NaN or infinite in the newest update',
  }),
  nonFiniteValues: Type.Optional(
    Type.Array(Literals('NaN', 'Infinity', '-Infinity'), {
      description: 'what each of them was, in the same order; absent where there are none',
    }),
  ),
  status: StatusLevel,
  reasons: Type.Array(Type.String(), { description: 'why the status is not ok' }),
});
export type PpoState = Static<typeof PpoState>;

/** One entry an update, oldest first, at most HISTORY_LENGTH; null is a gap. All arrays have one length. */
const series = Type.Array(Nullable(Type.Number()));
export const PpoHistory = Type.Object({
  batch: Type.Array(Type.Number()),
  timeMs: Type.Array(Type.Number()),
  ...(Object.fromEntries(learnerHistoryNames.map(name => [name, series])) as Record<
    LearnerHistoryName,
    typeof series
  >),
});
export type PpoHistory = Static<typeof PpoHistory>;

export const MemoryHistory = Type.Object({
  batch: Type.Array(Type.Number()),
  timeMs: Type.Array(Type.Number()),
  memoryUsagePercent: series,
  allocatedBytes: series,
  reservedBytes: series,
  peakAllocatedBytes: series,
  peakReservedBytes: series,
  peakBytes: series,
  budgetBytes: series,
  strandedBytes: series,
  pressureFraction: series,
});
export type MemoryHistory = Static<typeof MemoryHistory>;

/**
 * Memory pressure: how much of what the process could have at most it needed at its peak. It knows the device, its
 * neighbours and the process's own limit, which the use of the reserved pool does not.
 */
export const MemoryPressure = Type.Object({
  budgetBytes: NullableNumber('reserved + what the device has free, at most the process’s limit'),
  peakBytes: NullableNumber('peakActiveBytes, or else peakAllocatedBytes'),
  pressureFraction: NullableNumber('peakBytes / budgetBytes'),
  headroomBytes: NullableNumber('budget − peak − stranded: where no stranded piece can be used'),
  headroomAtBestBytes: NullableNumber('budget − peak: where every stranded piece can be used'),
  isUpperBound: Type.Boolean({
    description:
      'the peak is that of the whole run, or of unknown scope: pressure is an upper bound, headroom a lower bound',
  }),
  status: Health,
});
export type MemoryPressure = Static<typeof MemoryPressure>;

/**
 * Byte ledger of a device: total = active + cache + stranded + other + free, and other = context + neighbours.
 * A part that cannot be known is null. Under expandable segments stranded is null and part of cache.
 */
export const Ledger = Type.Object({
  totalBytes: NullableNumber('memory of the device'),
  activeBytes: NullableNumber('held by this process’s tensors, or freed and still awaited by a stream'),
  cacheBytes: NullableNumber('reserved − active − stranded: the allocator can give it back'),
  strandedBytes: NullableNumber('inactiveSplitBytes: free pieces of partly used segments, not releasable'),
  otherBytes: NullableNumber('used on the device and not reserved by this process’s allocator'),
  contextBytes: NullableNumber(
    'of other: this process outside torch (CUDA context, NCCL), where the driver reports it',
  ),
  neighbourBytes: NullableNumber('of other: the rest, other processes and the driver’s own'),
  freeBytes: NullableNumber('total − used'),
  contradiction: NullableText(
    'why the parts cannot all be true; null where they add up or too little is known',
  ),
});
export type Ledger = Static<typeof Ledger>;

/** Worst level that the rank's log has reported, and the readings since that were clear of it. */
export const AnnouncedLevel = Type.Object({ level: Health, calm: Type.Number() });
export type AnnouncedLevel = Static<typeof AnnouncedLevel>;

/** One alarm of one place, a device or a rank. Times are of the rank's own events, milliseconds since the epoch. */
export const AlarmState = Type.Object({
  raisedMs: NullableNumber('since when it is active; null while it is not'),
  sinceMs: NullableNumber('since when the condition is met that would change it; null while it is not'),
  announcedMs: NullableNumber('newest announcement of a raise to receivers'),
  isAnnounced: Type.Boolean({ description: 'receivers were notified of it, and not yet that it is over' }),
});
export type AlarmState = Static<typeof AlarmState>;
/** By the rule's name; a rule that has never been met has no entry. */
export const AlarmStates = Type.Record(Type.String(), AlarmState);
export type AlarmStates = Readonly<Static<typeof AlarmStates>>;

/** Most that was active and most that was reserved, not necessarily at one time: the highest of readings that have both. */
export const PoolPeaks = Type.Object({
  activeBytes: Type.Number({ description: 'peakActiveBytes' }),
  reservedBytes: Type.Number({ description: 'peakReservedBytes' }),
});
export type PoolPeaks = Static<typeof PoolPeaks>;

/** One device of one rank. */
export const DeviceState = Type.Object({
  rank: Type.Number(),
  device: Type.String(),
  uuid: NullableText('device UUID'),
  pciBusId: NullableText('PCI bus id'),
  name: NullableText('product name'),
  batch: NullableNumber('batch of the newest reading'),
  timeMs: NullableNumber('time of the newest reading'),
  reading: Nullable(DeviceMemory),
  infrastructure: InfrastructureMetrics,
  told: AnnouncedLevel,
  peakAllocatedBytes: NullableNumber('peakAllocatedBytes of the newest reading'),
  peakScope: Nullable(Literals('run', 'update')),
  poolPeaks: Nullable(PoolPeaks),
  fragmentation: NullableNumber('1 − peak active / peak reserved, over the run'),
  usedBytes: NullableNumber('used on the device by all processes: the newer of mem_get_info and the driver'),
  totalBytes: NullableNumber('memory of the device: the newer of mem_get_info and the driver'),
  usedPercent: NullableNumber('usedBytes / totalBytes × 100'),
  ledger: Ledger,
  pressure: MemoryPressure,
  allocRetries: NullableNumber('growth of allocRetries summed over the log, resets recognised'),
  ooms: NullableNumber('ooms: growth since the rank began'),
  deviceAllocs: NullableNumber('deviceAllocs: growth since the rank began'),
  deviceFrees: NullableNumber('deviceFrees: growth since the rank began'),
  syncAllStreams: NullableNumber('syncAllStreams: growth since the rank began'),
  atTheWall: Type.Boolean({ description: 'a retry or an out-of-memory happened since the previous reading' }),
  /** Newest raw counters: what the next growth is taken from. */
  counters: Type.Object({
    allocRetries: Type.Number(),
    ooms: Type.Number(),
    deviceAllocs: Type.Number(),
    deviceFrees: Type.Number(),
    syncAllStreams: Type.Number(),
  }),
  driver: Nullable(DeviceSample),
  alarms: AlarmStates,
  history: MemoryHistory,
});
export type DeviceState = Static<typeof DeviceState>;

export const HostState = Type.Object({
  ramUsedBytes: NullableNumber('used RAM of the host'),
  ramTotalBytes: NullableNumber('RAM of the host, or the container’s limit'),
  ramUsedPercent: NullableNumber('used / total × 100'),
  cpuPercent: NullableNumber('busy share of all cores'),
  processRssBytes: NullableNumber('resident set of the trainer'),
});
export type HostState = Static<typeof HostState>;

/** A standing alarm about memory: of each device, and of the host, the first of the rules that stands. */
export const MemoryAlarm = Type.Object({
  device: Type.String({ description: 'device, or "host"' }),
  rank: Type.Number(),
  rule: Type.String({ description: 'name of the rule that raised it' }),
  level: Literals('warning', 'critical'),
  reason: Type.String({ description: 'the figure now, in one sentence without its full stop' }),
  short: Type.String({ description: 'the same in a word or two: "pressure 0.95"' }),
  percent: NullableNumber('the rule’s figure now, percent; null where it is no share, or not measured now'),
  raisedMs: Type.Number({ description: 'since when it is active' }),
});
export type MemoryAlarm = Static<typeof MemoryAlarm>;

export const SystemVitals = Type.Object({
  host: HostState,
  hasMemoryAlarm: Type.Boolean(),
  memoryAlarmDevices: Type.Array(MemoryAlarm),
});
export type SystemVitals = Static<typeof SystemVitals>;

/** A line of the event log: what changed, in words. */
export const LogEntry = Type.Object({
  timeMs: Type.Number(),
  rank: Type.Number(),
  seq: Type.Number(),
  level: Literals('info', 'warning', 'critical'),
  message: Type.String(),
});
export type LogEntry = Static<typeof LogEntry>;

/** One edge of a phase, newest reading. */
const PhaseReading = Type.Object({
  timeMs: Type.Number(),
  allocatedBytes: NullableNumber('held by tensors'),
  reservedBytes: NullableNumber('held by the caching allocator'),
  usedBytes: NullableNumber('used on the device by all processes'),
});

/** The memory of one phase of one process on one device. */
export const PhaseMemory = Type.Object({
  phase: Type.String(),
  role: NullableText('what the process is in that phase'),
  worker: NullableText('the process; null for the trainer itself'),
  device: Type.String(),
  readings: Type.Number({ description: 'readings so far, at either edge' }),
  unseen: Type.Number({ description: 'readings of other workers that the log left out' }),
  before: Nullable(PhaseReading),
  after: Nullable(PhaseReading),
  largestAllocatedBytes: NullableNumber('the largest allocatedBytes of these readings'),
  resolutionBytes: NullableNumber('step that the figures were rounded to; null where they are exact'),
});
export type PhaseMemory = Static<typeof PhaseMemory>;

/** A figure of the trainer's own, under the name that it gave. */
export const OwnFigure = Type.Object({
  name: Type.String(),
  value: NullableNumber('newest; null where that was not finite'),
  nonFinite: NullableText('NaN, Infinity or -Infinity, where the newest was that'),
  lowest: NullableNumber('lowest finite value so far'),
  highest: NullableNumber('highest, likewise'),
  batch: Type.Number({ description: 'update or step of the newest' }),
  timeMs: Type.Number({ description: 'time of the newest' }),
});
export type OwnFigure = Static<typeof OwnFigure>;

/** The newest part of its history: one entry a value, oldest first, at most HISTORY_LENGTH. */
export const OwnHistory = Type.Object({
  name: Type.String(),
  batch: Type.Array(Type.Number()),
  value: series,
});
export type OwnHistory = Static<typeof OwnHistory>;

/** What the numbers of updates count where that is neither batches nor steps; absent elsewhere. */
const numbered = Type.Optional(
  Type.Unsafe<'samples' | 'epochs' | 'reports'>({
    ...Literals('samples', 'epochs', 'reports'),
    description:
      'what batch and step count where that is neither. samples: those that the loop has seen. epochs: the log has a row of each. reports: the log shows no numbers, and its ' +
      'reports are counted, from 1',
  }),
);

/** Absent where the log does not show it. */
const stepsPerEpoch = Type.Optional(Type.Number({ description: 'steps of an epoch, as its log shows them' }));

/** What one rank's log says: the state everything else is derived from. */
export const RankState = Type.Object({
  rank: Type.Number(),
  nextSeq: Type.Number({ description: 'seq expected next' }),
  /** The newest gap of seq: an event of it that comes late is none that came twice. */
  seqGap: Nullable(
    Type.Object({
      from: Type.Number({ description: 'first missing seq' }),
      to: Type.Number({ description: 'seq that came instead' }),
      missing: Type.Number({ description: 'of it, counted as lost' }),
    }),
  ),
  events: Type.Number({ description: 'events reduced' }),
  lostEvents: Type.Number({ description: 'events missing in gaps of seq' }),
  repeatedEvents: Type.Number({ description: 'events that came a second time, ignored' }),
  unknownEvents: Type.Number({ description: 'events of types or versions unknown here, kept in the log' }),
  telemetryMs: Type.Number({ description: 'sum of telemetryMs' }),
  newestTelemetryMs: NullableNumber('telemetryMs of the newest update'),
  state: RunState,
  startedMs: NullableNumber('first start'),
  processStartedMs: NullableNumber('newest start: that of the process that writes now'),
  endedMs: NullableNumber('end, where it came'),
  lastUpdateMs: NullableNumber('newest update of this process'),
  updateGapMs: NullableNumber('usual time from an update to the next; null before the second'),
  lastEventMs: NullableNumber('newest event'),
  worldSize: NullableNumber('ranks in the job, as reported at the start'),
  name: NullableText('run name'),
  algorithm: NullableText('PPO, …'),
  task: NullableText('environment or data set'),
  device: NullableText('device that trains'),
  hostname: NullableText('host of the trainer'),
  pid: NullableNumber('process id of the trainer'),
  failure: Nullable(
    Type.Object({
      errorType: NullableText('class of the error'),
      message: NullableText('its text'),
      outOfMemory: Nullable(OutOfMemory),
    }),
  ),
  batch: NullableNumber('newest batch'),
  maxBatches: NullableNumber('batches the run is to make'),
  step: NullableNumber('newest step of a loop that is not PPO'),
  maxSteps: NullableNumber('steps the loop is to make'),
  numbered,
  stepsPerEpoch,
  updates: Type.Number({ description: 'updates (or steps) reduced' }),
  ppo: PpoState,
  told: AnnouncedLevel,
  history: PpoHistory,
  phases: Type.Array(PhaseMemory, { description: 'newest last, at most PHASES_LENGTH' }),
  host: HostState,
  /** What the driver reported last, of every device of this rank's host, and when. */
  driver: Type.Array(DeviceSample),
  driverTimeMs: NullableNumber('time of that sample'),
  alarms: AlarmStates,
  own: Type.Array(OwnFigure, {
    description: 'figures of the trainer’s own, in the order in which they came',
  }),
  ownHistory: Type.Array(OwnHistory, { description: 'of each of them' }),
  ownLeftOut: Type.Number({ description: 'values of further names: the log alone has them' }),
  log: Type.Array(LogEntry),
});
export type RankState = Static<typeof RankState>;

/** The seed's TamiyoState: the lead rank (the lowest) in summary. A projection of `ranks` and `devices`. */
export const TamiyoState = Type.Object({
  rank: NullableNumber('the lead rank; null before any event'),
  batch: NullableNumber('newest batch'),
  maxBatches: NullableNumber('batches the run is to make'),
  step: NullableNumber('newest step of a loop that is not PPO'),
  maxSteps: NullableNumber('steps the loop is to make'),
  numbered,
  stepsPerEpoch,
  ppo: PpoState,
  infrastructure: InfrastructureMetrics,
});
export type TamiyoState = Static<typeof TamiyoState>;

export const SanctumSnapshot = Type.Object({
  v: Type.String({ description: 'wire format, major.minor' }),
  run: Type.Object({
    id: NullableText('run id'),
    name: NullableText('run name'),
    algorithm: NullableText('PPO, …'),
    task: NullableText('environment or data set'),
    state: RunState,
    startedMs: NullableNumber('first event of any rank'),
    endedMs: NullableNumber('last end, once every rank has ended'),
    lastEventMs: NullableNumber('newest event of any rank'),
    updateGapMs: NullableNumber('usual time between two updates, of the rank that reports most often'),
    worldSize: NullableNumber('ranks in the job'),
  }),
  status: Type.Object({
    level: StatusLevel,
    reasons: Type.Array(Type.String()),
  }),
  tamiyo: TamiyoState,
  vitals: SystemVitals,
  devices: Type.Array(DeviceState, { description: 'by rank, then device' }),
  ranks: Type.Array(RankState, { description: 'by rank' }),
});
export type SanctumSnapshot = Static<typeof SanctumSnapshot>;

/** Points that a history keeps. */
export const HISTORY_LENGTH = 240;
/** Phases of a rank's processes that are kept; the one not heard of longest goes first. */
export const PHASES_LENGTH = 64;
/** Entries that a rank's log keeps. */
export const LOG_LENGTH = 60;
