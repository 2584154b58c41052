import type { TelemetryRecord } from './record.ts';

export const TELE_040 = {
  id: 'TELE-040',
  figure: 'updateMs',
  name: 'Update Time',
  label: 'update',
  summary: 'Time that the newest update took, optimisation only.',
  priority: 'P1-important',
  purpose: {
    question: 'Is training slowing down?',
    who: ['operator', 'developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'ms',
    range: [0, null],
    precision: '0.02 ms, 47 ms, 1.3 s',
    default: null,
  },
  meaning: {
    formula: null,
    text: 'Optimising on one rollout: all epochs and minibatches. For a loop that is not PPO, the duration of the step.',
  },
  thresholds: null,
  source: {
    origin: 'Timed by the training loop around each batch',
    file: 'src/workloads/ppo/train.ts',
    symbol: 'train',
    call: 'performance.now()',
  },

  alsoFrom: [
    {
      origin: 'Told by a PyTorch loop, once an update',
      file: 'python/esper_telemetry/run.py',
      symbol: 'Run.ppo_update',
      call: 'run.ppo_update(update_ms=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['timing.updateMs'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.updateMs',
  example: 47,
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/sanctum/PpoPanel.ts',
      form: 'update 47 ms',
      usage: 'With its course; again among the notes',
    },
    {
      widget: 'Overwatch learner',
      file: 'src/web/RunBody.tsx',
      symbol: 'RunBody',
      form: 'update 47 ms',
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
    upstream: [],
    downstream: [{ type: 'human', on: 'Training operator', notes: 'Is training slowing down?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [
    [
      'Flushes show here',
      'An update in which the allocator flushed its cache (TELE-750) takes longer than its neighbours.',
    ],
  ],
} as const satisfies TelemetryRecord;
