import type { TelemetryRecord } from './record.ts';

export const TELE_022 = {
  id: 'TELE-022',
  figure: 'episodicLength',
  name: 'Episode Length',
  label: 'length',
  summary: 'Mean length of the last 100 finished episodes, in steps.',
  priority: 'P2-useful',
  purpose: {
    question: 'Do episodes grow longer or shorter?',
    who: ['developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'environment steps',
    range: [0, null],
    precision: 'about three digits',
    default: null,
  },
  meaning: {
    formula: null,
    text: 'Averaged over the same episodes as the return. Where every step earns 1, as in CartPole, the two are equal.',
  },
  thresholds: null,
  source: {
    origin: 'Counted as the environments’ episodes end',
    file: 'src/workloads/ppo/episode-statistics.ts',
    symbol: 'EpisodeStatistics.meanLength',
    call: 'EpisodeStatistics.meanLength',
  },

  alsoFrom: [
    {
      origin: 'Told by a PyTorch loop, once an update',
      file: 'python/esper_telemetry/run.py',
      symbol: 'Run.ppo_update',
      call: 'run.ppo_update(episodic_length=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['rollout.episodicLength'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.episodicLength',
  example: 250,
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/sanctum/PpoPanel.ts',
      symbol: 'notes',
      form: 'length 250.0',
      usage: 'Among the notes below the figures',
    },
    {
      widget: 'Overwatch figures',
      file: 'src/web/OtherFigures.tsx',
      symbol: 'OtherFigures',
      form: 'length 250.0',
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
    downstream: [{ type: 'human', on: 'Developer', notes: 'Do episodes grow longer or shorter?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
