import type { TelemetryRecord } from './record.ts';

export const TELE_146 = {
  id: 'TELE-146',
  figure: 'earlyStopped',
  name: 'Stopped Early',
  label: 'stopped early',
  summary: 'The update stopped before its last epoch, because the KL passed its target.',
  priority: 'P2-useful',
  purpose: {
    question: 'Did the KL target cut the update short?',
    who: ['developer', 'researcher'],
    when: ['on-demand', 'post-hoc'],
  },
  specification: {
    type: 'boolean',
    units: 'none',
    range: null,
    precision: 'words beside the epochs',
    default: null,
  },
  meaning: { formula: null, text: 'False where a target was set and kept, null where nobody said.' },
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
      call: 'run.ppo_update(early_stopped=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['policy.earlyStopped'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.earlyStopped',
  example: true,
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/sanctum/PpoPanel.ts',
      symbol: 'notes',
      form: 'epochs 4, stopped early',
      usage: 'Beside the epochs',
    },
    {
      widget: 'Overwatch figures',
      file: 'src/web/OtherFigures.tsx',
      symbol: 'OtherFigures',
      form: 'epochs 4, stopped early',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    {
      kind: 'unit (emitter)',
      file: 'src/workloads/ppo/agent.test.ts',
      name: 'the KL target ends an update early',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [{ type: 'library', on: '@jax-js/jax', notes: 'Loss and gradient of the built-in trainer' }],
    downstream: [{ type: 'human', on: 'Developer', notes: 'Did the KL target cut the update short?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
