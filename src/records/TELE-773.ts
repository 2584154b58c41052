import type { TelemetryRecord } from './record.ts';

export const TELE_773 = {
  id: 'TELE-773',
  figure: 'cudaMemoryPeakGb',
  name: 'GPU Memory Peak',
  label: 'peak',
  summary:
    'Most memory that tensors held at one time, since the run began or, where it says so, since the last update.',
  priority: 'P1-important',
  purpose: {
    question: 'How close did it come?',
    who: ['operator', 'developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'GB (bytes / 1024³)',
    range: [0, null],
    precision: 'GiB, about three digits',
    default: null,
  },
  meaning: {
    formula: 'cudaMemoryPeakGb = peakAllocatedBytes / 1024³',
    text: 'The allocator’s `allocated_bytes.all.peak`. Its scope depends on who resets it: “run” where nobody does, an upper bound for each update.',
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
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].peakAllocatedBytes'] },
  schema: {
    type: 'InfrastructureMetrics',
    constituents: [],
    reducer: { file: 'src/reduce/memory.ts', symbol: 'infrastructureOf' },
  },
  path: 'tamiyo.infrastructure.cudaMemoryPeakGb',
  example: 5.25,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'counters',
      form: 'peak 5.25 GiB',
      usage: 'Among the counters',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'peak 5.25 GiB',
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
      file: 'src/reduce/reduce.test.ts',
      name: 'a missing reading is a gap in the history, never a zero',
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
    downstream: [{ type: 'human', on: 'Training operator', notes: 'How close did it come?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
