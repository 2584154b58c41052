import type { TelemetryRecord } from './record.ts';

export const TELE_140 = {
  id: 'TELE-140',
  figure: 'learningRate',
  name: 'Learning Rate',
  label: 'lr',
  summary: 'Learning rate of the newest update, annealing included.',
  priority: 'P1-important',
  purpose: {
    question: 'Which step size did this update use?',
    who: ['developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'none',
    range: [0, null],
    precision: 'about three digits, 2.1e-4',
    default: null,
  },
  meaning: { formula: null, text: 'As the optimizer used it.' },
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
      call: 'run.ppo_update(learning_rate=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['policy.learningRate'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.learningRate',
  example: 0.00021,
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/sanctum/PpoPanel.ts',
      symbol: 'notes',
      form: 'lr 2.1e-4',
      usage: 'First of the notes',
    },
    {
      widget: 'Overwatch figures',
      file: 'src/web/OtherFigures.tsx',
      symbol: 'OtherFigures',
      form: 'lr 2.1e-4',
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
    downstream: [{ type: 'human', on: 'Developer', notes: 'Which step size did this update use?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
