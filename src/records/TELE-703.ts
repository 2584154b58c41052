import type { TelemetryRecord } from './record.ts';

export const TELE_703 = {
  id: 'TELE-703',
  figure: 'telemetryMs',
  name: 'Telemetry Overhead',
  label: 'telemetry',
  summary: 'What this telemetry itself cost the training since the previous event.',
  priority: 'P1-important',
  purpose: {
    question: 'What does watching cost?',
    who: ['operator', 'developer', 'automation'],
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
    formula: 'telemetryMs = gathering this event + writing the previous one',
    text: 'Gathering this event’s figures and writing the previous event’s line. Every event carries it, so that the overhead is a figure and no promise.',
  },
  thresholds: null,
  source: {
    origin: 'The envelope of every event',
    file: 'src/emit/emitter.ts',
    symbol: 'Emitter.emit',
    call: 'performance.now()',
  },

  transport: { event: 'PPO_UPDATE_COMPLETED', fields: [], envelope: ['telemetryMs'] },
  schema: {
    type: 'RankState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'newest' },
  },
  path: 'ranks[].newestTelemetryMs',
  example: 12000,
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/sanctum/PpoPanel.ts',
      symbol: 'notes',
      form: 'telemetry 12.0 s',
      usage: 'Among the notes',
    },
    {
      widget: 'Overwatch figures',
      file: 'src/web/OtherFigures.tsx',
      symbol: 'OtherFigures',
      form: 'telemetry 12.0 s',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    {
      kind: 'unit (emitter)',
      file: 'src/emit/emitter.test.ts',
      name: 'tells what telemetry took: gathering this event and writing the one before',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [],
    downstream: [{ type: 'human', on: 'Training operator', notes: 'What does watching cost?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
