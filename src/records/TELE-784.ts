import type { TelemetryRecord } from './record.ts';

export const TELE_784 = {
  id: 'TELE-784',
  figure: 'neighbourBytes',
  name: 'Ledger: Neighbours',
  label: 'neighbours',
  summary: 'Other processes on the device.',
  priority: 'P1-important',
  purpose: {
    question: 'Does someone else use this device?',
    who: ['operator', 'developer'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'bytes', range: [0, null], precision: 'GiB', default: null },
  meaning: {
    formula: 'neighbourBytes = otherBytes − contextBytes',
    text: 'What is used on the device and not by this process.',
  },
  thresholds: null,
  source: {
    origin: 'The driver, sampled beside the training',
    file: 'src/emit/device-sampler.ts',
    symbol: 'DeviceSampler.start',
    call: 'nvidia-smi --query-gpu=… -lms 1000',
  },

  transport: { event: 'DEVICE_SAMPLED', fields: ['devices[].usedBytes', 'devices[].processes[].usedBytes'] },
  schema: {
    type: 'Ledger',
    constituents: ['devices[].ledger.otherBytes', 'devices[].ledger.contextBytes'],
    reducer: { file: 'src/reduce/ledger.ts', symbol: 'ledgerOf' },
  },
  path: 'devices[].ledger.neighbourBytes',
  example: 1342177280,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/ledger-bar.ts',
      symbol: 'ledgerLegend',
      form: 'neighbours 1.3',
      usage: 'Part of the bar',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'neighbours 1.3',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    {
      kind: 'unit (emitter)',
      file: 'src/emit/device-sampler.test.ts',
      name: 'emits each interval’s devices as one event, from one process, and ends it',
    },
    {
      kind: 'unit (reducer)',
      file: 'src/reduce/reduce.test.ts',
      name: 'two ranks on two devices of one host: none is swapped, though the driver lists them the other way round',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [
      { type: 'command', on: 'nvidia-smi', notes: 'Absent: not measured, no error' },
      { type: 'record', on: 'TELE-783', notes: 'Taken off' },
      { type: 'record', on: 'TELE-785', notes: 'The whole' },
    ],
    downstream: [{ type: 'human', on: 'Training operator', notes: 'Does someone else use this device?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
