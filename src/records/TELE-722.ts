import type { TelemetryRecord } from './record.ts';

export const TELE_722 = {
  id: 'TELE-722',
  figure: 'ramTotalBytes',
  name: 'Host RAM',
  label: 'host RAM (of)',
  summary: 'RAM of the host, or the container’s limit where that is lower.',
  priority: 'P2-useful',
  purpose: {
    question: 'How much RAM is there?',
    who: ['operator', 'developer'],
    when: ['on-demand', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'bytes', range: [0, null], precision: 'GiB', default: null },
  meaning: {
    formula: null,
    text: 'The smaller of the machine’s RAM and the limit of the container the trainer runs in.',
  },
  thresholds: null,
  source: {
    origin: 'The host, sampled beside the training',
    file: 'src/emit/host-sampler.ts',
    symbol: 'HostSampler.sample',
    call: '/proc/meminfo',
  },

  transport: { event: 'HOST_SAMPLED', fields: ['ramTotalBytes'] },
  schema: {
    type: 'HostState',
    constituents: [],
    reducer: { file: 'src/reduce/samples.ts', symbol: 'hostSampled' },
  },
  path: 'vitals.host.ramTotalBytes',
  example: 34359738368,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'hostRow',
      form: 'host RAM 12.0 of 32.0 GiB',
      usage: 'After “of”',
    },
    {
      widget: 'Overwatch figures',
      file: 'src/web/OtherFigures.tsx',
      symbol: 'OtherFigures',
      form: 'host RAM 12.0 of 32.0 GiB',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    { kind: 'unit (emitter)', file: 'src/emit/host-sampler.test.ts', name: 'of a machine without limits' },
    {
      kind: 'unit (reducer)',
      file: 'src/reduce/reduce.test.ts',
      name: 'host RAM above 90% is one once it lasts',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [{ type: 'file', on: '/proc/meminfo', notes: 'Linux; elsewhere what the system tells' }],
    downstream: [
      { type: 'record', on: 'TELE-723', notes: 'Host RAM Used, Percent' },
      { type: 'human', on: 'Training operator', notes: 'How much RAM is there?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
