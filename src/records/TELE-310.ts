import type { TelemetryRecord } from './record.ts';

export const TELE_310 = {
  id: 'TELE-310',
  figure: 'gradNorm',
  name: 'Gradient Norm',
  label: 'grad norm',
  summary: 'Norm of the gradient before it is clipped.',
  priority: 'P1-important',
  purpose: {
    question: 'Do gradients explode or vanish?',
    who: ['developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'none',
    range: [0, null],
    precision: 'about three digits',
    default: null,
  },
  meaning: {
    formula: null,
    text: 'Global L2 norm over all parameters, before clipping, mean over the update’s minibatches.',
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
      call: 'run.ppo_update(grad_norm=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['gradient.norm'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.gradNorm',
  example: 0.43,
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/present/panel-values.ts',
      symbol: 'ppoFigures',
      form: 'grad norm 0.430',
      usage: 'With its course and trend',
    },
    {
      widget: 'Overwatch learner',
      file: 'src/web/RunBody.tsx',
      symbol: 'RunBody',
      form: 'gradient norm 0.430',
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
    downstream: [{ type: 'human', on: 'Developer', notes: 'Do gradients explode or vanish?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
