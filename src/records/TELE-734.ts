import type { TelemetryRecord } from './record.ts';

export const TELE_734 = {
  id: 'TELE-734',
  figure: 'powerWatts',
  name: 'GPU Power',
  label: 'power',
  summary: 'Power that the device draws.',
  priority: 'P2-useful',
  purpose: {
    question: 'How hard does the device work?',
    who: ['operator', 'developer'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'float', units: 'W', range: [0, null], precision: 'no decimals', default: null },
  meaning: { formula: null, text: 'The driver’s figure, a short average.' },
  thresholds: null,
  source: {
    origin: 'The driver, sampled beside the training',
    file: 'src/emit/device-sampler.ts',
    symbol: 'DeviceSampler.start',
    call: 'nvidia-smi --query-gpu=… -lms 1000',
  },

  transport: { event: 'DEVICE_SAMPLED', fields: ['devices[].powerWatts'] },
  schema: {
    type: 'DeviceSample',
    file: 'src/contract/samples.ts',
    constituents: [],
    reducer: { file: 'src/reduce/ledger.ts', symbol: 'driverOf' },
  },
  path: 'devices[].driver.powerWatts',
  example: 285,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'counters',
      form: 'power 285 W',
      usage: 'Among the counters',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'power 285 W',
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
    upstream: [{ type: 'command', on: 'nvidia-smi', notes: 'Absent: not measured, no error' }],
    downstream: [{ type: 'human', on: 'Training operator', notes: 'How hard does the device work?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
