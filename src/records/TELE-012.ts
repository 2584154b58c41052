import type { TelemetryRecord } from './record.ts';

export const TELE_012 = {
  id: 'TELE-012',
  figure: 'step',
  name: 'Step',
  label: 'Step',
  summary: 'Number of the newest step of a training loop that is not PPO.',
  priority: 'P2-useful',
  purpose: {
    question: 'How far is a training that is not PPO?',
    who: ['operator', 'developer', 'researcher', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'count', range: [0, null], precision: 'whole', default: null },
  meaning: {
    formula: null,
    text: 'Any loop that calls `run.step(...)` of the Python client counts its own steps: optimizer steps as a rule.',
  },
  thresholds: null,
  source: {
    origin: 'Said by the training loop, once a step',
    file: 'python/esper_telemetry/run.py',
    symbol: 'Run.step',
    call: 'run.step(step=…)',
  },

  transport: { event: 'STEP_COMPLETED', fields: ['step'] },
  schema: {
    type: 'TamiyoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'stepCompleted' },
  },
  path: 'tamiyo.step',
  example: 1200,
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/present/status-line.ts',
      symbol: 'counter',
      form: 'Step:1200/5000',
      usage: 'In the place of the batch counter',
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
    downstream: [{ type: 'human', on: 'Training operator', notes: 'How far is a training that is not PPO?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
