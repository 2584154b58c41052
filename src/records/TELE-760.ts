import type { TelemetryRecord } from './record.ts';

export const TELE_760 = {
  id: 'TELE-760',
  figure: 'pressureFraction',
  name: 'Memory Pressure',
  label: 'pressure',
  summary:
    'What the process needed at its peak, of what it could have at most: its pool and the device’s free memory, up to its own limit. ≤ tells that the peak is that of the whole run. Warning above 0.8, critical above 0.9.',
  priority: 'P0-critical',
  purpose: {
    question: 'Is it about to run out of memory?',
    who: ['operator', 'developer', 'researcher', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'fraction (1: nothing is left)',
    range: [0, null],
    precision: 'two decimals',
    default: null,
  },
  meaning: {
    formula: 'pressureFraction = peakBytes / budgetBytes',
    text: 'The peak of what tensors held (active where it is told, or else allocated), as a share of the budget (TELE-761). Unlike the use of the reserved pool (TELE-770) it knows the device, its other users and the process’s own limit. Above 1 the peak would not fit any more: a neighbour took what it needed.',
  },
  thresholds: {
    warning: { above: 0.8 },
    critical: { above: 0.9 },
    meaning: {
      healthy: 'A fifth of what there is to have was left at the peak',
      warning: 'Little is left: a longer sequence or a larger batch may not fit',
      critical: 'Hardly anything is left: out of memory is near',
    },
    judgedAt: 'devices[].pressure.status',
    widget: 'StatusBanner',
    styles: { healthy: 'plain', warning: 'yellow', critical: 'bold red' },
    examples: [
      [0.71, 'healthy', '0.71'],
      [0.8, 'healthy', '0.80'],
      [0.804, 'warning', '0.80'],
      [0.86, 'warning', '0.86'],
      [0.9, 'warning', '0.90'],
      [0.904, 'critical', '0.90'],
      [0.97, 'critical', '0.97'],
    ],
  },
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
    type: 'MemoryPressure',
    constituents: ['devices[].pressure.budgetBytes'],
    reducer: { file: 'src/reduce/pressure.ts', symbol: 'pressureOf' },
  },
  path: 'devices[].pressure.pressureFraction',
  example: 0.71,
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/present/status-line.ts',
      symbol: 'pressureFigure',
      form: 'pressure 0.71',
      usage: 'After [Mem:…], coloured by level',
    },
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'pressureRow',
      form: 'pressure 0.71',
      usage: 'Below the pool’s row',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: 'pressure 0.71',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'pressure 0.71',
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
      name: 'is the peak over what the process could have at most',
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
      { type: 'record', on: 'TELE-761', notes: 'The denominator' },
    ],
    downstream: [
      { type: 'record', on: 'TELE-030', notes: 'Critical is a critical alarm at once' },
      { type: 'human', on: 'Training operator', notes: 'Is it about to run out of memory?' },
    ],
  },
  history: [{ date: '2026-11-24', author: 'Esper', change: 'Initial record' }],
  notes: [
    [
      'Not TELE-770',
      '“Pool use 95%” says that the pool is full; the pool may grow. Pressure 0.95 says that there is nowhere left to grow. The two stand side by side and are judged apart.',
    ],
    [
      'Scope of the peak',
      'A peak since the last update is this update’s. Where nobody resets the peaks they are those of the whole run: the figure is then an upper bound and shown as `pressure ≤0.71`. It is judged all the same: what was needed once may be needed again.',
    ],
    [
      'Threshold rationale',
      'Stranded pieces and the largest single request are not in the figure: in the scenarios with known truth the first refusal came between 0.9 and 1. **0.8** leaves one more such step.',
    ],
  ],
} as const satisfies TelemetryRecord;
