import type { TelemetryRecord } from './record.ts';

export const TELE_011 = {
  id: 'TELE-011',
  figure: 'maxBatches',
  name: 'Planned Batches',
  label: 'Batch (of)',
  summary: 'Updates that the run is to make in all, after the slash; left out where nobody said.',
  priority: 'P2-useful',
  purpose: {
    question: 'When will the training be over?',
    who: ['operator', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'count', range: [1, null], precision: 'whole', default: null },
  meaning: {
    formula: null,
    text: 'What the trainer was told to do: `esper ppo --episodes N`, or `max_batches` of the Python client. A resumed run tells its new goal.',
  },
  thresholds: null,
  source: {
    origin: 'Said once, when training starts',
    file: 'src/workloads/ppo/train.ts',
    symbol: 'train',
    call: 'the command’s own arguments',
  },

  alsoFrom: [
    {
      origin: 'Told by a PyTorch loop, when it starts',
      file: 'python/esper_telemetry/opening.py',
      symbol: 'start',
      call: 'esper.start(max_batches=…)',
    },
  ],
  transport: { event: 'TRAINING_STARTED', fields: ['maxBatches'] },
  schema: {
    type: 'TamiyoState',
    constituents: [],
    reducer: { file: 'src/reduce/training.ts', symbol: 'trainingStarted' },
  },
  path: 'tamiyo.maxBatches',
  example: 200,
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/present/status-line.ts',
      symbol: 'counter',
      form: 'Batch:84/200',
      usage: 'After the slash',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: 'Batch:84/200',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    {
      kind: 'unit (emitter)',
      file: 'src/workloads/ppo/train.test.ts',
      name: 'a run starts, updates, saves and completes',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [],
    downstream: [{ type: 'human', on: 'Training operator', notes: 'When will the training be over?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
