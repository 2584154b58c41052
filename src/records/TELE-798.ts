import type { TelemetryRecord } from './record.ts';

export const TELE_798 = {
  id: 'TELE-798',
  figure: 'updatesAtTheWall',
  name: 'Updates at the Wall',
  label: 'updates at wall',
  summary: 'Updates of the run in which the device refused memory, at first or for good.',
  priority: 'P1-important',
  purpose: {
    question: 'How often was the run at its limit?',
    who: ['operator', 'developer', 'researcher'],
    when: ['on-demand', 'post-hoc'],
  },
  specification: {
    type: 'integer',
    units: 'updates',
    range: null,
    precision: 'whole',
    default: null,
  },
  meaning: {
    formula: 'updatesAtTheWall = number of updates with Δ allocRetries + Δ ooms > 0',
    text: 'Of all updates of the run, those in which a counter of refusals grew. One update may hold several refusals (TELE-750). Null where the counters are not told. The refusal that ends a run is in no reading, and not among them.',
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
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].allocRetries', 'memory[].ooms'] },
  schema: {
    type: 'DeviceReport',
    constituents: [],
    reducer: { file: 'src/analysis/device.ts', symbol: 'DeviceAnalyser.take' },
  },
  document: 'report',
  path: 'devices[].updatesAtTheWall',
  example: 7,
  consumers: [
    {
      widget: 'Report',
      file: 'src/report/figures-table.ts',
      symbol: 'memoryRows',
      form: 'Updates at the wall 7 ',
      usage: 'Among the figures; as marks below the plot of need and budget',
    },
    {
      widget: 'Overwatch verdict',
      file: 'src/web/Verdict.tsx',
      symbol: 'Verdict',
      form: '7 allocations failed at first, in 7 updates',
      usage: 'In the sentence on how close the end is',
    },
  ],
  tests: [
    {
      kind: 'integration (end-to-end)',
      file: 'test/report/whole-path.test.ts',
      name: 'lost time and updates at the wall are those that the scenario made',
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
      { type: 'record', on: 'TELE-750', notes: 'Their number' },
      { type: 'record', on: 'TELE-751', notes: 'Their number' },
    ],
    downstream: [{ type: 'human', on: 'Developer', notes: 'How often was the run at its limit?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
