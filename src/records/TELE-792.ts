import type { TelemetryRecord } from './record.ts';

export const TELE_792 = {
  id: 'TELE-792',
  figure: 'phaseLargestBytes',
  name: 'Phase Memory Largest',
  label: 'largest',
  summary: 'Most memory that tensors held at any edge of the phase so far.',
  priority: 'P2-useful',
  purpose: {
    question: 'Does a phase need more from round to round?',
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
    formula: 'phaseLargestBytes = max(allocatedBytes of all readings of the phase)',
    text: 'The largest reading at either edge, over all rounds. It is no peak: what came and went between the edges is not in it.',
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
    constituents: ['ranks[].phases[].before.allocatedBytes', 'ranks[].phases[].after.allocatedBytes'],
    reducer: { file: 'src/reduce/memory-sampled.ts', symbol: 'phaseAfter' },
  },
  path: 'ranks[].phases[].largestAllocatedBytes',
  example: 4.75 * 1024 ** 3,
  consumers: [
    {
      widget: 'PhasePanel',
      file: 'src/sanctum/PhasePanel.ts',
      symbol: 'table',
      form: 'largest 4.75',
      usage: 'Where the panel is wide enough',
    },
    {
      widget: 'Overwatch phases',
      file: 'src/web/Phases.tsx',
      symbol: 'Phases',
      form: '4.75 GiB 4.75',
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
      { type: 'record', on: 'TELE-790', notes: 'One edge' },
      { type: 'record', on: 'TELE-791', notes: 'The other' },
    ],
    downstream: [{ type: 'human', on: 'Developer', notes: 'Does a phase need more from round to round?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [
    [
      'Also from logs',
      'A log that another trainer wrote (`esper watch`) fills the same fields from what its workers print.',
    ],
  ],
} as const satisfies TelemetryRecord;
