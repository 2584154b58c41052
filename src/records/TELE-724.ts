import type { TelemetryRecord } from './record.ts';

export const TELE_724 = {
  id: 'TELE-724',
  figure: 'processRssBytes',
  name: 'Trainer RSS',
  label: 'trainer',
  summary: 'RAM that the trainer’s own process holds.',
  priority: 'P2-useful',
  purpose: {
    question: 'Does the trainer leak on the host?',
    who: ['developer'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'bytes', range: [0, null], precision: 'GiB', default: null },
  meaning: { formula: null, text: 'Resident set of the process that trains; shared pages count in full.' },
  thresholds: null,
  source: {
    origin: 'The host, sampled beside the training',
    file: 'src/emit/host-sampler.ts',
    symbol: 'HostSampler.sample',
    call: '/proc/meminfo',
  },

  transport: { event: 'HOST_SAMPLED', fields: ['processRssBytes'] },
  schema: {
    type: 'HostState',
    constituents: [],
    reducer: { file: 'src/reduce/samples.ts', symbol: 'hostSampled' },
  },
  path: 'vitals.host.processRssBytes',
  example: 1610612736,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'hostRow',
      form: 'trainer 1.50 GiB',
      usage: 'Last row',
    },
    {
      widget: 'Overwatch figures',
      file: 'src/web/OtherFigures.tsx',
      symbol: 'OtherFigures',
      form: 'trainer 1.50 GiB',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    { kind: 'unit (emitter)', file: 'src/emit/host-sampler.test.ts', name: 'of a machine without limits' },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [{ type: 'file', on: '/proc/meminfo', notes: 'Linux; elsewhere what the system tells' }],
    downstream: [{ type: 'human', on: 'Developer', notes: 'Does the trainer leak on the host?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
