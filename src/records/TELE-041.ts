import type { TelemetryRecord } from './record.ts';

export const TELE_041 = {
  id: 'TELE-041',
  figure: 'rolloutMs',
  name: 'Rollout Time',
  label: 'rollout',
  summary: 'Time that collecting the newest rollout took.',
  priority: 'P2-useful',
  purpose: {
    question: 'Does the time go into acting or into learning?',
    who: ['developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'ms',
    range: [0, null],
    precision: '0.02 ms, 47 ms, 1.3 s',
    default: null,
  },
  meaning: { formula: null, text: 'Stepping all environments and choosing their actions.' },
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
      call: 'run.ppo_update(rollout_ms=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['timing.rolloutMs'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.rolloutMs',
  example: 31,
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/sanctum/PpoPanel.ts',
      symbol: 'notes',
      form: 'rollout 31 ms',
      usage: 'Among the notes',
    },
    {
      widget: 'Overwatch figures',
      file: 'src/web/OtherFigures.tsx',
      symbol: 'OtherFigures',
      form: 'rollout 31 ms',
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
    downstream: [{ type: 'human', on: 'Developer', notes: 'Does the time go into acting or into learning?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
