import type { TelemetryRecord } from './record.ts';

export const TELE_793 = {
  id: 'TELE-793',
  figure: 'phaseReservedBytes',
  name: 'Phase Memory Reserved',
  label: 'reserved',
  summary: 'Memory that the allocator had reserved at the newest edge of the phase.',
  priority: 'P2-useful',
  purpose: {
    question: 'What does the allocator keep after a phase?',
    who: ['developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'integer',
    units: 'bytes',
    range: [0, null],
    precision: 'GiB, about three digits; never more digits than a watched log printed',
    default: null,
  },
  meaning: {
    formula: null,
    text: 'What the caching allocator had reserved at the newest edge; the path is that of the edge `after`.',
  },
  thresholds: null,
  source: {
    origin: 'The real allocator, by the Python client, where the loop tells of a phase’s edge',
    file: 'python/esper_telemetry/run.py',
    symbol: 'Run.memory',
    call: "run.memory('update', when='after')",
  },
  transport: { event: 'MEMORY_SAMPLED', fields: ['memory[].reservedBytes'] },
  schema: {
    type: 'PhaseMemory',
    constituents: [],
    reducer: { file: 'src/reduce/memory-sampled.ts', symbol: 'phaseAfter' },
  },
  path: 'ranks[].phases[].after.reservedBytes',
  example: 9 * 1024 ** 3,
  consumers: [
    {
      widget: 'PhasePanel',
      file: 'src/sanctum/PhasePanel.ts',
      symbol: 'table',
      form: 'reserved 9.00',
      usage: 'Where the panel is wide enough',
    },
    {
      widget: 'Overwatch phases',
      file: 'src/web/Phases.tsx',
      symbol: 'Phases',
      form: '4.75 9.00',
      usage: 'In the browser, under its heading',
    },
  ],
  tests: [
    {
      kind: 'unit (reducer)',
      file: 'src/reduce/memory-sampled.test.ts',
      name: 'is kept by phase, worker and device, the newest of each edge, with the largest seen',
    },
    {
      kind: 'unit (display)',
      file: 'src/sanctum/PhasePanel.test.ts',
      name: 'a row a phase and worker, the newest first, as exact as its source',
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
    downstream: [{ type: 'human', on: 'Developer', notes: 'What does the allocator keep after a phase?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [
    [
      'Also from logs',
      'A log that another trainer wrote (`esper watch`) fills the same fields from what its workers print.',
    ],
  ],
} as const satisfies TelemetryRecord;
