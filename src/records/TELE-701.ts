import type { TelemetryRecord } from './record.ts';

export const TELE_701 = {
  id: 'TELE-701',
  figure: 'connectionAgeMs',
  name: 'Connection',
  label: '● LIVE',
  summary: 'Whether the run still speaks: SLOW after 2 s without an event, STALE after 5 s.',
  priority: 'P0-critical',
  purpose: { question: 'Is what I see the present?', who: ['operator', 'automation'], when: ['real-time'] },
  specification: {
    type: 'integer',
    units: 'ms',
    range: [0, null],
    precision: 'a word; the age where it is slow',
    default: null,
  },
  meaning: {
    formula: 'connectionAgeMs = now − lastEventMs',
    text: 'Time since the newest event of any rank. Judged by the view, the only one who knows the time; the snapshot holds the time of the newest event.',
  },
  thresholds: {
    warning: { atLeast: 2000 },
    critical: { atLeast: 5000 },
    meaning: {
      healthy: 'Events arrive',
      warning: 'Nothing for two seconds: a long update, or a busy machine',
      critical: 'Nothing for five seconds: look at the trainer',
    },
    judgedAt: null,
    widget: 'RunHeader',
    styles: { healthy: 'bold green', warning: 'bold yellow', critical: 'bold red' },
    examples: [
      [0, 'healthy', '● LIVE'],
      [1999, 'healthy', '● LIVE'],
      [2000, 'warning', '◐ SLOW 2 s'],
      [4999, 'warning', '◐ SLOW 4 s'],
      [5000, 'critical', '○ STALE 5 s'],
    ],
  },
  source: {
    origin: 'The envelope of every event',
    file: 'src/emit/emitter.ts',
    symbol: 'Emitter.emit',
    call: 'Date.now()',
  },

  transport: { event: 'PPO_UPDATE_COMPLETED', fields: [], envelope: ['timeMs'] },
  schema: {
    type: 'SanctumSnapshot',
    constituents: [],
    reducer: { file: 'src/reduce/derive.ts', symbol: 'derive' },
  },
  path: 'run.lastEventMs',
  example: 0,
  consumers: [
    {
      widget: 'RunHeader',
      file: 'src/sanctum/connection.ts',
      symbol: 'connection',
      form: '● LIVE',
      usage: 'After the task',
    },
    {
      widget: 'Overwatch header',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: '● LIVE',
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
    downstream: [{ type: 'human', on: 'Training operator', notes: 'Is what I see the present?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [
    [
      'Clocks',
      'The age compares this machine’s clock with the trainer’s; a trainer whose clock is ahead counts as live.',
    ],
  ],
} as const satisfies TelemetryRecord;
