import type { TelemetryRecord } from './record.ts';

export const TELE_774 = {
  id: 'TELE-774',
  figure: 'cudaMemoryFragmentation',
  name: 'GPU Memory Fragmentation',
  label: 'fragmentation',
  summary: 'Unused share of the reserved memory. A cache, usually reusable, and no risk by itself.',
  priority: 'P2-useful',
  purpose: {
    question: 'How much of the reserved memory lies idle?',
    who: ['developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'fraction (0–1)',
    range: [0, 1],
    precision: 'two decimals',
    default: null,
  },
  meaning: {
    formula: 'cudaMemoryFragmentation = 1 − cudaMemoryAllocatedGb / cudaMemoryReservedGb',
    text: 'The share of the pool that no tensor holds. Most of it is cache that the next allocation reuses; the true sign of fragmentation is stranded memory (TELE-782).',
  },
  thresholds: {
    warning: { above: 0.3 },
    critical: null,
    meaning: {
      healthy: 'Little of the pool lies idle',
      warning: 'Where it lasts, the advice below applies; no risk by itself',
    },
    judgedAt: null,
    widget: null,
    styles: {},
    examples: [
      [0.3, 'healthy', null],
      [0.301, 'warning', null],
    ],
  },
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
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].allocatedBytes', 'memory[].reservedBytes'] },
  schema: {
    type: 'InfrastructureMetrics',
    constituents: [
      'tamiyo.infrastructure.cudaMemoryAllocatedGb',
      'tamiyo.infrastructure.cudaMemoryReservedGb',
    ],
    reducer: { file: 'src/reduce/memory.ts', symbol: 'infrastructureOf' },
  },
  path: 'tamiyo.infrastructure.cudaMemoryFragmentation',
  example: 0.55,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'poolRow',
      form: 'fragmentation 0.55',
      usage: 'Beside the pool’s use',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'fragmentation 0.55',
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
      { type: 'record', on: 'TELE-771', notes: 'The numerator' },
      { type: 'record', on: 'TELE-772', notes: 'The denominator' },
    ],
    downstream: [{ type: 'human', on: 'Developer', notes: 'How much of the reserved memory lies idle?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [
    [
      'The same ratio, read backwards',
      'TELE-770 calls this ratio “too full” where this one calls it “too fragmented”; neither alone is a risk of running out of memory, and neither this figure nor its level is part of the alarm.',
    ],
    ['Advice', 'Above 0.3 for long: consider activation checkpointing or smaller batches.'],
  ],
} as const satisfies TelemetryRecord;
