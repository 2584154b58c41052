import type { TelemetryRecord } from './record.ts';

export const TELE_020 = {
  id: 'TELE-020',
  figure: 'runtimeMs',
  name: 'Runtime',
  label: 'runtime',
  summary: 'Time since the run began; it stands still once the run has ended or fallen silent.',
  priority: 'P1-important',
  purpose: {
    question: 'How long has the run taken?',
    who: ['operator', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'ms', range: [0, null], precision: 'hh:mm:ss', default: null },
  meaning: {
    formula: 'runtimeMs = (endedMs ?? now) − startedMs',
    text: 'From the first start of any rank to now while the run speaks, to its end afterwards. A resumed run counts from its first start. The snapshot holds the beginning and the end; the view, which alone knows the time, takes the difference.',
  },
  thresholds: null,
  source: {
    origin: 'The envelope of every event',
    file: 'src/emit/emitter.ts',
    symbol: 'Emitter.emit',
    call: 'Date.now()',
  },

  transport: { event: 'TRAINING_STARTED', fields: [], envelope: ['timeMs'] },
  schema: {
    type: 'SanctumSnapshot',
    constituents: [],
    reducer: { file: 'src/reduce/training.ts', symbol: 'trainingStarted' },
  },
  path: 'run.startedMs',
  example: 192000,
  consumers: [
    {
      widget: 'RunHeader',
      file: 'src/sanctum/connection.ts',
      symbol: 'runtimeMs',
      form: '00:03:12',
      usage: 'After the connection',
    },
    {
      widget: 'Overwatch header',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: '00:03:12',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    {
      kind: 'unit (log)',
      file: 'src/log/log-writer.test.ts',
      name: 'a line is in the file when append returns',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [],
    downstream: [{ type: 'human', on: 'Training operator', notes: 'How long has the run taken?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
