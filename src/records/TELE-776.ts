import type { TelemetryRecord } from './record.ts';

export const TELE_776 = {
  id: 'TELE-776',
  figure: 'peakReservedBytes',
  name: 'GPU Memory Peak Reserved',
  label: 'peak reserved',
  summary:
    'Most memory that the allocator had reserved at one time, since the run began or, where it says so, since the last update.',
  priority: 'P1-important',
  purpose: {
    question: 'How much of the device did the allocator take?',
    who: ['operator', 'developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'integer',
    units: 'bytes',
    range: [0, null],
    precision: 'GiB, about three digits',
    default: null,
  },
  meaning: {
    formula: null,
    text: 'The allocator’s `reserved_bytes.all.peak`. It has the scope of the peak of tensors. Some trainers print this figure only: it then stands where that peak would.',
  },
  thresholds: null,
  source: {
    origin: 'The allocator’s counters, read once per device in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.collectInfrastructureMetrics',
    call: 'TrainingDevice.read()',
  },
  alsoFrom: [
    {
      origin: 'The real allocator, by the Python client',
      file: 'python/esper_telemetry/memory.py',
      symbol: 'Device._read',
      call: 'torch.cuda.memory_stats_as_nested_dict(device)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].peakReservedBytes'] },
  schema: {
    type: 'DeviceMemory',
    file: 'src/contract/memory.ts',
    constituents: [],
    reducer: { file: 'src/reduce/memory.ts', symbol: 'deviceMemory' },
  },
  path: 'devices[].reading.peakReservedBytes',
  example: 10 * 1024 ** 3,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'counters',
      form: 'peak reserved 10.0 GiB',
      usage: 'Among the counters; in the place of the peak where that is not known',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'peak reserved 10.0 GiB',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    {
      kind: 'unit (emitter)',
      file: 'src/workloads/ppo/agent.test.ts',
      name: 'every update reads the device’s memory, at its end and before the rollout is freed',
    },
    {
      kind: 'unit (reducer)',
      file: 'src/reduce/memory-sampled.test.ts',
      name: 'a peak of a step is no current value, and makes no percentage',
    },
    {
      kind: 'unit (display)',
      file: 'src/sanctum/MemoryPanel.test.ts',
      name: 'a peak of reserved memory stands for the peak where it is all there is',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [
      {
        type: 'library',
        on: 'torch.cuda.memory_stats_as_nested_dict',
        notes: 'One call for every figure of the allocator',
      },
      { type: 'hardware', on: 'CUDA device', notes: 'Real or simulated; without one nothing is measured' },
    ],
    downstream: [
      { type: 'human', on: 'Training operator', notes: 'How much of the device did the allocator take?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
