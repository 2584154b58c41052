import type { TelemetryRecord } from './record.ts';

export const TELE_799 = {
  id: 'TELE-799',
  figure: 'spikes',
  name: 'Spikes',
  label: 'spikes',
  summary:
    'Updates that needed far more memory than those around them; the highest are named with their batch.',
  priority: 'P1-important',
  purpose: {
    question: 'Which updates need far more than the others?',
    who: ['developer', 'researcher'],
    when: ['on-demand', 'post-hoc'],
  },
  specification: {
    type: 'integer',
    units: 'updates',
    range: null,
    precision: 'whole, with the height and batch of the highest',
    default: 0,
  },
  meaning: {
    formula:
      'peak above the median of its neighbours by a tenth of the budget and six of their robust standard deviations, and falling back at once',
    text: 'What is still needed some updates later is a step, not a spike. Where only the peak of the whole run is told, a jump of it counts that nothing else follows: no memory at rest, no more work, no longer updates. 0 where peaks are not told; the report then says “not measured”.',
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
    fields: ['memory[].peakActiveBytes', 'memory[].reservedBytes', 'memory[].deviceFreeBytes'],
  },
  schema: {
    type: 'DeviceReport',
    constituents: [],
    reducer: { file: 'src/analysis/spikes.ts', symbol: 'SpikeFinder' },
  },
  document: 'report',
  path: 'devices[].spikes.count',
  example: 2,
  consumers: [
    {
      widget: 'Report',
      file: 'src/report/figures-table.ts',
      symbol: 'memoryRows',
      form: 'Spikes 2 ',
      usage: 'Among the figures; as marks in the plot of need and budget',
    },
  ],
  tests: [
    {
      kind: 'integration (end-to-end)',
      file: 'test/report/whole-path.test.ts',
      name: 'spikes are counted, and the highest named with its batch',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
    { kind: 'unit (display)', file: 'test/report/golden.test.ts', name: 'on a terminal' },
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
    downstream: [{ type: 'human', on: 'Developer', notes: 'Which updates need far more than the others?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
