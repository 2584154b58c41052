import type { TelemetryRecord } from './record.ts';

export const TELE_771 = {
  id: 'TELE-771',
  figure: 'cudaMemoryAllocatedGb',
  name: 'GPU Memory Allocated',
  label: 'allocated',
  summary: 'GPU memory held by tensors.',
  priority: 'P1-important',
  purpose: {
    question: 'How much GPU memory do tensors hold?',
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
    formula: 'cudaMemoryAllocatedGb = allocatedBytes / 1024³',
    text: 'The allocator’s `allocated_bytes.all.current`. Named Gb as in the original record of TELE-770; it is GiB.',
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
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].allocatedBytes'] },
  schema: {
    type: 'InfrastructureMetrics',
    constituents: [],
    reducer: { file: 'src/reduce/memory.ts', symbol: 'infrastructureOf' },
  },
  path: 'tamiyo.infrastructure.cudaMemoryAllocatedGb',
  example: 4.5,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'poolRow',
      form: '4.50 of 10.0 GiB allocated',
      usage: 'Beside the pool’s use',
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
      { type: 'record', on: 'TELE-770', notes: 'GPU Memory Usage Percentage' },
      { type: 'human', on: 'Training operator', notes: 'How much GPU memory do tensors hold?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
