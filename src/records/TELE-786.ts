import type { TelemetryRecord } from './record.ts';

export const TELE_786 = {
  id: 'TELE-786',
  figure: 'freeBytes',
  name: 'Ledger: Free',
  label: 'free',
  summary: 'Free on the device, for anyone.',
  priority: 'P1-important',
  purpose: {
    question: 'How much is left?',
    who: ['operator', 'developer', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'bytes', range: [0, null], precision: 'GiB', default: null },
  meaning: {
    formula: 'freeBytes = totalBytes − usedBytes',
    text: 'What the device would still give to anyone who asks; the allocator’s own cache comes on top.',
  },
  thresholds: null,
  source: {
    origin: 'The device’s own count of free bytes, read with the allocator’s counters in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.collectInfrastructureMetrics',
    call: 'TrainingDevice.read()',
  },
  alsoFrom: [
    {
      origin: 'The real device, by the Python client',
      file: 'python/esper_telemetry/memory.py',
      symbol: 'Device._read_free',
      call: 'torch.cuda.mem_get_info(device)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].deviceFreeBytes'] },
  schema: {
    type: 'Ledger',
    constituents: ['devices[].totalBytes', 'devices[].usedBytes'],
    reducer: { file: 'src/reduce/ledger.ts', symbol: 'ledgerOf' },
  },
  path: 'devices[].ledger.freeBytes',
  example: 4294967296,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/ledger-bar.ts',
      symbol: 'ledgerLegend',
      form: 'free 4.0',
      usage: 'Last part of the bar',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'free 4.0',
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
      { type: 'record', on: 'TELE-731', notes: 'The whole' },
    ],
    downstream: [{ type: 'human', on: 'Training operator', notes: 'How much is left?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
