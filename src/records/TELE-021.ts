import type { TelemetryRecord } from './record.ts';

export const TELE_021 = {
  id: 'TELE-021',
  figure: 'episodicReturn',
  name: 'Episodic Return',
  label: 'return',
  summary: 'Mean undiscounted return of the last 100 finished episodes.',
  priority: 'P0-critical',
  purpose: {
    question: 'Is the agent getting better at its task?',
    who: ['operator', 'developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'reward',
    range: [null, null],
    precision: 'about three digits',
    default: null,
  },
  meaning: {
    formula: null,
    text: 'The sum of rewards of one episode, not discounted, averaged over the last 100 episodes that ended. Null until the first episode ends. CleanRL calls it `charts/episodic_return`, Stable-Baselines3 `rollout/ep_rew_mean`.',
  },
  thresholds: null,
  source: {
    origin: 'Counted as the environments’ episodes end',
    file: 'src/workloads/ppo/episode-statistics.ts',
    symbol: 'EpisodeStatistics.meanReturn',
    call: 'EpisodeStatistics.meanReturn',
  },

  alsoFrom: [
    {
      origin: 'Told by a PyTorch loop, once an update',
      file: 'python/esper_telemetry/run.py',
      symbol: 'Run.ppo_update',
      call: 'run.ppo_update(episodic_return=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['rollout.episodicReturn'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.episodicReturn',
  example: 312.4,
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/sanctum/StatusBanner.ts',
      symbol: 'bannerRows',
      form: 'return 312.4',
      usage: 'The glance at learning',
    },
    {
      widget: 'PpoPanel',
      file: 'src/sanctum/PpoPanel.ts',
      form: 'return 312.4',
      usage: 'First row, with its course and trend',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: 'return 312.4',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch learner',
      file: 'src/web/RunBody.tsx',
      symbol: 'RunBody',
      form: 'return 312.4',
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
      { type: 'human', on: 'Training operator', notes: 'Is the agent getting better at its task?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
