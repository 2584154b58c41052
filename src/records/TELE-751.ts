import type { TelemetryRecord } from './record.ts';

export const TELE_751 = {
  id: 'TELE-751',
  figure: 'ooms',
  name: 'Out-of-Memory Errors',
  label: 'OOMs',
  summary: 'Times memory was refused even after the cache was flushed: out of memory.',
  priority: 'P0-critical',
  purpose: {
    question: 'Has it run out of memory?',
    who: ['operator', 'developer', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'integer',
    units: 'count',
    range: [0, null],
    precision: 'whole; bold red above 0',
    default: null,
  },
  meaning: {
    formula: 'ooms = sum of growth between readings',
    text: 'The allocator’s `num_ooms`, summed over this log. A program may catch the error and go on.',
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
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].ooms'] },
  schema: {
    type: 'DeviceState',
    constituents: [],
    reducer: { file: 'src/reduce/memory.ts', symbol: 'count' },
  },
  path: 'devices[].ooms',
  example: 1,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'counters',
      form: 'OOMs 1',
      usage: 'Among the counters',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'OOMs 1',
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
    downstream: [
      { type: 'record', on: 'TELE-798', notes: 'Updates at the Wall' },
      { type: 'record', on: 'TELE-754', notes: 'At the Wall' },
      { type: 'human', on: 'Training operator', notes: 'Has it run out of memory?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
