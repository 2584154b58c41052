import type { TelemetryRecord } from './record.ts';

export const TELE_770 = {
  id: 'TELE-770',
  figure: 'memoryUsagePercent',
  name: 'GPU Memory Usage Percentage',
  label: 'Mem, pool use',
  summary:
    'Share of the memory reserved by PyTorch’s caching allocator that tensors hold. Warning from 75%, critical above 90%; ' +
    'not shown where nothing is measured; a question mark tells that the figures cannot all be true.',
  priority: 'P1-important',
  purpose: {
    question:
      'How much of the reserved GPU memory is currently being used? Is GPU memory pressure affecting training?',
    who: ['operator', 'developer', 'researcher', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'percent (0–100)',
    range: [0, 100],
    precision: 'no decimals on the screen (`[Mem:45%]`), full precision in the snapshot',
    default: 0,
  },
  meaning: {
    formula: 'memoryUsagePercent = (cudaMemoryAllocatedGb / cudaMemoryReservedGb) * 100',
    text:
      'GPU memory in use by tensors, as a percentage of the memory that PyTorch’s caching allocator has reserved ' +
      'from the device. The rest of the reserved memory is cache: blocks whose tensors are gone, normally reusable ' +
      'at once. The figure says how full the pool is, not how full the device is.',
  },
  thresholds: {
    warning: { atLeast: 75 },
    critical: { above: 90 },
    meaning: {
      healthy: 'Safe operating range, the reserved memory is not constrained',
      warning: 'Approaching saturation of the reserved memory, monitor closely',
      critical: 'The reserved memory is nearly full: the next allocations must ask the device for more',
    },
    judgedAt: 'tamiyo.infrastructure.memoryStatus',
    widget: 'StatusBanner',
    styles: { healthy: 'dim', warning: 'yellow', critical: 'bold red' },
    examples: [
      [45, 'healthy', '[Mem:45%]'],
      [74.9, 'healthy', '[Mem:75%]'],
      [75, 'warning', '[Mem:75%]'],
      [82, 'warning', '[Mem:82%]'],
      [90, 'warning', '[Mem:90%]'],
      [90.1, 'critical', '[Mem:90%]'],
      [95, 'critical', '[Mem:95%]'],
    ],
  },
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
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['memory[].allocatedBytes', 'memory[].reservedBytes'] },
  schema: {
    type: 'InfrastructureMetrics',
    constituents: [
      'tamiyo.infrastructure.cudaMemoryAllocatedGb',
      'tamiyo.infrastructure.cudaMemoryReservedGb',
    ],
    reducer: { file: 'src/reduce/memory.ts', symbol: 'infrastructureOf' },
  },
  path: 'tamiyo.infrastructure.memoryUsagePercent',
  example: 45,
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/present/status-line.ts',
      symbol: 'memoryFigure',
      form: '[Mem:45%]',
      usage: 'After the batch counter, coloured by level; omitted when 0',
    },
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'poolRow',
      form: 'pool use 45%',
      usage: 'Below the ledger, with its history and the lines at 75 and 90 in a chart',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: '[Mem:45%]',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'pool use 45%',
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
      kind: 'unit (emitter)',
      file: 'src/emit/emit-ppo-update-event.test.ts',
      name: 'every metric reaches its field',
    },
    {
      kind: 'unit (reducer)',
      file: 'src/reduce/reduce.test.ts',
      name: 'is 0 and unmeasured without a reading, and 0 where nothing is reserved',
    },
    {
      kind: 'unit (reducer)',
      file: 'src/reduce/reduce.test.ts',
      name: 'a missing reading is a gap in the history, never a zero',
    },
    {
      kind: 'unit (reducer)',
      file: 'src/reduce/reduce.test.ts',
      name: 'keeps and flags what cannot be true',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
    { kind: 'visual (terminal)', file: 'src/sanctum/frame.test.ts', name: 'learning at 40×10' },
  ],
  dependencies: {
    upstream: [
      {
        type: 'hardware',
        on: 'CUDA device',
        notes: 'Real or simulated; without one the figure is 0 and not shown',
      },
      {
        type: 'library',
        on: 'torch.cuda.memory_stats_as_nested_dict',
        notes:
          'One call for all figures: `memory_allocated()` and `memory_reserved()` would each build the same dict anew',
      },
      { type: 'record', on: 'TELE-771', notes: 'The numerator' },
      { type: 'record', on: 'TELE-772', notes: 'The denominator' },
    ],
    downstream: [
      {
        type: 'record',
        on: 'TELE-030',
        notes: 'StatusBanner’s status colour: above 90% contributes a warning',
      },
      {
        type: 'record',
        on: 'TELE-741',
        notes: 'Memory alarm: part of the composite logic where the device’s totals are unknown',
      },
      { type: 'human', on: 'Training operator', notes: 'Sees warning and critical in real time' },
    ],
  },
  history: [
    {
      date: '2026-01-03',
      author: 'Audit',
      change: 'The original record: a document, its wiring ticked by hand',
    },
    {
      date: '2026-11-23',
      author: 'Esper',
      change: 'The record became code; its ticks are results of `esper records verify`',
    },
  ],
  notes: [
    [
      'Design decision',
      'A percentage scans better than absolute values: “80% full” against “92% full” is seen at a glance, while “6.2 GB of ' +
        '7.1 GB” asks for arithmetic. The absolute values are TELE-771 and TELE-772.',
    ],
    [
      'Exactly 75',
      'The table above says *warning* from 75 on, the original record’s widget coloured exactly 75 as healthy (`> 75`). The table wins, ' +
        'everywhere. Colours follow the value, not its rounding: 74.9 reads `[Mem:75%]` dim, 90.1 reads `[Mem:90%]` bold red.',
    ],
    [
      'CPU behaviour',
      'Without a GPU nothing is measured: the constituents are null, the figure is 0 (the one exception to “not measured ' +
        'is null”), its level is `unmeasured`, and the banner leaves it out.',
    ],
    [
      'The fragmentation trap',
      '`cudaMemoryFragmentation = 1 − allocated / reserved` (TELE-774) is the same ratio read backwards: 95% here is “too ' +
        'full”, 40% is “too fragmented”. Neither alone is a risk of running out of memory: 99% with 60 GiB free on the device ' +
        'is none, 50% with nothing free and shattered segments is. The original record called more than 90% an imminent risk; here ' +
        'it contributes a warning, and the memory alarm (TELE-740) asks the device and the allocator’s retries.',
    ],
    [
      'Outside the range',
      'More than 100% means that the sources contradict one another. The value is kept and flagged ' +
        '(`tamiyo.infrastructure.contradiction`), never clamped.',
    ],
    [
      'A field, not a property',
      'The original computed the figure in a property of a Python class. Here the reducer stores it, so that the terminal, the ' +
        'browser, exporters and tests all read the same number off the wire.',
    ],
    [
      'Precision',
      'The original’s “1 decimal place for display (`:.0f%`)” contradicts itself; its banner printed none, and so does ours.',
    ],
    [
      'Threshold rationale',
      '**75% warning:** allocation can spike during parameter updates; 75% leaves a quarter of the pool. **90% critical:** ' +
        'the original’s “less than 1 GB headroom on typical GPUs (8–10 GB)” holds where the pool cannot grow any more; where it ' +
        'can, headroom is what the device has free.',
    ],
  ],
  quotes: true,
} as const satisfies TelemetryRecord;
