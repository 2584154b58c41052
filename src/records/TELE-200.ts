import type { TelemetryRecord } from './record.ts';

export const TELE_200 = {
  id: 'TELE-200',
  figure: 'explainedVariance',
  name: 'Explained Variance',
  label: 'expl. var.',
  summary:
    'How much of the returns’ variance the value function explains: 1 is all, 0 none, below 0 worse than a constant.',
  priority: 'P1-important',
  purpose: {
    question: 'Does the value function help?',
    who: ['developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'none',
    range: [null, 1],
    precision: 'about three digits',
    default: null,
  },
  meaning: {
    formula: 'explainedVariance = 1 − Var(returns − values) / Var(returns)',
    text: 'Null where the returns hardly vary, their standard deviation below 0.5% of their mean, as in a task that is solved: how much of nothing is explained says nothing. A loop of one’s own tells what it computes.',
  },
  thresholds: {
    warning: { below: 0 },
    critical: null,
    meaning: {
      healthy: 'The value function is at least as good as a constant',
      warning: 'The value function is worse than a constant: advantages are noise',
    },
    judgedAt: 'tamiyo.ppo.status',
    widget: 'StatusBanner',
    styles: { warning: 'bold yellow' },
    examples: [
      [0, 'healthy', null],
      [-0.01, 'warning', 'explained variance -0.01'],
      [-0.5, 'warning', 'explained variance -0.50'],
    ],
  },
  source: {
    origin: 'Computed by the learner in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.update',
    call: 'PPOAgent.update(rollout)',
  },

  alsoFrom: [
    {
      origin: 'Told by a PyTorch loop, once an update',
      file: 'python/esper_telemetry/run.py',
      symbol: 'Run.ppo_update',
      call: 'run.ppo_update(explained_variance=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['value.explainedVariance'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.explainedVariance',
  example: 0.87,
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/sanctum/StatusBanner.ts',
      symbol: 'bannerRows',
      form: 'expl.var 0.870',
      usage: 'Where there is room',
    },
    {
      widget: 'PpoPanel',
      file: 'src/present/panel-values.ts',
      symbol: 'ppoFigures',
      form: 'expl. var. 0.870',
      usage: 'With its course and trend',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: 'expl.var 0.870',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch learner',
      file: 'src/web/RunBody.tsx',
      symbol: 'RunBody',
      form: 'explained variance 0.870',
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
    upstream: [{ type: 'library', on: '@jax-js/jax', notes: 'Loss and gradient of the built-in trainer' }],
    downstream: [
      { type: 'record', on: 'TELE-030', notes: 'Overall Status' },
      { type: 'human', on: 'Developer', notes: 'Does the value function help?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
