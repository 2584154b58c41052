import type { TelemetryRecord } from './record.ts';

export const TELE_010 = {
  id: 'TELE-010',
  figure: 'batch',
  name: 'Batch',
  label: 'Batch',
  summary: 'Number of the newest PPO update, of as many as the run is to make.',
  priority: 'P1-important',
  purpose: {
    question: 'How far is the training?',
    who: ['operator', 'developer', 'researcher', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'count', range: [0, null], precision: 'whole', default: null },
  meaning: {
    formula: null,
    text: 'One batch is one rollout in every environment and one PPO update on it. Updates are counted from 1 and go on counting where a run is resumed.',
  },
  thresholds: null,
  source: {
    origin: 'Kept by the training loop',
    file: 'src/workloads/ppo/train.ts',
    symbol: 'train',
    call: 'the loop’s own variables',
  },

  alsoFrom: [
    {
      origin: 'Told by a PyTorch loop, once an update',
      file: 'python/esper_telemetry/run.py',
      symbol: 'Run.ppo_update',
      call: 'run.ppo_update(batch=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['batch'] },
  schema: {
    type: 'TamiyoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.batch',
  example: 84,
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/present/status-line.ts',
      symbol: 'counter',
      form: 'Batch:84/200',
      usage: 'First figure of the banner; its border fills as the run proceeds',
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
      file: 'src/emit/emit-ppo-update-event.test.ts',
      name: 'every metric reaches its field',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [],
    downstream: [{ type: 'human', on: 'Training operator', notes: 'How far is the training?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [
    [
      'A step is not a batch',
      'A loop that is not PPO counts steps (TELE-012); where a run has both, the batch is shown.',
    ],
  ],
} as const satisfies TelemetryRecord;
