import type { TelemetryRecord } from './record.ts';

export const TELE_754 = {
  id: 'TELE-754',
  figure: 'atTheWall',
  name: 'At the Wall',
  label: 'at the wall',
  summary: 'Memory was refused since the previous update: this is the limit, now.',
  priority: 'P0-critical',
  purpose: {
    question: 'Is it at the limit right now?',
    who: ['operator', 'developer', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'boolean',
    units: 'none',
    range: null,
    precision: 'a bold red line',
    default: false,
  },
  meaning: {
    formula: 'atTheWall = Δ allocRetries > 0 or Δ ooms > 0',
    text: 'A retry or an out-of-memory since the previous reading of the device. The one sign of pressure that needs no threshold.',
  },
  thresholds: null,
  source: {
    origin: 'The allocator’s counters, read once per device in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.collectInfrastructureMetrics',
    call: 'TrainingDevice.read()',
  },

  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].allocRetries', 'memory[].ooms'] },
  schema: {
    type: 'DeviceState',
    constituents: ['devices[].allocRetries', 'devices[].ooms'],
    reducer: { file: 'src/reduce/memory.ts', symbol: 'count' },
  },
  path: 'devices[].atTheWall',
  example: true,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'memoryRows',
      form: 'at the wall: memory was refused since the last update',
      usage: 'Above the pool’s row',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'at the wall: memory was refused since the last update',
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
      name: 'a refused allocation is critical at once, and until a minute without one',
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
      { type: 'record', on: 'TELE-750', notes: 'Its growth' },
      { type: 'record', on: 'TELE-751', notes: 'Its growth' },
    ],
    downstream: [
      { type: 'record', on: 'TELE-741', notes: 'Devices in Alarm' },
      { type: 'human', on: 'Training operator', notes: 'Is it at the limit right now?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
