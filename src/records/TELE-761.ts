import type { TelemetryRecord } from './record.ts';

export const TELE_761 = {
  id: 'TELE-761',
  figure: 'budgetBytes',
  name: 'Memory Budget',
  label: 'budget',
  summary:
    'What the process could have at most now: its pool and what the device has free, up to the process’s own limit.',
  priority: 'P1-important',
  purpose: {
    question: 'How much memory is there to have?',
    who: ['operator', 'developer', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'integer',
    units: 'bytes',
    range: [0, null],
    precision: 'GiB, about three digits',
    default: null,
  },
  meaning: {
    formula:
      'budgetBytes = reservedBytes + max(0, min(deviceFreeBytes, processFraction × deviceTotalBytes − reservedBytes))',
    text: 'It falls when another process takes memory of the device, and is at most the fraction of the device that the process was given (`set_per_process_memory_fraction`; 1 where it is not told).',
  },
  thresholds: null,
  source: {
    origin: 'The allocator’s counters and the device’s free bytes, read once per device in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.collectInfrastructureMetrics',
    call: 'TrainingDevice.read()',
  },
  alsoFrom: [
    {
      origin: 'The real allocator and device, by the Python client',
      file: 'python/esper_telemetry/memory.py',
      symbol: 'Device._read',
      call: 'torch.cuda.memory_stats_as_nested_dict(device)',
    },
  ],
  transport: {
    event: 'PPO_UPDATE_COMPLETED',
    fields: ['memory[].reservedBytes', 'memory[].deviceFreeBytes', 'memory[].deviceTotalBytes'],
  },
  schema: {
    type: 'MemoryPressure',
    constituents: [],
    reducer: { file: 'src/reduce/pressure.ts', symbol: 'pressureOf' },
  },
  path: 'devices[].pressure.budgetBytes',
  example: 14 * 1024 ** 3,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'pressureRow',
      form: 'budget 14.0 GiB',
      usage: 'Beside the pressure',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'budget 14.0 GiB',
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
      file: 'src/reduce/pressure.test.ts',
      name: 'the budget ends at the process’s own limit, and where a neighbour begins',
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
      { type: 'library', on: 'torch.cuda.mem_get_info', notes: 'One call for free and total' },
      { type: 'hardware', on: 'CUDA device', notes: 'Real or simulated; without one nothing is measured' },
    ],
    downstream: [
      { type: 'record', on: 'TELE-796', notes: 'Updates to Out of Memory' },
      { type: 'record', on: 'TELE-760', notes: 'Memory Pressure' },
      { type: 'record', on: 'TELE-762', notes: 'Memory Headroom' },
      { type: 'record', on: 'TELE-763', notes: 'Memory Headroom at Best' },
      { type: 'human', on: 'Training operator', notes: 'How much memory is there to have?' },
    ],
  },
  history: [{ date: '2026-11-24', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
