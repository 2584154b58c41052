import type { TelemetryRecord } from './record.ts';

export const TELE_753 = {
  id: 'TELE-753',
  figure: 'syncAllStreams',
  name: 'Stream Synchronisations',
  label: 'stream syncs',
  summary:
    'Times the allocator waited for all streams of the device, as it does before it gives memory back.',
  priority: 'P2-useful',
  purpose: {
    question: 'Does the allocator wait for the device?',
    who: ['developer'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'count', range: [0, null], precision: 'whole', default: null },
  meaning: {
    formula: 'syncAllStreams = sum of growth between readings',
    text: '`num_sync_all_streams`, summed over this log.',
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
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].syncAllStreams'] },
  schema: {
    type: 'DeviceState',
    constituents: [],
    reducer: { file: 'src/reduce/memory.ts', symbol: 'count' },
  },
  path: 'devices[].syncAllStreams',
  example: 2,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'counters',
      form: 'stream syncs 2',
      usage: 'Among the counters, where torch tells it',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'stream syncs 2',
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
    downstream: [{ type: 'human', on: 'Developer', notes: 'Does the allocator wait for the device?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
