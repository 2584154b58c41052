import type { TelemetryRecord } from './record.ts';

export const TELE_791 = {
  id: 'TELE-791',
  figure: 'phaseAfterBytes',
  name: 'Phase Memory After',
  label: 'after the phase',
  summary:
    'Memory that tensors held when the phase had ended, in its newest round; unknown while that goes on.',
  priority: 'P2-useful',
  purpose: {
    question: 'What does a phase leave behind?',
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
    text: 'What tensors held when the newest round of the phase had ended: the reading of the edge `after`, or of no told edge. The screen shows none where the phase has begun again since.',
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
  path: 'ranks[].phases[].after.allocatedBytes',
  example: 4.75 * 1024 ** 3,
  consumers: [
    {
      widget: 'PhasePanel',
      file: 'src/sanctum/PhasePanel.ts',
      symbol: 'table',
      form: '→ 4.75 GiB',
      usage: 'Behind the arrow',
    },
    {
      widget: 'Overwatch phases',
      file: 'src/web/Phases.tsx',
      symbol: 'Phases',
      form: '→ 4.75 GiB',
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
      { type: 'human', on: 'Developer', notes: 'What does a phase leave behind?' },
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
