import type { TelemetryRecord } from './record.ts';

export const TELE_136 = {
  id: 'TELE-136',
  figure: 'clipRange',
  name: 'Clip Range',
  label: 'clip range',
  summary: 'The ε of PPO: ratios outside 1 ± ε earn nothing more.',
  priority: 'P2-useful',
  purpose: {
    question: 'Which clip range stands behind the clip fraction?',
    who: ['researcher'],
    when: ['on-demand', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'none',
    range: [0, null],
    precision: 'about three digits',
    default: null,
  },
  meaning: { formula: null, text: 'A setting, told with every update because it may be annealed.' },
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
      call: 'run.ppo_update(clip_range=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['policy.clipRange'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.clipRange',
  example: 0.2,
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/sanctum/PpoPanel.ts',
      symbol: 'notes',
      form: 'clip range 0.200',
      usage: 'Among the notes',
    },
    {
      widget: 'Overwatch figures',
      file: 'src/web/OtherFigures.tsx',
      symbol: 'OtherFigures',
      form: 'clip range 0.200',
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
    downstream: [
      { type: 'human', on: 'Researcher', notes: 'Which clip range stands behind the clip fraction?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
