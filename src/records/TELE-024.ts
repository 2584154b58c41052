import type { TelemetryRecord } from './record.ts';

export const TELE_024 = {
  id: 'TELE-024',
  figure: 'totalEpisodes',
  name: 'Episodes',
  label: 'episodes',
  summary: 'Episodes that ended since the run began.',
  priority: 'P2-useful',
  purpose: {
    question: 'How many episodes stand behind the return?',
    who: ['researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'integer',
    units: 'count',
    range: [0, null],
    precision: '950, 21.4k, 1.2M',
    default: null,
  },
  meaning: { formula: null, text: 'Terminated and truncated episodes alike.' },
  thresholds: null,
  source: {
    origin: 'Counted as the environments’ episodes end',
    file: 'src/workloads/ppo/episode-statistics.ts',
    symbol: 'EpisodeStatistics.total',
    call: 'EpisodeStatistics.total',
  },

  alsoFrom: [
    {
      origin: 'Told by a PyTorch loop, once an update',
      file: 'python/esper_telemetry/run.py',
      symbol: 'Run.ppo_update',
      call: 'run.ppo_update(total_episodes=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['rollout.totalEpisodes'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.totalEpisodes',
  example: 420,
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/sanctum/PpoPanel.ts',
      symbol: 'notes',
      form: 'episodes 420',
      usage: 'Among the notes',
    },
    {
      widget: 'Overwatch figures',
      file: 'src/web/OtherFigures.tsx',
      symbol: 'OtherFigures',
      form: 'episodes 420',
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
    downstream: [{ type: 'human', on: 'Researcher', notes: 'How many episodes stand behind the return?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
