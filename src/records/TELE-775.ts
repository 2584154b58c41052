import type { TelemetryRecord } from './record.ts';

export const TELE_775 = {
  id: 'TELE-775',
  figure: 'contradiction',
  name: 'Contradiction',
  label: 'figures disagree',
  summary: 'The figures cannot all be true; says which.',
  priority: 'P1-important',
  purpose: {
    question: 'Can I trust the memory figures?',
    who: ['operator', 'developer', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'text', units: 'a sentence', range: null, precision: 'bold red', default: null },
  meaning: {
    formula: 'allocated > reserved, or reserved > device total',
    text: 'Allocated above reserved, or reserved above the device’s total, as tagged pools and mixed sources produce. The values are kept as they came, flagged, never clamped; the status shows a warning.',
  },
  thresholds: null,
  source: {
    origin: 'The allocator’s counters, read once per device in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.collectInfrastructureMetrics',
    call: 'TrainingDevice.read()',
  },

  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].allocatedBytes', 'memory[].reservedBytes'] },
  schema: {
    type: 'InfrastructureMetrics',
    constituents: [
      'tamiyo.infrastructure.cudaMemoryAllocatedGb',
      'tamiyo.infrastructure.cudaMemoryReservedGb',
    ],
    reducer: { file: 'src/reduce/memory.ts', symbol: 'infrastructureOf' },
  },
  path: 'tamiyo.infrastructure.contradiction',
  example: 'allocated 11.00 GiB exceeds reserved 10.00 GiB',
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'memoryRows',
      form: 'figures disagree: allocated 11.00 GiB exceeds reserved 10.00 GiB',
      usage: 'Above the pool’s row',
    },
    {
      widget: 'StatusBanner',
      file: 'src/sanctum/StatusBanner.ts',
      symbol: 'reason',
      form: 'allocated 11.00 GiB exceeds reserved 10.00 GiB',
      usage: 'The reason of the status',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'figures disagree: allocated 11.00 GiB exceeds reserved 10.00 GiB',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: 'allocated 11.00 GiB exceeds reserved 10.00 GiB',
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
      name: 'keeps and flags what cannot be true',
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
      { type: 'record', on: 'TELE-731', notes: 'Reserved may not exceed it' },
      { type: 'record', on: 'TELE-771', notes: 'May not exceed TELE-772' },
      { type: 'record', on: 'TELE-772', notes: 'May not exceed TELE-731' },
    ],
    downstream: [
      { type: 'record', on: 'TELE-030', notes: 'Overall Status' },
      { type: 'human', on: 'Training operator', notes: 'Can I trust the memory figures?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
