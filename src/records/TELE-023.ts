import type { TelemetryRecord } from './record.ts';

export const TELE_023 = {
  id: 'TELE-023',
  figure: 'totalSteps',
  name: 'Environment Steps',
  label: 'steps',
  summary: 'Environment steps since the run began, all environments together.',
  priority: 'P1-important',
  purpose: {
    question: 'How much experience has the agent seen?',
    who: ['operator', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'integer',
    units: 'environment steps',
    range: [0, null],
    precision: '950, 21.4k, 1.2M',
    default: null,
  },
  meaning: {
    formula: null,
    text: 'The x axis of most reinforcement-learning curves. Goes on counting where a run is resumed.',
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
      call: 'run.ppo_update(total_steps=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['rollout.totalSteps'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.totalSteps',
  example: 86016,
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/sanctum/StatusBanner.ts',
      symbol: 'bannerRows',
      form: 'steps 86.0k',
      usage: 'Where the terminal is wide enough',
    },
    {
      widget: 'PpoPanel',
      file: 'src/sanctum/PpoPanel.ts',
      symbol: 'notes',
      form: 'steps 86.0k',
      usage: 'Among the notes',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: 'steps 86.0k',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch figures',
      file: 'src/web/OtherFigures.tsx',
      symbol: 'OtherFigures',
      form: 'steps 86.0k',
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
      { type: 'human', on: 'Training operator', notes: 'How much experience has the agent seen?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
