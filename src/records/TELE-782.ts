import type { TelemetryRecord } from './record.ts';

export const TELE_782 = {
  id: 'TELE-782',
  figure: 'strandedBytes',
  name: 'Ledger: Stranded',
  label: 'stranded',
  summary:
    'Free pieces of partly used segments: neither large enough nor releasable. The true sign of fragmentation.',
  priority: 'P1-important',
  purpose: { question: 'Is the memory fragmented?', who: ['developer'], when: ['real-time', 'post-hoc'] },
  specification: { type: 'integer', units: 'bytes', range: [0, null], precision: 'GiB', default: null },
  meaning: {
    formula: null,
    text: 'The allocator’s `inactive_split_bytes.all.current`; null under expandable segments, which do not have it.',
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
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].inactiveSplitBytes'] },
  schema: { type: 'Ledger', constituents: [], reducer: { file: 'src/reduce/ledger.ts', symbol: 'ledgerOf' } },
  path: 'devices[].ledger.strandedBytes',
  example: 268435456,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/ledger-bar.ts',
      symbol: 'ledgerLegend',
      form: 'stranded 0.3',
      usage: 'Part of the bar',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'stranded 0.3',
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
      { type: 'record', on: 'TELE-762', notes: 'Memory Headroom' },
      { type: 'record', on: 'TELE-781', notes: 'Ledger: Cache' },
      { type: 'human', on: 'Developer', notes: 'Is the memory fragmented?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
