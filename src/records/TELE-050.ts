import type { TelemetryRecord } from './record.ts';

export const TELE_050 = {
  id: 'TELE-050',
  figure: 'totalLoss',
  name: 'Total Loss',
  label: 'total loss',
  summary: 'What the optimizer minimises: policy loss, value loss and entropy bonus together.',
  priority: 'P2-useful',
  purpose: {
    question: 'Does the optimisation behave?',
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
    formula: 'totalLoss = policyLoss + valueCoefficient × valueLoss − entropyCoefficient × entropy',
    text: 'Mean over the update’s minibatches. In PPO its value says little; jumps and NaN do. For a loop that is not PPO it is the training loss.',
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
      call: 'run.ppo_update(total_loss=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['loss.total'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.totalLoss',
  example: 2.03,
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/present/panel-values.ts',
      symbol: 'ppoFigures',
      form: 'total loss 2.03',
      usage: 'Last row',
    },
    {
      widget: 'Overwatch learner',
      file: 'src/web/RunBody.tsx',
      symbol: 'RunBody',
      form: 'total loss 2.03',
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
    downstream: [{ type: 'human', on: 'Developer', notes: 'Does the optimisation behave?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
