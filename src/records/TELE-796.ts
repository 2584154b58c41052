import type { TelemetryRecord } from './record.ts';

export const TELE_796 = {
  id: 'TELE-796',
  figure: 'forecastUpdates',
  name: 'Updates to Out of Memory',
  label: 'updates to OOM',
  summary:
    'In how many updates memory runs out if it goes on like this, with the range that holds the truth in 90 of 100 cases; or that there is no trend.',
  priority: 'P0-critical',
  purpose: {
    question: 'When does it run out of memory?',
    who: ['operator', 'developer', 'automation'],
    when: ['on-demand', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'updates, from the newest one',
    range: null,
    precision: 'whole updates; always with its range',
    default: null,
  },
  meaning: {
    formula:
      'first update in which the line through what is left of the budget, with its scatter, is below zero',
    text: 'A robust line (Theil–Sen) is fitted to what was left of the budget at the peak of each update since the run began or last changed. Its future is drawn many times with what the fit leaves open; the median of the passages through zero is told, and the middle nine tenths of them as the range. Null unless the line falls beyond doubt and meets zero within ten times the length of what it was fitted to.',
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
  path: 'devices[].forecast.updates.mid',
  example: 40,
  consumers: [
    {
      widget: 'Report',
      file: 'src/report/figures-table.ts',
      symbol: 'memoryRows',
      form: 'Updates to out of memory 40 ',
      usage: 'With its range, and as a picture',
    },
    {
      widget: 'VerdictPanel',
      file: 'src/sanctum/VerdictPanel.ts',
      symbol: 'VerdictPanel',
      form: '(likeliest 40)',
      usage: 'Beside the range, in the sentence',
    },
    {
      widget: 'Overwatch verdict',
      file: 'src/web/Verdict.tsx',
      symbol: 'Verdict',
      form: '(likeliest 40)',
      usage: 'Beside the range, in the sentence',
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
      { type: 'record', on: 'TELE-761', notes: 'What is left is left of it' },
    ],
    downstream: [
      { type: 'record', on: 'TELE-797', notes: 'The same in minutes' },
      { type: 'human', on: 'Developer', notes: 'When does it run out of memory?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [
    [
      'Peaks of a whole run',
      'Where nobody resets the peaks they tell nothing of single updates: the line is then that of the memory at rest, and the peak above it is drawn from what is known of it.',
    ],
  ],
} as const satisfies TelemetryRecord;
