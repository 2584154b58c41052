/** Where figures are measured: each source with its call, its client in Python, what it depends on, and the tests that run it. */
import type { EventType, Payload } from '../contract/index.ts';
import type { PathOf } from './path.ts';

/** A dependency that is no figure, a library or a device of the source. */
export interface Dependency {
  type: 'record' | 'hardware' | 'library' | 'file' | 'command' | 'human' | 'system';
  /** A record's id, or a name. */
  on: string;
  notes: string;
}

/** A symbol of the source: `symbol` is a function, a constant, a type, a class or `Class.method` of `file`. */
export interface Reference {
  /** From the root of the repository. */
  file: string;
  symbol: string;
}

/** Where a figure is measured: a symbol, and the call in it that measures. */
export interface Source extends Reference {
  /** What is measured, and when. */
  origin: string;
  call: string;
}

/** The event that carries the figure: fields of its payload, and of its envelope where those matter. */
export type Transport = {
  [T in EventType]: {
    event: T;
    fields: readonly PathOf<Payload<T>>[];
    envelope?: readonly ('type' | 'seq' | 'timeMs' | 'telemetryMs')[];
  };
}[EventType];

/** What a figure's `from` says: its source, and what of the event is the figure. */
export interface Measured {
  source: Source;
  /** Others that measure the same figure and fill the same fields. */
  also: readonly Source[];
  transport: Transport;
  needs: readonly Dependency[];
  /** As `file#title`. */
  tests: readonly string[];
}

const AGENT = 'src/workloads/ppo/agent.ts';
const READS = `src/workloads/ppo/agent.test.ts#every update reads the device’s memory, at its end and before the rollout is freed`;
const EMITS = 'src/emit/emit-ppo-update-event.test.ts#every metric reaches its field';

const gpu: Dependency = {
  type: 'hardware',
  on: 'CUDA device',
  notes: 'Real or simulated; without one nothing is measured',
};
const allocatorStats: Dependency = {
  type: 'library',
  on: 'torch.cuda.memory_stats_as_nested_dict',
  notes: 'One call for every figure of the allocator',
};
const deviceFree: Dependency = {
  type: 'library',
  on: 'torch.cuda.mem_get_info',
  notes: 'One call for free and total',
};
const learner: Dependency = {
  type: 'library',
  on: '@jax-js/jax',
  notes: 'Loss and gradient of the built-in trainer',
};
const file = (on: string): Dependency => ({
  type: 'file',
  on,
  notes: 'Linux; elsewhere what the system reports',
});

const python = (name: string, symbol: string, call: string, origin: string): Source => ({
  origin,
  file: `python/esper_telemetry/${name}.py`,
  symbol,
  call,
});
const reads = (origin: string): Source => ({
  origin,
  file: AGENT,
  symbol: 'PPOAgent.collectInfrastructureMetrics',
  call: 'TrainingDevice.read()',
});
const STATS = 'torch.cuda.memory_stats_as_nested_dict(device)';

type Update = PathOf<Payload<'PPO_UPDATE_COMPLETED'>>;
type MemoryField = Extract<Update, `memory[].${string}`> extends `memory[].${infer F}` ? F : never;
const memoryFields = (fields: readonly MemoryField[]) => ({
  event: 'PPO_UPDATE_COMPLETED' as const,
  fields: fields.map(field => `memory[].${field}` as Update),
});

/** A figure of the allocator, read once per device in every update. */
export const allocator = (...fields: MemoryField[]): Measured => ({
  source: reads('The allocator’s counters, read once per device in every PPO update'),
  also: [python('memory', 'Device._read', STATS, 'The real allocator, by the Python client')],
  transport: memoryFields(fields),
  needs: [allocatorStats, gpu],
  tests: [READS],
});

/** A figure of the allocator and of what the device has free. */
export const allocatorAndDevice = (...fields: MemoryField[]): Measured => ({
  source: reads(
    'The allocator’s counters and the device’s free bytes, read once per device in every PPO update',
  ),
  also: [python('memory', 'Device._read', STATS, 'The real allocator and device, by the Python client')],
  transport: memoryFields(fields),
  needs: [allocatorStats, deviceFree, gpu],
  tests: [READS],
});

/** A figure of the device's own count of free bytes. */
export const deviceTotals = (...fields: MemoryField[]): Measured => ({
  source: reads(
    'The device’s own count of free bytes, read with the allocator’s counters in every PPO update',
  ),
  also: [
    python(
      'memory',
      'Device._read_free',
      'torch.cuda.mem_get_info(device)',
      'The real device, by the Python client',
    ),
  ],
  transport: memoryFields(fields),
  needs: [deviceFree, gpu],
  tests: [READS],
});

/** Memory at the edges of phases. */
export const phaseEdge = (...fields: PathOf<Payload<'MEMORY_SAMPLED'>>[]): Measured => ({
  source: python(
    'run',
    'Run.memory',
    "run.memory('update', when='after')",
    'The real allocator, by the Python client, where the loop marks a phase’s edge',
  ),
  also: [],
  transport: { event: 'MEMORY_SAMPLED', fields },
  needs: [allocatorStats, gpu],
  tests: [
    'src/reduce/memory-sampled.test.ts#is kept by phase, worker and device, the newest of each edge, with the largest seen',
    'src/sanctum/PhasePanel.test.ts#a row a phase and worker, the newest first, as exact as its source',
  ],
});

/** What the driver reports of a device. */
export const driver = (...fields: PathOf<Payload<'DEVICE_SAMPLED'>>[]): Measured => ({
  source: {
    origin: 'The driver, sampled beside the training',
    file: 'src/emit/device-sampler.ts',
    symbol: 'DeviceSampler.start',
    call: 'nvidia-smi --query-gpu=… -lms 1000',
  },
  also: [],
  transport: { event: 'DEVICE_SAMPLED', fields },
  needs: [{ type: 'command', on: 'nvidia-smi', notes: 'Absent: not measured, no error' }],
  tests: [
    'src/emit/device-sampler.test.ts#emits each interval’s devices as one event, from one process, and ends it',
    'src/reduce/reduce.test.ts#two ranks on two devices of one host: none is swapped, though the driver lists them the other way round',
  ],
});

/** What the host reports, read from a file of the system. */
export const host = (from: string, ...fields: PathOf<Payload<'HOST_SAMPLED'>>[]): Measured => ({
  source: {
    origin: 'The host, sampled beside the training',
    file: 'src/emit/host-sampler.ts',
    symbol: 'HostSampler.sample',
    call: from,
  },
  also: [],
  transport: { event: 'HOST_SAMPLED', fields },
  needs: [file(from)],
  tests: [],
});

const learned = (
  source: Omit<Source, 'origin'> & { origin: string },
  keyword: string,
  field: Update,
): Measured => ({
  source,
  also: [
    python(
      'run',
      'Run.ppo_update',
      `run.ppo_update(${keyword}=…)`,
      'Handed over by a PyTorch loop, once an update',
    ),
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: [field] },
  needs: [],
  tests: [EMITS],
});

/** A figure of the optimisation, computed by the learner in every update. `keyword`: of the Python client. */
export const optimised = (keyword: string, field: Update): Measured => ({
  ...learned(
    {
      origin: 'Computed by the learner in every PPO update',
      file: AGENT,
      symbol: 'PPOAgent.update',
      call: 'PPOAgent.update(rollout)',
    },
    keyword,
    field,
  ),
  needs: [learner],
});

/** A figure of the training loop's own. */
export const looped = (keyword: string, field: Update): Measured =>
  learned(
    {
      origin: 'Kept by the training loop',
      file: 'src/workloads/ppo/train.ts',
      symbol: 'train',
      call: 'the loop’s own variables',
    },
    keyword,
    field,
  );

/** A duration or a rate that the training loop times. */
export const timed = (keyword: string, field: Update): Measured =>
  learned(
    {
      origin: 'Timed by the training loop around each batch',
      file: 'src/workloads/ppo/train.ts',
      symbol: 'train',
      call: 'performance.now()',
    },
    keyword,
    field,
  );

/** Counted as the environments' episodes end. */
export const episodes = (property: string, keyword: string, field: Update): Measured =>
  learned(
    {
      origin: 'Counted as the environments’ episodes end',
      file: 'src/workloads/ppo/episode-statistics.ts',
      symbol: `EpisodeStatistics.${property}`,
      call: `EpisodeStatistics.${property}`,
    },
    keyword,
    field,
  );

/** A fact that the start, or the end, of training brings. */
export const lifecycle = (
  moment: 'starts' | 'ends',
  call: string,
  also: readonly Source[],
  transport: Transport,
): Measured => ({
  source: {
    origin: `Reported once, when training ${moment}`,
    file: 'src/workloads/ppo/train.ts',
    symbol: 'train',
    call,
  },
  also,
  transport,
  needs: [],
  tests: ['src/workloads/ppo/train.test.ts#a run starts, updates, saves and completes'],
});

/** What a Python loop reports at its start. */
export const pythonStart = (keyword: string): Source =>
  python('opening', 'start', `esper.start(${keyword}=…)`, 'Reported once, when training starts');

/** What a Python loop reports of the error that ends it. */
export const pythonFailure = (field: PathOf<Payload<'TRAINING_FAILED'>>): Measured => ({
  source: python('run', 'Run.fail', 'run.fail(error)', 'Reported once, where training fails'),
  also: [],
  transport: { event: 'TRAINING_FAILED', fields: [field] },
  needs: [],
  tests: [],
});

/** What a Python loop that is not PPO reports once a step. */
export const pythonStep = (keyword: string, field: PathOf<Payload<'STEP_COMPLETED'>>): Measured => ({
  source: python('run', 'Run.step', `run.step(${keyword}=…)`, 'Reported by the training loop, once a step'),
  also: [],
  transport: { event: 'STEP_COMPLETED', fields: [field] },
  needs: [],
  tests: [],
});

/** What stands in the envelope of every event. */
export const envelope = (call: string, transport: Transport, tests: readonly string[]): Measured => ({
  source: {
    origin: 'The envelope of every event',
    file: 'src/emit/emitter.ts',
    symbol: 'Emitter.emit',
    call,
  },
  also: [],
  transport,
  needs: [],
  tests,
});
