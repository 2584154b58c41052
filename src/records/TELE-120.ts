import type { TelemetryRecord } from './record.ts';

export const TELE_120 = {
  id: 'TELE-120',
  figure: 'entropy',
  name: 'Policy Entropy',
  label: 'entropy',
  summary:
    'How undecided the policy is, in nats. It falls as the policy commits; near zero early means it stopped exploring.',
  priority: 'P1-important',
  purpose: {
    question: 'Does the agent still explore?',
    who: ['operator', 'developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'nats',
    range: [null, null],
    precision: 'about three digits',
    default: null,
  },
  meaning: {
    formula: null,
    text: 'Mean entropy of the action distribution over the update’s samples. Differential for continuous actions, where it may be negative. Stable-Baselines3’s `entropy_loss` is its negative.',
  },
  thresholds: null,
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
      call: 'run.ppo_update(entropy=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['policy.entropy'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.entropy',
  example: 0.54,
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/sanctum/StatusBanner.ts',
      symbol: 'bannerRows',
      form: 'entropy 0.540',
      usage: 'Where there is room',
    },
    {
      widget: 'PpoPanel',
      file: 'src/present/panel-values.ts',
      symbol: 'ppoFigures',
      form: 'entropy 0.540',
      usage: 'With its course and trend',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: 'entropy 0.540',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch learner',
      file: 'src/web/RunBody.tsx',
      symbol: 'RunBody',
      form: 'entropy 0.540',
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
    downstream: [{ type: 'human', on: 'Training operator', notes: 'Does the agent still explore?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
