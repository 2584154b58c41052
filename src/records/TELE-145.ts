import type { TelemetryRecord } from './record.ts';

export const TELE_145 = {
  id: 'TELE-145',
  figure: 'epochs',
  name: 'Epochs',
  label: 'epochs',
  summary: 'Epochs made over the newest rollout; fewer than planned where the update stopped early.',
  priority: 'P2-useful',
  purpose: {
    question: 'How often was each sample used?',
    who: ['developer', 'researcher'],
    when: ['on-demand', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'count', range: [0, null], precision: 'whole', default: null },
  meaning: { formula: null, text: 'Whole passes over the rollout that the update made.' },
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
      call: 'run.ppo_update(epochs=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['policy.epochs'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.epochs',
  example: 4,
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/sanctum/PpoPanel.ts',
      symbol: 'notes',
      form: 'epochs 4',
      usage: 'Among the notes',
    },
    {
      widget: 'Overwatch figures',
      file: 'src/web/OtherFigures.tsx',
      symbol: 'OtherFigures',
      form: 'epochs 4',
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
    downstream: [{ type: 'human', on: 'Developer', notes: 'How often was each sample used?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
