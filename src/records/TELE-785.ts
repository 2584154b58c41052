import type { TelemetryRecord } from './record.ts';

export const TELE_785 = {
  id: 'TELE-785',
  figure: 'otherBytes',
  name: 'Ledger: Other',
  label: 'other',
  summary:
    'Used on the device outside this process’s allocator: its context and its neighbours, where nobody can tell them apart.',
  priority: 'P1-important',
  purpose: {
    question: 'What fills the device beside my tensors?',
    who: ['operator', 'developer'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'bytes', range: [0, null], precision: 'GiB', default: null },
  meaning: {
    formula: 'otherBytes = usedBytes − reservedBytes',
    text: 'Used on the device less what this process’ allocator has reserved. Shown where the driver does not tell processes apart.',
  },
  thresholds: null,
  source: {
    origin: 'The device’s own count of free bytes, read with the allocator’s counters in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.collectInfrastructureMetrics',
    call: 'TrainingDevice.read()',
  },

  transport: {
    event: 'PPO_UPDATE_COMPLETED',
    fields: ['memory[].deviceFreeBytes', 'memory[].deviceTotalBytes', 'memory[].reservedBytes'],
  },
  schema: {
    type: 'Ledger',
    constituents: ['devices[].usedBytes'],
    reducer: { file: 'src/reduce/ledger.ts', symbol: 'ledgerOf' },
  },
  path: 'devices[].ledger.otherBytes',
  example: 2147483648,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/ledger-bar.ts',
      symbol: 'ledgerLegend',
      form: 'other 2.0',
      usage: 'Part of the bar, where context and neighbours are unknown',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'other 2.0',
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
      { type: 'library', on: 'torch.cuda.mem_get_info', notes: 'One call for free and total' },
      { type: 'hardware', on: 'CUDA device', notes: 'Real or simulated; without one nothing is measured' },
      { type: 'record', on: 'TELE-772', notes: 'Taken off' },
    ],
    downstream: [
      { type: 'record', on: 'TELE-784', notes: 'Ledger: Neighbours' },
      { type: 'human', on: 'Training operator', notes: 'What fills the device beside my tensors?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
