import type { TelemetryRecord } from './record.ts';

export const TELE_781 = {
  id: 'TELE-781',
  figure: 'cacheBytes',
  name: 'Ledger: Cache',
  label: 'cache',
  summary: 'Reserved and unused: the allocator can reuse it or give it back.',
  priority: 'P1-important',
  purpose: { question: 'How much could be given back?', who: ['developer'], when: ['real-time', 'post-hoc'] },
  specification: { type: 'integer', units: 'bytes', range: [0, null], precision: 'GiB', default: null },
  meaning: {
    formula: 'cacheBytes = reservedBytes − activeBytes − inactiveSplitBytes',
    text: 'What is reserved and neither active nor stranded.',
  },
  thresholds: null,
  source: {
    origin: 'The allocator’s counters, read once per device in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.collectInfrastructureMetrics',
    call: 'TrainingDevice.read()',
  },

  transport: {
    event: 'PPO_UPDATE_COMPLETED',
    fields: ['memory[].reservedBytes', 'memory[].activeBytes', 'memory[].inactiveSplitBytes'],
  },
  schema: {
    type: 'Ledger',
    constituents: ['devices[].ledger.activeBytes', 'devices[].ledger.strandedBytes'],
    reducer: { file: 'src/reduce/ledger.ts', symbol: 'ledgerOf' },
  },
  path: 'devices[].ledger.cacheBytes',
  example: 5368709120,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/ledger-bar.ts',
      symbol: 'ledgerLegend',
      form: 'cache 5.0',
      usage: 'Part of the bar',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'cache 5.0',
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
      { type: 'record', on: 'TELE-772', notes: 'The whole' },
      { type: 'record', on: 'TELE-780', notes: 'Taken off' },
      { type: 'record', on: 'TELE-782', notes: 'Taken off' },
    ],
    downstream: [{ type: 'human', on: 'Developer', notes: 'How much could be given back?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
