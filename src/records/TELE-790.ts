import type { TelemetryRecord } from './record.ts';

export const TELE_790 = {
  id: 'TELE-790',
  figure: 'phaseBeforeBytes',
  name: 'Phase Memory Before',
  label: 'before the phase',
  summary: 'Memory that tensors held when the phase began, in its newest round.',
  priority: 'P2-useful',
  purpose: {
    question: 'What does a phase begin with?',
    who: ['developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'integer',
    units: 'bytes',
    range: [0, null],
    precision: 'GiB, hundredths; never more digits than a watched log printed',
    default: null,
  },
  meaning: {
    formula: null,
    text: 'What tensors held when the newest round of the phase began: the reading of the edge `before`.',
  },
  thresholds: null,
  source: {
    origin: 'The real allocator, by the Python client, where the loop tells of a phase’s edge',
    file: 'python/esper_telemetry/run.py',
    symbol: 'Run.memory',
    call: "run.memory('update', when='after')",
  },
  transport: { event: 'MEMORY_SAMPLED', fields: ['memory[].allocatedBytes'] },
  schema: {
    type: 'PhaseMemory',
    constituents: [],
    reducer: { file: 'src/reduce/memory-sampled.ts', symbol: 'phaseAfter' },
  },
  path: 'ranks[].phases[].before.allocatedBytes',
  example: 4.25 * 1024 ** 3,
  consumers: [
    {
      widget: 'PhasePanel',
      file: 'src/sanctum/PhasePanel.ts',
      symbol: 'table',
      form: '4.25 →',
      usage: 'In front of the arrow',
    },
    {
      widget: 'Overwatch phases',
      file: 'src/web/Phases.tsx',
      symbol: 'Phases',
      form: '4.25 →',
      usage: 'The same in the browser',
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
    downstream: [
      { type: 'record', on: 'TELE-792', notes: 'Phase Memory Largest' },
      { type: 'human', on: 'Developer', notes: 'What does a phase begin with?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [
    [
      'Also from logs',
      'A log that another trainer wrote (`esper watch`) fills the same fields from what its workers print.',
    ],
  ],
} as const satisfies TelemetryRecord;
