import type { TelemetryRecord } from './record.ts';

export const TELE_230 = {
  id: 'TELE-230',
  figure: 'valueLoss',
  name: 'Value Loss',
  label: 'value loss',
  summary: 'Squared error of the value function against the returns.',
  priority: 'P1-important',
  purpose: {
    question: 'Does the value function learn?',
    who: ['developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'reward²',
    range: [0, null],
    precision: 'about three digits',
    default: null,
  },
  meaning: {
    formula: null,
    text: 'Mean over the update’s minibatches; its scale is that of the returns, squared.',
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
      call: 'run.ppo_update(value_loss=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['loss.value'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.valueLoss',
  example: 4.1,
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/present/panel-values.ts',
      symbol: 'ppoFigures',
      form: 'value loss 4.10',
      usage: 'With its course and trend',
    },
    {
      widget: 'Overwatch learner',
      file: 'src/web/RunBody.tsx',
      symbol: 'RunBody',
      form: 'value loss 4.10',
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
    downstream: [{ type: 'human', on: 'Developer', notes: 'Does the value function learn?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
