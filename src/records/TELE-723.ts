import type { TelemetryRecord } from './record.ts';

export const TELE_723 = {
  id: 'TELE-723',
  figure: 'ramUsedPercent',
  name: 'Host RAM Used, Percent',
  label: '⚠ host',
  summary: 'Share of the host’s RAM in use; above 90% it raises the memory alarm.',
  priority: 'P1-important',
  purpose: {
    question: 'Is the host about to run out of memory?',
    who: ['operator', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'percent (0–100)',
    range: [0, 100],
    precision: 'no decimals',
    default: null,
  },
  meaning: {
    formula: 'ramUsedPercent = ramUsedBytes / ramTotalBytes × 100',
    text: 'Replay buffers, data loaders and offloaded optimizers live here; the kernel kills the trainer where it ends.',
  },
  thresholds: {
    warning: null,
    critical: { above: 90 },
    meaning: {
      healthy: 'The host has room',
      critical: 'The host is nearly full: the kernel may end the trainer',
    },
    judgedAt: 'vitals.memoryAlarmDevices',
    widget: 'RunHeader',
    styles: { critical: 'bold yellow' },
    examples: [
      [89.9, 'healthy', null],
      [90, 'healthy', null],
      [90.1, 'critical', '⚠ host 90%'],
      [95, 'critical', '⚠ host 95%'],
    ],
  },
  source: {
    origin: 'The host, sampled beside the training',
    file: 'src/emit/host-sampler.ts',
    symbol: 'HostSampler.sample',
    call: '/proc/meminfo',
  },

  transport: { event: 'HOST_SAMPLED', fields: ['ramUsedBytes', 'ramTotalBytes'] },
  schema: {
    type: 'HostState',
    constituents: ['vitals.host.ramUsedBytes', 'vitals.host.ramTotalBytes'],
    reducer: { file: 'src/reduce/samples.ts', symbol: 'hostSampled' },
  },
  path: 'vitals.host.ramUsedPercent',
  example: 95,
  consumers: [
    {
      widget: 'RunHeader',
      file: 'src/present/status-line.ts',
      symbol: 'system',
      form: '⚠ host 95%',
      usage: 'At the right end, above 90%',
    },
    {
      widget: 'Overwatch header',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: '⚠ host 95%',
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
    upstream: [
      { type: 'file', on: '/proc/meminfo', notes: 'Linux; elsewhere what the system tells' },
      { type: 'record', on: 'TELE-721', notes: 'The numerator' },
      { type: 'record', on: 'TELE-722', notes: 'The denominator' },
    ],
    downstream: [
      { type: 'record', on: 'TELE-741', notes: 'Devices in Alarm' },
      { type: 'human', on: 'Training operator', notes: 'Is the host about to run out of memory?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
