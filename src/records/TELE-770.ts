import type { TelemetryRecord } from './record.ts';

export const TELE_770 = {
  id: 'TELE-770',
  figure: 'memoryUsagePercent',
  name: 'GPU Memory Usage Percentage',
  priority: 'P1-important',
  summary: 'Share of the GPU memory reserved by the caching allocator that tensors hold. High alone is no risk.',
  purpose: {
    question:
      'How much of the reserved GPU memory is currently being used? Is GPU memory pressure affecting training?',
    who: ['operator', 'developer', 'researcher', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    computed: true,
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
    examples: [
      [45, 'healthy'],
      [74.9, 'healthy'],
      [75, 'warning'],
      [82, 'warning'],
      [90, 'warning'],
      [90.1, 'critical'],
      [95, 'critical'],
    ],
  },
  source: {
    origin: 'The allocator’s counters, read once per device in every PPO update',
    file: 'src/ppo/agent.ts',
    symbol: 'PPOAgent.collectInfrastructureMetrics',
    call: 'torch.cuda.memory_stats_as_nested_dict(device)',
  },
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
      file: 'src/sanctum/StatusBanner.tsx',
      form: '[Mem:45%]',
      usage: 'After the batch counter, coloured by level; omitted when 0',
      styles: { healthy: 'dim', warning: 'yellow', critical: 'bold red' },
    },
  ],
  tests: [],
  manual: [
    'Start a training with a GPU: `npx esper ppo --episodes 10 --device sim:8GiB` (or `--device cuda`)',
    'Sanctum opens by itself; for a run elsewhere: `npx sanctum latest`',
    'Look at the StatusBanner, the first line below the header',
    '`[Mem:NN%]` stands after the batch counter',
    'As the load grows: `[Mem:45%]` dim, `[Mem:82%]` yellow, `[Mem:95%]` bold red',
    'With `--device cpu` there is no `[Mem:` at all',
  ],
  dependencies: {
    upstream: [
      { type: 'hardware', on: 'CUDA device', notes: 'Real or simulated; without one the figure is 0 and not shown' },
      { type: 'event', on: 'PPO_UPDATE_COMPLETED', notes: 'Read in the `update()` of every batch' },
      {
        type: 'library',
        on: 'torch.cuda.memory_stats_as_nested_dict',
        notes: 'One call for all figures: `memory_allocated()` and `memory_reserved()` would each build the same dict anew',
      },
      { type: 'record', on: 'TELE-771', notes: 'The numerator' },
      { type: 'record', on: 'TELE-772', notes: 'The denominator' },
    ],
    downstream: [
      { type: 'display', on: 'StatusBanner', notes: 'Above 90% it contributes a warning to the overall status' },
      { type: 'record', on: 'TELE-740', notes: 'Part of the composite alarm where the device’s totals are unknown' },
      { type: 'human', on: 'Training operator', notes: 'Sees warning and critical in real time' },
    ],
  },
  history: [
    {
      date: '2026-01-03',
      author: 'Audit',
      change: 'The seed: initial record with its wiring ticked by hand',
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
      'The table above says *warning* from 75 on, the seed’s widget coloured exactly 75 as healthy (`> 75`). The table wins, ' +
        'everywhere. Colours follow the value, not its rounding: 74.9 reads `[Mem:75%]` dim, 90.1 reads `[Mem:90%]` bold red.',
    ],
    [
      'CPU behaviour',
      'Without a GPU nothing is measured: the constituents are null, the figure is 0 by the seed’s exception to “not measured ' +
        'is null”, its level is `unmeasured`, and the banner leaves it out.',
    ],
    [
      'The fragmentation trap',
      '`cudaMemoryFragmentation = 1 − allocated / reserved` (TELE-774) is the same ratio read backwards: 95% here is “too ' +
        'full”, 40% is “too fragmented”. Neither alone is a risk of running out of memory: 99% with 60 GiB free on the device ' +
        'is none, 50% with nothing free and shattered segments is. The seed called more than 90% an imminent risk; here ' +
        'it contributes a warning, and the memory alarm (TELE-740) asks the device and the allocator’s retries.',
    ],
    [
      'Outside the range',
      'More than 100% means that the sources contradict one another. The value is kept and flagged ' +
        '(`tamiyo.infrastructure.contradiction`), never clamped.',
    ],
    [
      'A field, not a property',
      'The seed computed the figure in a property of a Python class. Here the reducer stores it, so that the terminal, the ' +
        'browser, exporters and tests all read the same number off the wire.',
    ],
    [
      'Precision',
      'The seed’s “1 decimal place for display (`:.0f%`)” contradicts itself; its banner printed none, and so does ours.',
    ],
    [
      'Threshold rationale',
      '**75% warning:** allocation can spike during parameter updates; 75% leaves a quarter of the pool. **90% critical:** ' +
        'the seed’s “less than 1 GB headroom on typical GPUs (8–10 GB)” holds where the pool cannot grow any more; where it ' +
        'can, headroom is what the device has free.',
    ],
  ],
} as const satisfies TelemetryRecord;
