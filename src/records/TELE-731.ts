import type { TelemetryRecord } from './record.ts';

export const TELE_731 = {
  id: 'TELE-731',
  figure: 'totalBytes',
  name: 'GPU Memory',
  label: 'device',
  summary: 'Memory of the device.',
  priority: 'P2-useful',
  purpose: {
    question: 'How large is the device?',
    who: ['operator', 'developer'],
    when: ['on-demand', 'post-hoc'],
  },
  specification: { type: 'integer', units: 'bytes', range: [0, null], precision: 'GiB', default: null },
  meaning: {
    formula: null,
    text: 'As `mem_get_info` or the driver tells it: a little less than the product’s name promises.',
  },
  thresholds: null,
  source: {
    origin: 'The device’s own count of free bytes, read with the allocator’s counters in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.collectInfrastructureMetrics',
    call: 'TrainingDevice.read()',
  },
  alsoFrom: [
    {
      origin: 'The real device, by the Python client',
      file: 'python/esper_telemetry/memory.py',
      symbol: 'Device._read_free',
      call: 'torch.cuda.mem_get_info(device)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].deviceTotalBytes'] },
  schema: {
    type: 'DeviceState',
    constituents: [],
    reducer: { file: 'src/reduce/ledger.ts', symbol: 'totalsOf' },
  },
  path: 'devices[].totalBytes',
  example: 17179869184,
  consumers: [
    { widget: 'RunHeader', file: 'src/sanctum/RunHeader.ts', form: '16.0 GiB', usage: 'After the device' },
    { widget: 'MemoryPanel', file: 'src/sanctum/MemoryPanel.ts', form: '16.0 GiB', usage: 'In the title' },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: '16.0 GiB',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    {
      kind: 'unit (emitter)',
      file: 'src/workloads/ppo/agent.test.ts',
      name: 'every update reads the device’s memory, at its end and before the rollout is freed',
    },
    {
      kind: 'unit (reducer)',
      file: 'src/reduce/reduce.test.ts',
      name: 'a device above 90% is one once it lasts, exactly 90% is none',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [
      { type: 'library', on: 'torch.cuda.mem_get_info', notes: 'One call for free and total' },
      { type: 'hardware', on: 'CUDA device', notes: 'Real or simulated; without one nothing is measured' },
    ],
    downstream: [
      { type: 'record', on: 'TELE-730', notes: 'GPU Memory Used' },
      { type: 'record', on: 'TELE-775', notes: 'Contradiction' },
      { type: 'record', on: 'TELE-786', notes: 'Ledger: Free' },
      { type: 'human', on: 'Training operator', notes: 'How large is the device?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
