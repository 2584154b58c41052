import type { TelemetryRecord } from './record.ts';

export const TELE_031 = {
  id: 'TELE-031',
  figure: 'runState',
  name: 'Run State',
  label: 'FINISHED',
  summary:
    'Whether the run waits, runs, finished, was interrupted or failed. ENDED WITHOUT GOODBYE: its process is gone and its log has no end.',
  priority: 'P0-critical',
  purpose: {
    question: 'Is it still going, and if not, how did it end?',
    who: ['operator', 'developer', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'text',
    units: 'waiting, running, completed, interrupted, failed',
    range: null,
    precision: 'a word',
    default: 'waiting',
  },
  meaning: {
    formula: null,
    text: 'From the life-cycle events of all ranks: failed as soon as one rank failed, ended once all have ended.',
  },
  thresholds: null,
  source: {
    origin: 'Said once, when training ends',
    file: 'src/workloads/ppo/train.ts',
    symbol: 'train',
    call: 'the end of the training loop',
  },

  transport: { event: 'TRAINING_COMPLETED', fields: ['reason'] },
  schema: {
    type: 'SanctumSnapshot',
    constituents: [],
    reducer: { file: 'src/reduce/derive.ts', symbol: 'derive' },
  },
  path: 'run.state',
  example: 'completed',
  consumers: [
    {
      widget: 'RunHeader',
      file: 'src/sanctum/connection.ts',
      symbol: 'connection',
      form: '■ FINISHED',
      usage: 'In the place of the connection',
    },
    {
      widget: 'StatusBanner',
      file: 'src/present/status-line.ts',
      symbol: 'status',
      form: 'FINISHED',
      usage: 'The status’ word',
    },
    {
      widget: 'Overwatch header',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: '■ FINISHED',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: 'FINISHED',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    {
      kind: 'unit (emitter)',
      file: 'src/workloads/ppo/train.test.ts',
      name: 'a run starts, updates, saves and completes',
    },
    {
      kind: 'unit (reducer)',
      file: 'src/reduce/reduce.test.ts',
      name: 'waits, runs, ends; ends only when every rank of the job has ended; fails with one',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [],
    downstream: [
      { type: 'record', on: 'TELE-030', notes: 'Overall Status' },
      { type: 'human', on: 'Training operator', notes: 'Is it still going, and if not, how did it end?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
