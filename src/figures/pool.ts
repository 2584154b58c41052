/** Use of the reserved pool: TELE-770 and its neighbours. The formulas are in memory-reading.ts. */
import type { Family } from './figure.ts';
import { allocator } from './sources.ts';
import { bytes, fraction, gigabytes, percentage, text } from './units.ts';

export const pool = {
  memoryUsagePercent: {
    id: 'TELE-770',
    name: 'GPU Memory Usage Percentage',
    label: 'Mem, pool use',
    summary:
      'Share of the memory reserved by PyTorch’s caching allocator that tensors hold. Warning from {warning}%, critical above {critical}%; not shown where nothing is measured; a question mark marks figures that cannot all be true.',
    question:
      'How much of the reserved GPU memory is currently being used? Is GPU memory pressure affecting training?',
    meaning:
      'GPU memory in use by tensors, as a percentage of the memory that PyTorch’s caching allocator has reserved from the device. The rest of the reserved memory is cache: blocks whose tensors are gone, normally reusable at once. The figure shows how full the pool is, not how full the device is.',
    formula: 'memoryUsagePercent = (cudaMemoryAllocatedGb / cudaMemoryReservedGb) * 100',
    unit: {
      ...percentage,
      precision: 'no decimals on the screen (`[Mem:45%]`), full precision in the snapshot',
      default: 0,
    },
    priority: 'P1-important',
    readers: ['operator', 'developer', 'researcher', 'automation'],
    from: allocator('allocatedBytes', 'reservedBytes'),
    path: 'tamiyo.infrastructure.memoryUsagePercent',
    bounds: {
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
    of: ['tamiyo.infrastructure.cudaMemoryAllocatedGb', 'tamiyo.infrastructure.cudaMemoryReservedGb'],
    needs: { cudaMemoryAllocatedGb: 'The numerator', cudaMemoryReservedGb: 'The denominator' },
    feeds: {
      statusLevel: 'StatusBanner’s status colour: above 90% contributes a warning',
      memoryAlarmDevices: 'Memory alarm: part of the composite logic where the device’s totals are unknown',
    },
    serves: 'Sees warning and critical in real time',
    example: 45,
    shown: { bannerMemory: '[Mem:45%]', pool: 'pool use 45%' },
    metric: { name: 'esper.memory.usage', unit: '%', help: 'TELE-770: allocated / reserved × 100' },
    tests: [
      'src/emit/emit-ppo-update-event.test.ts#every metric reaches its field',
      'src/reduce/reduce.test.ts#is 0 and unmeasured without a reading, and 0 where nothing is reserved',
      'src/reduce/reduce.test.ts#a missing reading is a gap in the history, never a zero',
      'src/reduce/reduce.test.ts#keeps and flags what cannot be true',
      'src/sanctum/frame.test.ts#learning at 40×10',
    ],
    notes: [
      [
        'Design decision',
        'A percentage scans better than absolute values: “80% full” against “92% full” is seen at once, while “6.2 GB of 7.1 GB” asks for arithmetic. The absolute values are TELE-771 and TELE-772.',
      ],
      [
        'Exactly 75',
        'The table above sets *warning* from 75 on, the original record’s widget coloured exactly 75 as healthy (`> 75`). The table wins, everywhere. Colours follow the value, not its rounding: 74.9 reads `[Mem:75%]` dim, 90.1 reads `[Mem:90%]` bold red.',
      ],
      [
        'CPU behaviour',
        'Without a GPU nothing is measured: the constituents are null, the figure is 0 (the one exception to “not measured is null”), its level is `unmeasured`, and the banner leaves it out.',
      ],
      [
        'The fragmentation trap',
        '`cudaMemoryFragmentation = 1 − allocated / reserved` (TELE-774) is the same ratio read backwards: 95% here is “too full”, 40% is “too fragmented”. Neither alone is a risk of running out of memory: 99% with 60 GiB free on the device is none, 50% with nothing free and shattered segments is. The original record called more than 90% an imminent risk; here it contributes a warning, and the memory alarm (TELE-740) asks the device and the allocator’s retries.',
      ],
      [
        'Outside the range',
        'More than 100% means that the sources contradict one another. The value is kept and flagged (`tamiyo.infrastructure.contradiction`), never clamped.',
      ],
      [
        'A field, not a property',
        'The original computed the figure in a property of a Python class. Here the reducer stores it, so that the terminal, the browser, exporters and tests all read the same number off the wire.',
      ],
      [
        'Precision',
        'The original’s “1 decimal place for display (`:.0f%`)” contradicts itself; its banner printed none, and so does ours.',
      ],
      [
        'Threshold rationale',
        '**75% warning:** allocation can spike during parameter updates; 75% leaves a quarter of the pool. **90% critical:** the original’s “less than 1 GB headroom on typical GPUs (8–10 GB)” holds where the pool cannot grow any more; where it can, headroom is what the device has free.',
      ],
    ],
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
    quotes: true,
  },
  cudaMemoryAllocatedGb: {
    id: 'TELE-771',
    name: 'GPU Memory Allocated',
    label: 'allocated',
    summary: 'GPU memory held by tensors.',
    question: 'How much GPU memory do tensors hold?',
    meaning:
      'The allocator’s `allocated_bytes.all.current`. Named Gb as in the original record of TELE-770; it is GiB.',
    formula: 'cudaMemoryAllocatedGb = allocatedBytes / 1024³',
    unit: gigabytes,
    priority: 'P1-important',
    readers: ['operator', 'developer', 'researcher'],
    from: allocator('allocatedBytes'),
    path: 'tamiyo.infrastructure.cudaMemoryAllocatedGb',
    example: 4.5,
    shown: { pool: ['4.50 of 10.0 GiB allocated', 'allocated 4.50 of 10.0 GiB'] },
    tests: ['src/reduce/reduce.test.ts#a missing reading is a gap in the history, never a zero'],
  },
  cudaMemoryReservedGb: {
    id: 'TELE-772',
    name: 'GPU Memory Reserved',
    label: 'allocated (of)',
    summary: 'GPU memory that the caching allocator has taken from the device.',
    question: 'How much GPU memory does the allocator keep?',
    meaning: 'The allocator’s `reserved_bytes.all.current`: what tensors hold and what it keeps for reuse.',
    formula: 'cudaMemoryReservedGb = reservedBytes / 1024³',
    unit: gigabytes,
    priority: 'P1-important',
    readers: ['operator', 'developer', 'researcher'],
    from: allocator('reservedBytes'),
    path: 'tamiyo.infrastructure.cudaMemoryReservedGb',
    example: 10,
    shown: { pool: ['4.50 of 10.0 GiB allocated', 'allocated 4.50 of 10.0 GiB'] },
    tests: ['src/reduce/reduce.test.ts#a missing reading is a gap in the history, never a zero'],
  },
  cudaMemoryPeakGb: {
    id: 'TELE-773',
    name: 'GPU Memory Peak',
    label: 'peak',
    summary:
      'Most memory that tensors held at one time, since the run began or, where marked so, since the last update.',
    question: 'How close did it come?',
    meaning:
      'The allocator’s `allocated_bytes.all.peak`. Its scope depends on who resets it: “run” where nobody does, an upper bound for each update.',
    formula: 'cudaMemoryPeakGb = peakAllocatedBytes / 1024³',
    unit: gigabytes,
    priority: 'P1-important',
    readers: ['operator', 'developer', 'researcher'],
    from: allocator('peakAllocatedBytes'),
    path: 'tamiyo.infrastructure.cudaMemoryPeakGb',
    example: 5.25,
    shown: { counters: 'peak 5.25 GiB' },
    tests: ['src/reduce/reduce.test.ts#a missing reading is a gap in the history, never a zero'],
  },
  cudaMemoryFragmentation: {
    id: 'TELE-774',
    name: 'GPU Memory Idle Share',
    label: 'idle',
    summary:
      'Share of the reserved memory that no tensor holds now. A cache, usually reusable, and no risk by itself.',
    question: 'How much of the reserved memory lies idle?',
    meaning:
      'The share of the pool that no tensor holds. Most of it is cache that the next allocation reuses: between updates that is no fragmentation, which is measured at the peaks (TELE-777).',
    formula: 'cudaMemoryFragmentation = 1 − cudaMemoryAllocatedGb / cudaMemoryReservedGb',
    unit: { ...fraction, precision: 'two decimals' },
    priority: 'P2-useful',
    readers: ['developer', 'researcher'],
    from: allocator('allocatedBytes', 'reservedBytes'),
    path: 'tamiyo.infrastructure.cudaMemoryFragmentation',
    bounds: {
      warning: { above: 0.3 },
      critical: null,
      meaning: {
        healthy: 'Little of the pool lies idle',
        warning: 'Where it lasts, the advice below applies; no risk by itself',
      },
      judgedAt: null,
      widget: null,
      styles: {},
      examples: [
        [0.3, 'healthy', null],
        [0.301, 'warning', null],
      ],
    },
    of: ['tamiyo.infrastructure.cudaMemoryAllocatedGb', 'tamiyo.infrastructure.cudaMemoryReservedGb'],
    needs: { cudaMemoryAllocatedGb: 'The numerator', cudaMemoryReservedGb: 'The denominator' },
    example: 0.55,
    shown: { pool: 'idle 0.55' },
    tests: [
      'src/reduce/reduce.test.ts#a missing reading is a gap in the history, never a zero',
      'src/figures/memory-reading.test.ts#a pool of one segment of each kind is neither idle nor fragmented, however empty it is',
    ],
    notes: [
      [
        'Of no pool that is one segment',
        'PyTorch takes whole segments: 2 MiB for small tensors, 20 MiB for large ones. In a pool of at most one of each (22 MiB) the figure is null: what lies idle there is the rest of a segment.',
      ],
      [
        'The name',
        'The seed called this ratio fragmentation, and its field keeps that name. 6.4 of 23.4 GiB idle at rest after a peak of 22.5 is cache: at the peak 4% was not used.',
      ],
      [
        'The same ratio, read backwards',
        'TELE-770 calls this ratio “too full” where this one calls it “too fragmented”; neither alone is a risk of running out of memory, and neither this figure nor its level is part of the alarm.',
      ],
      ['Advice', 'Above 0.3 for long: consider activation checkpointing or smaller batches.'],
    ],
  },
  contradiction: {
    id: 'TELE-775',
    name: 'Contradiction',
    label: 'figures disagree',
    summary: 'Which of the figures cannot all be true.',
    question: 'Can I trust the memory figures?',
    meaning:
      'Allocated or active above reserved, reserved above what is used on the device, anything above the device’s total, a peak above the peak of what was reserved, or an update’s peak above its budget (pressure above 1, headroom below 0), as tagged pools and mixed sources produce; beyond what the source rounds by. The values are kept as they came, flagged, never clamped; the status shows a warning.',
    formula:
      'allocated > reserved, reserved > used on the device, a figure > device total, peak > peak reserved, or an update’s peak > budget',
    unit: text('a sentence', 'bold red'),
    priority: 'P1-important',
    readers: ['operator', 'developer', 'automation'],
    from: allocator('allocatedBytes', 'reservedBytes'),
    path: 'tamiyo.infrastructure.contradiction',
    of: ['tamiyo.infrastructure.cudaMemoryAllocatedGb', 'tamiyo.infrastructure.cudaMemoryReservedGb'],
    needs: {
      totalBytes: 'Reserved may not exceed it',
      cudaMemoryAllocatedGb: 'May not exceed TELE-772',
      cudaMemoryReservedGb: 'May not exceed TELE-731',
    },
    example: 'allocated 11.00 GiB exceeds reserved 10.00 GiB',
    shown: {
      memoryWarnings: 'figures disagree: allocated 11.00 GiB exceeds reserved 10.00 GiB',
      bannerReason: 'allocated 11.00 GiB exceeds reserved 10.00 GiB',
    },
    tests: ['src/reduce/reduce.test.ts#keeps and flags what cannot be true'],
  },
  peakReservedBytes: {
    id: 'TELE-776',
    name: 'GPU Memory Peak Reserved',
    label: 'peak reserved',
    summary:
      'Most memory that the allocator had reserved at one time, since the run began or, where marked so, since the last update.',
    question: 'How much of the device did the allocator take?',
    meaning:
      'The allocator’s `reserved_bytes.all.peak`. It has the scope of the peak of tensors. Some trainers print this figure only: it then takes the place of that peak.',
    unit: { ...bytes, precision: 'GiB, about three digits' },
    priority: 'P1-important',
    readers: ['operator', 'developer', 'researcher'],
    from: allocator('peakReservedBytes'),
    path: 'devices[].reading.peakReservedBytes',
    madeBy: 'src/reduce/memory.ts#deviceMemory',
    example: 10737418240,
    shown: { counters: 'peak reserved 10.0 GiB' },
    tests: [
      'src/reduce/memory-sampled.test.ts#a peak of a step is no current value, and makes no percentage',
      'src/sanctum/MemoryPanel.test.ts#a peak of reserved memory stands for the peak where it is all there is',
    ],
  },
  fragmentation: {
    id: 'TELE-777',
    name: 'GPU Memory Fragmentation',
    label: 'fragmentation',
    summary:
      'Share of the memory reserved at its peak that was not needed even at the peak of what was active, over the run.',
    question: 'How much memory does the allocator take that is never needed?',
    meaning:
      'The definition of the literature (GMLake, STAlloc: 9 to 43% in PyTorch). The peaks are `active_bytes.all.peak` and `reserved_bytes.all.peak`, the highest of all readings of the run, also where something resets them; `compare` takes those of each update where they are reset. Null where one of them was not read (allocated bytes do not stand for active ones), and where active exceeds reserved, which cannot be true (TELE-775). Both are reported under expandable segments, too, where nothing is known of stranded pieces (TELE-782).',
    formula: 'fragmentation = 1 − peak active / peak reserved',
    unit: { ...fraction, precision: 'two decimals' },
    priority: 'P1-important',
    readers: ['operator', 'developer', 'researcher'],
    from: allocator('peakActiveBytes', 'peakReservedBytes'),
    path: 'devices[].fragmentation',
    madeBy: 'src/reduce/memory.ts#deviceMemory',
    example: 0.25,
    shown: { counters: 'fragmentation 0.25' },
    metric: {
      name: 'esper.memory.fragmentation',
      unit: '1',
      help: 'TELE-777: 1 − peak active / peak reserved, over the run',
    },
    tests: [
      'src/figures/memory-reading.test.ts#fragmentation is what was reserved and not needed at the peaks, not what is idle at rest',
      'test/path/fragmentation.test.ts#is one figure in the snapshot, the report and a comparison, beside what is idle at rest',
    ],
    notes: [
      [
        'An upper bound',
        'The two peaks need not come at one time. What was reserved and not active when most was active is no more than their difference.',
      ],
      [
        'Of no pool that is one segment',
        'As TELE-774, it is null where no more than 22 MiB were reserved at the peak.',
      ],
      [
        'Several processes',
        'A run that was resumed has the peaks of all its processes: the most that was active, and the most that was reserved.',
      ],
    ],
  },
} as const satisfies Family;
