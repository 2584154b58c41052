import type { TelemetryRecord } from './record.ts';

export const TELE_783 = {
  id: 'TELE-783',
  figure: 'contextBytes',
  name: 'Ledger: Context',
  label: 'context',
  summary: 'This process outside torch’s allocator: the CUDA context, NCCL, other libraries.',
  priority: 'P2-useful',
  purpose: {
    question: 'What does the process take beside its tensors?',
    who: ['developer'],
    when: ['real-time', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'bytes', range: [0, null], precision: 'GiB', default: null },
  meaning: {
    formula: 'contextBytes = used by this process − reservedBytes',
    text: 'What the driver charges to this process less what torch has reserved. Unknown where the driver hides processes, as in most containers.',
  },
  thresholds: null,
  source: {
    origin: 'The driver, sampled beside the training',
    file: 'src/emit/device-sampler.ts',
    symbol: 'DeviceSampler.start',
    call: 'nvidia-smi --query-gpu=… -lms 1000',
  },

  transport: { event: 'DEVICE_SAMPLED', fields: ['devices[].processes[].usedBytes'] },
  schema: { type: 'Ledger', constituents: [], reducer: { file: 'src/reduce/ledger.ts', symbol: 'ledgerOf' } },
  path: 'devices[].ledger.contextBytes',
  example: 805306368,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/ledger-bar.ts',
      symbol: 'ledgerLegend',
      form: 'context 0.8',
      usage: 'Part of the bar',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'context 0.8',
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
      { type: 'record', on: 'TELE-772', notes: 'Taken off' },
    ],
    downstream: [
      { type: 'record', on: 'TELE-784', notes: 'Ledger: Neighbours' },
      { type: 'human', on: 'Developer', notes: 'What does the process take beside its tensors?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
