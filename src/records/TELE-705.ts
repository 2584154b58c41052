import type { TelemetryRecord } from './record.ts';

export const TELE_705 = {
  id: 'TELE-705',
  figure: 'unknownEvents',
  name: 'Unknown Events',
  label: 'unknown types',
  summary: 'Events of types that this version does not know: kept in the log, shown nowhere.',
  priority: 'P2-useful',
  purpose: {
    question: 'Was this log written by a newer Esper?',
    who: ['developer'],
    when: ['on-demand', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'count', range: [0, null], precision: 'whole', default: 0 },
  meaning: {
    formula: 'unknownEvents = events of types or versions unknown here',
    text: 'A reader accepts older and newer minor versions; what it does not know it counts.',
  },
  thresholds: null,
  source: {
    origin: 'The envelope of every event',
    file: 'src/emit/emitter.ts',
    symbol: 'Emitter.emit',
    call: 'Emitter.emit',
  },

  transport: { event: 'PPO_UPDATE_COMPLETED', fields: [], envelope: ['type'] },
  schema: { type: 'RankState', constituents: [], reducer: { file: 'src/reduce/index.ts', symbol: 'apply' } },
  path: 'ranks[].unknownEvents',
  example: 2,
  consumers: [
    {
      widget: 'Footer',
      file: 'src/sanctum/Footer.ts',
      symbol: 'LogProblemRows',
      form: '2 events of unknown types',
      usage: 'Once there is any',
    },
    {
      widget: 'Overwatch problems',
      file: 'src/web/RunBody.tsx',
      symbol: 'RunBody',
      form: '2 events of unknown types',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    { kind: 'unit (log)', file: 'src/log/read-run.test.ts', name: 'keeps what it does not know' },
    {
      kind: 'unit (reducer)',
      file: 'src/reduce/reduce.test.ts',
      name: 'lost, repeated and unknown events are counted',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [],
    downstream: [{ type: 'human', on: 'Developer', notes: 'Was this log written by a newer Esper?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
