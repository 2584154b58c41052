import type { TelemetryRecord } from './record.ts';

export const TELE_795 = {
  id: 'TELE-795',
  figure: 'lostFraction',
  name: 'Lost Time',
  label: 'lost time',
  summary:
    'Share of the run’s time that went to stalls of the allocator, with the interval that holds the truth in 95 of 100 cases; or that there is no evidence of any.',
  priority: 'P0-critical',
  purpose: {
    question: 'Is memory pressure affecting training?',
    who: ['operator', 'developer', 'researcher'],
    when: ['on-demand', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'fraction of the time of the updates looked at; below 0 where busy updates were faster',
    range: null,
    precision: 'percent, two digits; always with its interval',
    default: null,
  },
  meaning: {
    formula:
      'lostFraction = Σ (time of busy updates − median of quiet neighbours that did the same work) / Σ time',
    text: 'Updates in which the allocator was busier than usual (refusals, device allocations and frees, synchronised streams) are held against the nearest quiet updates that did the same work. Quiet updates held against each other in the same way tell how much of the difference is chance. Where the interval does not lie above zero, the answer is “no evidence”. Null where nothing was compared.',
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
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].allocRetries'] },
  schema: {
    type: 'Attribution',
    constituents: [],
    reducer: { file: 'src/analysis/attribution.ts', symbol: 'Attributor' },
  },
  document: 'report',
  path: 'devices[].attribution.lostFraction.mid',
  example: 0.08,
  consumers: [
    {
      widget: 'Report',
      file: 'src/report/figures-table.ts',
      symbol: 'memoryRows',
      form: 'Lost time 8.0% ',
      usage: 'With its interval, and how many updates it rests on',
    },
    {
      widget: 'VerdictPanel',
      file: 'src/sanctum/VerdictPanel.ts',
      symbol: 'VerdictPanel',
      form: 'cost 8.0%',
      usage: 'With its interval, and what it rests on',
    },
    {
      widget: 'Overwatch verdict',
      file: 'src/web/Verdict.tsx',
      symbol: 'Verdict',
      form: 'What did it cost? 8.0% of the time',
      usage: 'With its interval, and what it rests on',
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
    ],
    downstream: [{ type: 'human', on: 'Developer', notes: 'Is memory pressure affecting training?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [
    [
      'Warm-up',
      'The first updates of each process are left out: compiling and filling caches take time that no pressure caused.',
    ],
  ],
} as const satisfies TelemetryRecord;
