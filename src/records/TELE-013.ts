import type { TelemetryRecord } from './record.ts';

export const TELE_013 = {
  id: 'TELE-013',
  figure: 'maxSteps',
  name: 'Planned Steps',
  label: 'Step (of)',
  summary: 'Steps that a loop that is not PPO is to make in all.',
  priority: 'P2-useful',
  purpose: {
    question: 'When will a training that is not PPO be over?',
    who: ['operator', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'count', range: [1, null], precision: 'whole', default: null },
  meaning: { formula: null, text: '`max_steps` of the Python client.' },
  thresholds: null,
  source: {
    origin: 'Said once, when training starts',
    file: 'python/esper_telemetry/opening.py',
    symbol: 'start',
    call: 'esper.start(max_steps=…)',
  },

  transport: { event: 'TRAINING_STARTED', fields: ['maxSteps'] },
  schema: {
    type: 'TamiyoState',
    constituents: [],
    reducer: { file: 'src/reduce/training.ts', symbol: 'trainingStarted' },
  },
  path: 'tamiyo.maxSteps',
  example: 5000,
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/present/status-line.ts',
      symbol: 'counter',
      form: 'Step:1200/5000',
      usage: 'After the slash',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: 'Step:1200/5000',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [],
    downstream: [
      { type: 'human', on: 'Training operator', notes: 'When will a training that is not PPO be over?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
