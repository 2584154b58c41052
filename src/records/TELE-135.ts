import type { TelemetryRecord } from './record.ts';

export const TELE_135 = {
  id: 'TELE-135',
  figure: 'clipFraction',
  name: 'Clip Fraction',
  label: 'clip frac.',
  summary: 'Share of samples whose policy ratio left the clip range. Above 0.3 much of each batch is wasted.',
  priority: 'P1-important',
  purpose: {
    question: 'How much of each batch does clipping throw away?',
    who: ['developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'fraction (0–1)',
    range: [0, 1],
    precision: 'about three digits',
    default: null,
  },
  meaning: {
    formula: null,
    text: 'Share of probability ratios outside 1 ± ε, over all epochs and minibatches.',
  },
  thresholds: {
    warning: { above: 0.3 },
    critical: null,
    meaning: {
      healthy: 'Most samples take part in the update',
      warning: 'Many samples are clipped: the steps are too large for the clip range',
    },
    judgedAt: 'tamiyo.ppo.status',
    widget: 'StatusBanner',
    styles: { warning: 'bold yellow' },
    examples: [
      [0.3, 'healthy', null],
      [0.301, 'warning', 'clip fraction 0.30'],
      [0.45, 'warning', 'clip fraction 0.45'],
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
      call: 'run.ppo_update(clip_fraction=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['policy.clipFraction'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.clipFraction',
  example: 0.09,
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/present/panel-values.ts',
      symbol: 'ppoFigures',
      form: 'clip frac. 0.090',
      usage: 'With its course and trend',
    },
    {
      widget: 'Overwatch learner',
      file: 'src/web/RunBody.tsx',
      symbol: 'RunBody',
      form: 'clip fraction 0.090',
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
      { type: 'human', on: 'Developer', notes: 'How much of each batch does clipping throw away?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
