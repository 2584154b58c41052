import type { TelemetryRecord } from './record.ts';

export const TELE_131 = {
  id: 'TELE-131',
  figure: 'policyLoss',
  name: 'Policy Loss',
  label: 'policy loss',
  summary: 'Clipped surrogate objective; its sign and size say little, its jumps do.',
  priority: 'P2-useful',
  purpose: {
    question: 'Does the policy’s optimisation behave?',
    who: ['developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'none',
    range: [null, null],
    precision: 'about three digits',
    default: null,
  },
  meaning: {
    formula: 'policyLoss = −mean(min(ratio × A, clip(ratio, 1 ± ε) × A))',
    text: 'Mean over the update’s minibatches.',
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
      call: 'run.ppo_update(policy_loss=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['loss.policy'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.policyLoss',
  example: -0.012,
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/present/panel-values.ts',
      symbol: 'ppoFigures',
      form: 'policy loss -0.012',
      usage: 'With its course and trend',
    },
    {
      widget: 'Overwatch learner',
      file: 'src/web/RunBody.tsx',
      symbol: 'RunBody',
      form: 'policy loss -0.012',
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
    downstream: [{ type: 'human', on: 'Developer', notes: 'Does the policy’s optimisation behave?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
