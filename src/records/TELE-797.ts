import type { TelemetryRecord } from './record.ts';

export const TELE_797 = {
  id: 'TELE-797',
  figure: 'forecastMinutes',
  name: 'Time to Out of Memory',
  label: 'time to OOM',
  summary: 'The same as updates to OOM, at the pace of the newest updates.',
  priority: 'P1-important',
  purpose: {
    question: 'Is there time to act before it runs out of memory?',
    who: ['operator', 'automation'],
    when: ['on-demand', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'minutes',
    range: null,
    precision: 'seconds, minutes, hours or days; always with its range',
    default: null,
  },
  meaning: {
    formula: 'forecastMinutes = forecastUpdates × median time between updates',
    text: 'The updates until memory runs out, times the median time from one update to the next; pauses do not count. Null where the forecast is, or where the clock stood still.',
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
    fields: [
      'memory[].peakActiveBytes',
      'memory[].reservedBytes',
      'memory[].deviceFreeBytes',
      'memory[].deviceTotalBytes',
    ],
  },
  schema: {
    type: 'Forecast',
    constituents: [],
    reducer: { file: 'src/analysis/forecast.ts', symbol: 'forecast' },
  },
  document: 'report',
  path: 'devices[].forecast.minutes.mid',
  example: 40,
  consumers: [
    {
      widget: 'Report',
      file: 'src/report/figures-table.ts',
      symbol: 'memoryRows',
      form: 'Time to out of memory 40 min ',
      usage: 'Below the updates',
    },
    {
      widget: 'Overwatch verdict',
      file: 'src/web/Verdict.tsx',
      symbol: 'Verdict',
      form: '(likeliest 40), 40 min to',
      usage: 'Beside the updates, in the sentence',
    },
  ],
  tests: [
    {
      kind: 'integration (end-to-end)',
      file: 'test/report/whole-path.test.ts',
      name: 'a leak’s end is foreseen, in updates and minutes',
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
      { type: 'record', on: 'TELE-796', notes: 'The updates' },
    ],
    downstream: [
      { type: 'human', on: 'Developer', notes: 'Is there time to act before it runs out of memory?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
