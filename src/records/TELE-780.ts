import type { TelemetryRecord } from './record.ts';

export const TELE_780 = {
  id: 'TELE-780',
  figure: 'activeBytes',
  name: 'Ledger: Active',
  label: 'active',
  summary: 'Held by tensors, or freed and still awaited by a stream.',
  priority: 'P1-important',
  purpose: {
    question: 'What of the device does the training hold?',
    who: ['operator', 'developer'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'bytes', range: [0, null], precision: 'GiB', default: null },
  meaning: {
    formula: null,
    text: 'The allocator’s `active_bytes.all.current`; allocated where torch does not tell it.',
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
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].activeBytes'] },
  schema: { type: 'Ledger', constituents: [], reducer: { file: 'src/reduce/ledger.ts', symbol: 'ledgerOf' } },
  path: 'devices[].ledger.activeBytes',
  example: 5100273664,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/ledger-bar.ts',
      symbol: 'ledgerLegend',
      form: 'active 4.8',
      usage: 'First part of the bar',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'active 4.8',
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
      name: 'adds up: active, cache, stranded, other and free make the total',
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
      { type: 'record', on: 'TELE-781', notes: 'Ledger: Cache' },
      { type: 'human', on: 'Training operator', notes: 'What of the device does the training hold?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
