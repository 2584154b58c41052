import type { TelemetryRecord } from './record.ts';

export const TELE_720 = {
  id: 'TELE-720',
  figure: 'cpuPercent',
  name: 'CPU',
  label: 'CPU',
  summary: 'Busy share of all cores of the host.',
  priority: 'P2-useful',
  purpose: {
    question: 'Does the host limit the training?',
    who: ['operator', 'developer'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'percent (0–100)',
    range: [0, 100],
    precision: 'no decimals',
    default: null,
  },
  meaning: { formula: null, text: 'Since the previous sample, all cores together; 100 is every core busy.' },
  thresholds: null,
  source: {
    origin: 'The host, sampled beside the training',
    file: 'src/emit/host-sampler.ts',
    symbol: 'HostSampler.sample',
    call: '/proc/stat',
  },

  transport: { event: 'HOST_SAMPLED', fields: ['cpuPercent'] },
  schema: {
    type: 'HostState',
    constituents: [],
    reducer: { file: 'src/reduce/samples.ts', symbol: 'hostSampled' },
  },
  path: 'vitals.host.cpuPercent',
  example: 37.5,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'hostRow',
      form: 'CPU 38%',
      usage: 'Last row',
    },
    {
      widget: 'Overwatch figures',
      file: 'src/web/OtherFigures.tsx',
      symbol: 'OtherFigures',
      form: 'CPU 38%',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    {
      kind: 'unit (emitter)',
      file: 'src/emit/host-sampler.test.ts',
      name: 'tells the busy share since the one before; waiting for a disk is not busy',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [{ type: 'file', on: '/proc/stat', notes: 'Linux; elsewhere what the system tells' }],
    downstream: [{ type: 'human', on: 'Training operator', notes: 'Does the host limit the training?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
