/** Memory pressure: what the peak needed of what there is to have. The formulas are in memory-reading.ts. */
import type { Family } from './figure.ts';
import { allocatorAndDevice } from './sources.ts';
import { bytes, gigabytes } from './units.ts';

export const pressure = {
  pressureFraction: {
    id: 'TELE-760',
    name: 'Memory Pressure',
    label: 'pressure',
    summary:
      'What the process needed at its peak, of what it could have at most: its pool and the device’s free memory, up to its own limit. ≤ marks a peak of the whole run. Warning above {warning}, critical above {critical}.',
    question: 'Is it about to run out of memory?',
    meaning:
      'The peak of what tensors held (active where it is reported, else allocated), as a share of the budget (TELE-761). Unlike the use of the reserved pool (TELE-770) it knows the device, its other users and the process’s own limit. Above 1 the peak would not fit any more: a neighbour took what it needed.',
    formula: 'pressureFraction = peakBytes / budgetBytes',
    unit: { ...gigabytes, units: 'fraction (1: nothing is left)', precision: 'two decimals' },
    priority: 'P0-critical',
    readers: ['operator', 'developer', 'researcher', 'automation'],
    from: allocatorAndDevice('peakActiveBytes', 'reservedBytes', 'deviceFreeBytes', 'deviceTotalBytes'),
    path: 'devices[].pressure.pressureFraction',
    bounds: {
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
    of: ['devices[].pressure.budgetBytes'],
    needs: { budgetBytes: 'The denominator' },
    example: 0.71,
    shown: { bannerPressure: 'pressure 0.71', pressure: 'pressure 0.71' },
    metric: { name: 'esper.memory.pressure', unit: '1', help: 'TELE-760: peak / budget' },
    tests: ['src/reduce/pressure.test.ts#is the peak over what the process could have at most'],
    notes: [
      [
        'Not TELE-770',
        '“Pool use 95%” means that the pool is full; the pool may grow. Pressure 0.95 means that there is almost no room left to grow. The two stand side by side and are judged apart.',
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
  },
  budgetBytes: {
    id: 'TELE-761',
    name: 'Memory Budget',
    label: 'budget',
    summary:
      'What the process could have at most now: its pool and what the device has free, up to the process’s own limit.',
    question: 'How much memory is there to have?',
    meaning:
      'It falls when another process takes memory of the device, and is at most the fraction of the device that the process was given (`set_per_process_memory_fraction`; 1 where it is unknown).',
    formula:
      'budgetBytes = reservedBytes + max(0, min(deviceFreeBytes, processFraction × deviceTotalBytes − reservedBytes))',
    unit: { ...bytes, precision: 'GiB, about three digits' },
    priority: 'P1-important',
    readers: ['operator', 'developer', 'automation'],
    from: allocatorAndDevice('reservedBytes', 'deviceFreeBytes', 'deviceTotalBytes'),
    path: 'devices[].pressure.budgetBytes',
    example: 15032385536,
    shown: { pressure: 'budget 14.0 GiB' },
    tests: [
      'src/reduce/pressure.test.ts#the budget ends at the process’s own limit, and where a neighbour begins',
    ],
  },
  headroomBytes: {
    id: 'TELE-762',
    name: 'Memory Headroom',
    label: 'headroom',
    summary:
      'What was left of the budget at the peak, stranded pieces counted as lost; the lower of the two figures. ≥ marks a peak of the whole run.',
    question: 'How much more may it need?',
    meaning:
      'The cautious figure: no stranded piece can be used. Null where the allocator does not report what is stranded (expandable segments), and below 0 where the peak would not fit any more.',
    formula: 'headroomBytes = budgetBytes − peakBytes − inactiveSplitBytes',
    unit: { ...bytes, range: [null, null], precision: 'GiB, about three digits' },
    priority: 'P1-important',
    readers: ['operator', 'developer', 'automation'],
    from: allocatorAndDevice('inactiveSplitBytes', 'peakActiveBytes'),
    path: 'devices[].pressure.headroomBytes',
    metric: { name: 'esper.memory.headroom', unit: 'By', help: 'TELE-762: budget − peak − stranded' },
    of: ['devices[].pressure.budgetBytes', 'devices[].ledger.strandedBytes'],
    needs: { budgetBytes: 'What there is to have', strandedBytes: 'What cannot be used' },
    example: 2147483648,
    shown: { bannerHeadroom: 'headroom 2.00–', pressure: 'headroom 2.00–' },
    tests: ['src/reduce/pressure.test.ts#headroom lies between all stranded pieces lost and all used'],
  },
  headroomAtBestBytes: {
    id: 'TELE-763',
    name: 'Memory Headroom at Best',
    label: 'headroom at best',
    summary:
      'What was left of the budget at the peak, if every stranded piece can be used; the higher of the two figures.',
    question: 'How much more may it need at best?',
    meaning:
      'The hopeful figure, and the only one where the allocator does not report what is stranded; it is then shown with ≤.',
    formula: 'headroomAtBestBytes = budgetBytes − peakBytes',
    unit: { ...bytes, range: [null, null], precision: 'GiB, about three digits' },
    priority: 'P2-useful',
    readers: ['developer', 'automation'],
    from: allocatorAndDevice('peakActiveBytes'),
    path: 'devices[].pressure.headroomAtBestBytes',
    of: ['devices[].pressure.budgetBytes'],
    needs: { budgetBytes: 'What there is to have' },
    example: 2415919104,
    shown: { bannerHeadroom: '–2.25 GiB', pressure: '–2.25 GiB' },
    tests: ['src/reduce/pressure.test.ts#headroom lies between all stranded pieces lost and all used'],
  },
} as const satisfies Family;
