import type { TelemetryRecord } from './record.ts';

export const TELE_762 = {
  id: 'TELE-762',
  figure: 'headroomBytes',
  name: 'Memory Headroom',
  label: 'headroom',
  summary:
    'What was left of the budget at the peak, stranded pieces counted as lost; the lower of the two figures. ≥ tells that the peak is that of the whole run.',
  priority: 'P1-important',
  purpose: {
    question: 'How much more may it need?',
    who: ['operator', 'developer', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'integer',
    units: 'bytes',
    range: [null, null],
    precision: 'GiB, about three digits',
    default: null,
  },
  meaning: {
    formula: 'headroomBytes = budgetBytes − peakBytes − inactiveSplitBytes',
    text: 'The cautious figure: no stranded piece can be used. Null where the allocator does not tell what is stranded (expandable segments), and below 0 where the peak would not fit any more.',
  },
  thresholds: null,
  source: {
    origin: 'The allocator’s counters and the device’s free bytes, read once per device in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.collectInfrastructureMetrics',
    call: 'TrainingDevice.read()',
  },
  alsoFrom: [
    {
      origin: 'The real allocator and device, by the Python client',
      file: 'python/esper_telemetry/memory.py',
      symbol: 'Device._read',
      call: 'torch.cuda.memory_stats_as_nested_dict(device)',
    },
  ],
  transport: {
    event: 'PPO_UPDATE_COMPLETED',
    fields: ['memory[].inactiveSplitBytes', 'memory[].peakActiveBytes'],
  },
  schema: {
    type: 'MemoryPressure',
    constituents: ['devices[].pressure.budgetBytes', 'devices[].ledger.strandedBytes'],
    reducer: { file: 'src/reduce/pressure.ts', symbol: 'pressureOf' },
  },
  path: 'devices[].pressure.headroomBytes',
  example: 2 * 1024 ** 3,
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/present/status-line.ts',
      symbol: 'headroomFigure',
      form: 'headroom 2.00–',
      usage: 'After the pressure',
    },
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'pressureRow',
      form: 'headroom 2.00–',
      usage: 'Beside the pressure',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: 'headroom 2.00–',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'headroom 2.00–',
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
      file: 'src/reduce/pressure.test.ts',
      name: 'headroom lies between all stranded pieces lost and all used',
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
      { type: 'library', on: 'torch.cuda.mem_get_info', notes: 'One call for free and total' },
      { type: 'hardware', on: 'CUDA device', notes: 'Real or simulated; without one nothing is measured' },
      { type: 'record', on: 'TELE-761', notes: 'What there is to have' },
      { type: 'record', on: 'TELE-782', notes: 'What cannot be used' },
    ],
    downstream: [{ type: 'human', on: 'Training operator', notes: 'How much more may it need?' }],
  },
  history: [{ date: '2026-11-24', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
