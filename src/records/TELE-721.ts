import type { TelemetryRecord } from './record.ts';

export const TELE_721 = {
  id: 'TELE-721',
  figure: 'ramUsedBytes',
  name: 'Host RAM Used',
  label: 'host RAM',
  summary: 'RAM of the host in use, of all there is (or of the container’s limit).',
  priority: 'P1-important',
  purpose: {
    question: 'Will the host run out of memory?',
    who: ['operator', 'developer', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'bytes', range: [0, null], precision: 'GiB', default: null },
  meaning: {
    formula: 'ramUsedBytes = MemTotal − MemAvailable',
    text: 'All that is not available: what the kernel would have to take from someone. Cache that it can drop does not count.',
  },
  thresholds: null,
  source: {
    origin: 'The host, sampled beside the training',
    file: 'src/emit/host-sampler.ts',
    symbol: 'HostSampler.sample',
    call: '/proc/meminfo',
  },

  transport: { event: 'HOST_SAMPLED', fields: ['ramUsedBytes'] },
  schema: {
    type: 'HostState',
    constituents: [],
    reducer: { file: 'src/reduce/samples.ts', symbol: 'hostSampled' },
  },
  path: 'vitals.host.ramUsedBytes',
  example: 12884901888,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'hostRow',
      form: 'host RAM 12.0 of 32.0 GiB',
      usage: 'Last row',
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
      { type: 'human', on: 'Training operator', notes: 'Will the host run out of memory?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
