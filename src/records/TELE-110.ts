import type { TelemetryRecord } from './record.ts';

export const TELE_110 = {
  id: 'TELE-110',
  figure: 'approxKl',
  name: 'Approximate KL Divergence',
  label: 'approx KL',
  summary:
    'How far the update moved the policy, in nats. Above 0.03 it moves fast, above 0.1 it may collapse.',
  priority: 'P0-critical',
  purpose: {
    question: 'Is the policy moving too fast?',
    who: ['operator', 'developer', 'researcher', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'nats',
    range: [0, null],
    precision: 'about three digits',
    default: null,
  },
  meaning: {
    formula: 'approxKl = mean((ratio − 1) − log ratio)',
    text: 'The k3 estimator of KL(old ‖ new), averaged over the update’s minibatches; Stable-Baselines3 averages likewise, CleanRL logs the last minibatch’s.',
  },
  thresholds: {
    warning: { above: 0.03 },
    critical: { above: 0.1 },
    meaning: {
      healthy: 'The policy moves in small steps',
      warning: 'Large steps: a lower learning rate, fewer epochs or a KL target would hold it',
      critical: 'The policy has left its trust region; the return is likely to fall',
    },
    judgedAt: 'tamiyo.ppo.status',
    widget: 'StatusBanner',
    styles: { warning: 'bold yellow', critical: 'bold red' },
    examples: [
      [0.03, 'healthy', null],
      [0.0301, 'warning', 'approx KL 0.030'],
      [0.1, 'warning', 'approx KL 0.100'],
      [0.1001, 'critical', 'approx KL 0.100'],
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
      call: 'run.ppo_update(approx_kl=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['policy.approxKl'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.approxKl',
  example: 0.011,
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/sanctum/StatusBanner.ts',
      symbol: 'bannerRows',
      form: 'KL 0.011',
      usage: 'Where there is room',
    },
    {
      widget: 'PpoPanel',
      file: 'src/present/panel-values.ts',
      symbol: 'ppoFigures',
      form: 'approx KL 0.011',
      usage: 'With its course and trend',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: 'KL 0.011',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch learner',
      file: 'src/web/RunBody.tsx',
      symbol: 'RunBody',
      form: 'approx KL 0.011',
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
      kind: 'unit (reducer)',
      file: 'src/reduce/reduce.test.ts',
      name: 'a KL beyond its thresholds is judged after the warm-up only',
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
      { type: 'human', on: 'Training operator', notes: 'Is the policy moving too fast?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [
    [
      'Threshold rationale',
      'Common KL targets lie between 0.01 and 0.03; early stopping implementations stop at 1.5 times the target.',
    ],
  ],
} as const satisfies TelemetryRecord;
