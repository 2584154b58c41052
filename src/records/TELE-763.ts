import type { TelemetryRecord } from './record.ts';

export const TELE_763 = {
  id: 'TELE-763',
  figure: 'headroomAtBestBytes',
  name: 'Memory Headroom at Best',
  label: 'headroom at best',
  summary:
    'What was left of the budget at the peak, if every stranded piece can be used; the higher of the two figures.',
  priority: 'P2-useful',
  purpose: {
    question: 'How much more may it need at best?',
    who: ['developer', 'automation'],
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
    formula: 'headroomAtBestBytes = budgetBytes − peakBytes',
    text: 'The hopeful figure, and the only one where the allocator does not tell what is stranded; it is then shown with ≤.',
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
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].peakActiveBytes'] },
  schema: {
    type: 'MemoryPressure',
    constituents: ['devices[].pressure.budgetBytes'],
    reducer: { file: 'src/reduce/pressure.ts', symbol: 'pressureOf' },
  },
  path: 'devices[].pressure.headroomAtBestBytes',
  example: 2.25 * 1024 ** 3,
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/present/status-line.ts',
      symbol: 'headroomFigure',
      form: '–2.25 GiB',
      usage: 'After the pressure',
    },
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'pressureRow',
      form: '–2.25 GiB',
      usage: 'Beside the pressure',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: '–2.25 GiB',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: '–2.25 GiB',
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
    ],
    downstream: [{ type: 'human', on: 'Developer', notes: 'How much more may it need at best?' }],
  },
  history: [{ date: '2026-11-24', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
