import type { TelemetryRecord } from './record.ts';

export const TELE_772 = {
  id: 'TELE-772',
  figure: 'cudaMemoryReservedGb',
  name: 'GPU Memory Reserved',
  label: 'allocated (of)',
  summary: 'GPU memory that the caching allocator has taken from the device.',
  priority: 'P1-important',
  purpose: {
    question: 'How much GPU memory does the allocator keep?',
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
    formula: 'cudaMemoryReservedGb = reservedBytes / 1024³',
    text: 'The allocator’s `reserved_bytes.all.current`: what tensors hold and what it keeps for reuse.',
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
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].reservedBytes'] },
  schema: {
    type: 'InfrastructureMetrics',
    constituents: [],
    reducer: { file: 'src/reduce/memory.ts', symbol: 'infrastructureOf' },
  },
  path: 'tamiyo.infrastructure.cudaMemoryReservedGb',
  example: 10,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'poolRow',
      form: '4.50 of 10.0 GiB allocated',
      usage: 'After “of”',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'allocated 4.50 of 10.0 GiB',
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
    downstream: [
      { type: 'record', on: 'TELE-774', notes: 'GPU Memory Fragmentation' },
      { type: 'record', on: 'TELE-775', notes: 'Contradiction' },
      { type: 'record', on: 'TELE-781', notes: 'Ledger: Cache' },
      { type: 'record', on: 'TELE-783', notes: 'Ledger: Context' },
      { type: 'record', on: 'TELE-785', notes: 'Ledger: Other' },
      { type: 'record', on: 'TELE-770', notes: 'GPU Memory Usage Percentage' },
      { type: 'human', on: 'Training operator', notes: 'How much GPU memory does the allocator keep?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
