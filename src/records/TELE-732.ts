import type { TelemetryRecord } from './record.ts';

export const TELE_732 = {
  id: 'TELE-732',
  figure: 'utilizationPercent',
  name: 'GPU Utilization',
  label: 'busy',
  summary: 'Share of time in which any kernel ran on the device. Busy time, never memory.',
  priority: 'P2-useful',
  purpose: {
    question: 'Is the device working or waiting?',
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
  meaning: {
    formula: null,
    text: 'The driver’s figure: 100% means that something ran all the time, not that all of the device was in use.',
  },
  thresholds: null,
  source: {
    origin: 'The driver, sampled beside the training',
    file: 'src/emit/device-sampler.ts',
    symbol: 'DeviceSampler.start',
    call: 'nvidia-smi --query-gpu=… -lms 1000',
  },

  transport: { event: 'DEVICE_SAMPLED', fields: ['devices[].utilizationPercent'] },
  schema: {
    type: 'DeviceSample',
    file: 'src/contract/samples.ts',
    constituents: [],
    reducer: { file: 'src/reduce/ledger.ts', symbol: 'driverOf' },
  },
  path: 'devices[].driver.utilizationPercent',
  example: 63,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'counters',
      form: 'busy 63%',
      usage: 'Among the counters',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'busy 63%',
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
    downstream: [{ type: 'human', on: 'Training operator', notes: 'Is the device working or waiting?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
