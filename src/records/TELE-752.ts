import type { TelemetryRecord } from './record.ts';

export const TELE_752 = {
  id: 'TELE-752',
  figure: 'deviceAllocs',
  name: 'Device Allocations',
  label: 'device allocs',
  summary: 'Times the allocator had to ask the device, because its cache had nothing that fits.',
  priority: 'P2-useful',
  purpose: { question: 'Does the pool still grow?', who: ['developer'], when: ['real-time', 'post-hoc'] },
  specification: { type: 'integer', units: 'count', range: [0, null], precision: 'whole', default: null },
  meaning: {
    formula: 'deviceAllocs = sum of growth between readings',
    text: '`num_device_alloc`, summed over this log. A steady training stops asking after its first updates.',
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
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].deviceAllocs'] },
  schema: {
    type: 'DeviceState',
    constituents: [],
    reducer: { file: 'src/reduce/memory.ts', symbol: 'count' },
  },
  path: 'devices[].deviceAllocs',
  example: 14,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'counters',
      form: 'device allocs 14',
      usage: 'Among the counters',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'device allocs 14',
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
      name: 'grow by their difference; a fall is a reset, never negative; a gap keeps the sum',
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
    downstream: [{ type: 'human', on: 'Developer', notes: 'Does the pool still grow?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
