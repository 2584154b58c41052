import type { TelemetryRecord } from './record.ts';

export const TELE_704 = {
  id: 'TELE-704',
  figure: 'lostEvents',
  name: 'Lost Events',
  label: 'events lost',
  summary: 'Events missing from the log: gaps in the events’ numbering.',
  priority: 'P1-important',
  purpose: {
    question: 'Is the log complete?',
    who: ['operator', 'developer', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'count', range: [0, null], precision: 'whole', default: 0 },
  meaning: {
    formula: 'lostEvents = sum of gaps in seq',
    text: 'Every event of a rank is numbered. A number that never arrives was lost: a full disk, a line that could not be written. Null would be wrong here: no gap seen is a measured zero.',
  },
  thresholds: null,
  source: {
    origin: 'The envelope of every event',
    file: 'src/emit/emitter.ts',
    symbol: 'Emitter.emit',
    call: 'Emitter.nextSeq',
  },

  transport: { event: 'PPO_UPDATE_COMPLETED', fields: [], envelope: ['seq'] },
  schema: { type: 'RankState', constituents: [], reducer: { file: 'src/reduce/index.ts', symbol: 'apply' } },
  path: 'ranks[].lostEvents',
  example: 3,
  consumers: [
    {
      widget: 'EventLog',
      file: 'src/sanctum/EventLog.ts',
      symbol: 'eventRows',
      form: '3 events lost before seq',
      usage: 'When it happens',
    },
    {
      widget: 'Footer',
      file: 'src/sanctum/Footer.ts',
      symbol: 'LogProblemRows',
      form: '3 events lost',
      usage: 'Once any was lost',
    },
    {
      widget: 'Overwatch events',
      file: 'src/web/EventList.tsx',
      symbol: 'EventList',
      form: '3 events lost before seq',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch problems',
      file: 'src/web/RunBody.tsx',
      symbol: 'RunBody',
      form: '3 events lost',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    {
      kind: 'unit (emitter)',
      file: 'src/emit/emitter.test.ts',
      name: 'never throws: what cannot be written leaves a gap in seq',
    },
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
    downstream: [{ type: 'human', on: 'Training operator', notes: 'Is the log complete?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
