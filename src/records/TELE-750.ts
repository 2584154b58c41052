import type { TelemetryRecord } from './record.ts';

export const TELE_750 = {
  id: 'TELE-750',
  figure: 'allocRetries',
  name: 'Allocator Retries',
  label: 'retries',
  summary: 'Times the device refused memory and the allocator had to flush its cache and ask again: a stall.',
  priority: 'P0-critical',
  purpose: {
    question: 'Does the allocator stall the training?',
    who: ['operator', 'developer', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'integer',
    units: 'count',
    range: [0, null],
    precision: 'whole; bold red above 0',
    default: null,
  },
  meaning: {
    formula: 'allocRetries = sum of growth between readings',
    text: 'The allocator’s `num_alloc_retries`, summed over this log: each one waited for the device, gave back all cached segments and asked again. The reducer takes differences and recognises a reset.',
  },
  thresholds: null,
  source: {
    origin: 'The allocator’s counters, read once per device in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.collectInfrastructureMetrics',
    call: 'TrainingDevice.read()',
  },
  alsoFrom: [
    {
      origin: 'The real allocator, by the Python client',
      file: 'python/esper_telemetry/memory.py',
      symbol: 'Device._read',
      call: 'torch.cuda.memory_stats_as_nested_dict(device)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].allocRetries'] },
  schema: {
    type: 'DeviceState',
    constituents: [],
    reducer: { file: 'src/reduce/memory.ts', symbol: 'count' },
  },
  path: 'devices[].allocRetries',
  example: 3,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'counters',
      form: 'retries 3',
      usage: 'Among the counters',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'retries 3',
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
      name: 'grow by their difference; a fall is a reset, never negative; a gap keeps the sum',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [
      {
        type: 'library',
        on: 'torch.cuda.memory_stats_as_nested_dict',
        notes: 'One call for every figure of the allocator',
      },
      { type: 'hardware', on: 'CUDA device', notes: 'Real or simulated; without one nothing is measured' },
    ],
    downstream: [
      { type: 'record', on: 'TELE-798', notes: 'Updates at the Wall' },
      { type: 'record', on: 'TELE-754', notes: 'At the Wall' },
      { type: 'human', on: 'Training operator', notes: 'Does the allocator stall the training?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
