import type { TelemetryRecord } from './record.ts';

export const TELE_794 = {
  id: 'TELE-794',
  figure: 'verdictKind',
  name: 'Verdict',
  label: 'verdict',
  summary:
    'What the run’s memory was found to be: leak, growth, spike, fragmentation, neighbour, cache starvation, allocator configuration, steady, or unmeasured. The report says why, and what to try.',
  priority: 'P0-critical',
  purpose: {
    question: 'What was it: a leak, a spike, fragmentation, a neighbour?',
    who: ['operator', 'developer', 'researcher', 'automation'],
    when: ['on-demand', 'post-hoc'],
  },
  specification: {
    type: 'text',
    units: 'none',
    range: null,
    precision: 'one word or two, with the confidence of each finding',
    default: 'unmeasured',
  },
  meaning: {
    formula: null,
    text: 'The kind of the worst device’s first finding. Several findings may hold at once; each carries its evidence, and how sure it is: certain where nothing else explains the figures, likely or possible where something else might.',
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
      'memory[].activeBytes',
      'memory[].peakActiveBytes',
      'memory[].reservedBytes',
      'memory[].deviceFreeBytes',
    ],
  },
  schema: {
    type: 'RunReport',
    constituents: [],
    reducer: { file: 'src/analysis/verdict.ts', symbol: 'verdictOf' },
  },
  document: 'report',
  path: 'verdict.kind',
  example: 'leak',
  consumers: [
    {
      widget: 'Report',
      file: 'src/report/figures-table.ts',
      symbol: 'memoryRows',
      form: 'Verdict leak',
      usage: 'First row of the figures, and at the head and the end of the report',
    },
    {
      widget: 'VerdictPanel',
      file: 'src/sanctum/VerdictPanel.ts',
      symbol: 'VerdictPanel',
      form: 'is leak',
      usage: 'First row, with the certainty and the others that hold',
    },
    {
      widget: 'Overwatch verdict',
      file: 'src/web/Verdict.tsx',
      symbol: 'Verdict',
      form: 'Verdict leak',
      usage: 'At the head, in its own colour',
    },
  ],
  tests: [
    {
      kind: 'integration (end-to-end)',
      file: 'test/report/whole-path.test.ts',
      name: '%s is told as %s, first and last',
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
    downstream: [
      { type: 'human', on: 'Developer', notes: 'What was it: a leak, a spike, fragmentation, a neighbour?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [
    [
      'Not an alarm',
      'An alarm says that it happens now, from one reading. The verdict says what it was, from the course of the whole run, and may say that it cannot be told.',
    ],
  ],
} as const satisfies TelemetryRecord;
