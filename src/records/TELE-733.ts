import type { TelemetryRecord } from './record.ts';

export const TELE_733 = {
  id: 'TELE-733',
  figure: 'temperatureCelsius',
  name: 'GPU Temperature',
  label: 'temp',
  summary: 'Temperature of the device.',
  priority: 'P2-useful',
  purpose: {
    question: 'Does the device throttle for heat?',
    who: ['operator', 'developer'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'float', units: '°C', range: [null, null], precision: 'no decimals', default: null },
  meaning: { formula: null, text: 'The driver’s figure, of the chip.' },
  thresholds: null,
  source: {
    origin: 'The driver, sampled beside the training',
    file: 'src/emit/device-sampler.ts',
    symbol: 'DeviceSampler.start',
    call: 'nvidia-smi --query-gpu=… -lms 1000',
  },

  transport: { event: 'DEVICE_SAMPLED', fields: ['devices[].temperatureCelsius'] },
  schema: {
    type: 'DeviceSample',
    file: 'src/contract/samples.ts',
    constituents: [],
    reducer: { file: 'src/reduce/ledger.ts', symbol: 'driverOf' },
  },
  path: 'devices[].driver.temperatureCelsius',
  example: 71,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'counters',
      form: 'temp 71 °C',
      usage: 'Among the counters',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'temp 71 °C',
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
    downstream: [{ type: 'human', on: 'Training operator', notes: 'Does the device throttle for heat?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
