/** A reading: formulas, bounds, counters, and whose figure it is. */
import type { Mutation } from './mutation.ts';

const pressure = 'src/reduce/pressure.test.ts';
const reduction = 'src/reduce/reduce.test.ts';

export const figures: readonly Mutation[] = [
  {
    rule: 'pressure is peak over budget',
    file: 'src/figures/memory-reading.ts',
    from: 'peakBytes === null || !budgetBytes ? null : peakBytes / budgetBytes',
    to: 'peakBytes === null || !budgetBytes ? null : peakBytes / (budgetBytes + peakBytes)',
    test: [pressure, 'is the peak over what the process could have at most'],
  },
  {
    rule: 'the active peak comes before the allocated one',
    file: 'src/figures/memory-reading.ts',
    from: 'reading.peakActiveBytes ?? reading.peakAllocatedBytes',
    to: 'reading.peakAllocatedBytes ?? reading.peakActiveBytes',
    test: [pressure, 'takes the active peak where it is reported'],
  },
  {
    rule: 'a pool of one segment of each kind is neither idle nor fragmented',
    file: 'src/figures/memory-reading.ts',
    from: 'reservedBytes == null || reservedBytes <= LEAST_POOL_BYTES',
    to: 'reservedBytes == null || reservedBytes <= 0',
    test: [
      'src/figures/memory-reading.test.ts',
      'a pool of one segment of each kind is neither idle nor fragmented',
    ],
  },
  {
    rule: 'allocated bytes do not stand for active ones in fragmentation',
    file: 'src/figures/memory-reading.ts',
    from: 'peakActiveBytes == null || peakReservedBytes == null',
    to: 'peakReservedBytes == null',
    test: [
      'src/figures/memory-reading.test.ts',
      'fragmentation is what was reserved and not needed at the peaks',
    ],
  },
  {
    rule: 'what is stranded at rest and in use at the peak is cache',
    file: 'src/analysis/rules/fragmentation.ts',
    from: 'Math.min(strandedBytes, unusedAtPeakBytes ?? strandedBytes)',
    to: 'strandedBytes',
    test: [
      'test/path/fragmentation.test.ts',
      'what is stranded at rest and in use at the peak is no finding',
    ],
  },
  {
    rule: 'reserved bytes stand for their peak where that was not read, and are no reason to call cache pieces',
    file: 'src/figures/memory-reading.ts',
    from: 'const reserved = peakReservedBytes ?? reservedBytes;',
    to: 'const reserved = peakReservedBytes;',
    test: [
      'test/path/fragmentation.test.ts',
      'whatever else was read or refused, no text calls such a cache fragmentation',
    ],
  },
  {
    rule: 'a peak of unknown scope is an upper bound',
    file: 'src/figures/memory-reading.ts',
    from: "reading.peakScope !== 'update'",
    to: "reading.peakScope === 'run'",
    test: [pressure, 'a peak of the whole run, or of unknown scope, is an upper bound'],
  },
  {
    rule: 'the budget ends at the process’s own limit',
    file: 'src/figures/memory-reading.ts',
    from: 'Math.min(free, limit - reserved)',
    to: 'free',
    test: [pressure, 'the budget ends at the process’s own limit'],
  },
  {
    rule: 'headroom counts the stranded pieces, in a comparison too',
    file: 'src/figures/memory-reading.ts',
    from: 'difference(headroomAtBestBytesOf(need), need.strandedBytes)',
    to: 'headroomAtBestBytesOf(need)',
    test: [
      'test/path/one-answer.test.ts',
      'headroom is what is left beside the peak and the stranded pieces',
    ],
  },
  {
    rule: 'a bound that is reached is met: 75 is a warning',
    file: 'src/figures/bounds.ts',
    from: "if ('atLeast' in bound) return value >= bound.atLeast;",
    to: "if ('atLeast' in bound) return value > bound.atLeast;",
    test: [reduction, 'TELE-770 7.5 of 10 GiB is 75 percent, warning'],
  },
  {
    rule: 'a bound to be exceeded is not met where it is reached: 90 is no critical use',
    file: 'src/figures/bounds.ts',
    from: 'value > bound.above',
    to: 'value >= bound.above',
    test: [reduction, 'TELE-770 9 of 10 GiB is 90 percent, warning'],
  },
  {
    rule: 'a counter that fell was reset: all of it is new',
    file: 'src/figures/counters.ts',
    from: '(now >= before ? now - before : now)',
    to: '(now >= before ? now - before : 0)',
    test: [reduction, 'counters grow by their difference; a fall is a reset'],
  },
  {
    rule: 'an event that was there before is passed over',
    file: 'src/reduce/index.ts',
    from: '    rank.repeatedEvents++;\n    return null;',
    to: '    rank.repeatedEvents++;',
    test: [reduction, 'lost, repeated and unknown events are counted'],
  },
  {
    rule: 'a device is the driver’s by UUID, never by index',
    file: 'src/reduce/ledger.ts',
    from: 'return ours === theirs;',
    to: 'return true;',
    test: [reduction, 'two ranks on two devices of one host: none is swapped'],
  },
  {
    rule: 'health is judged after the warm-up only',
    file: 'src/reduce/ppo-health.ts',
    from: 'updates > JUDGED_AFTER_UPDATES',
    to: 'updates > 0',
    test: [reduction, 'a KL beyond its thresholds is judged after the warm-up only'],
  },
  {
    rule: 'RAM of a container is that of its limit',
    file: 'src/emit/host-memory.ts',
    from: 'group.totalBytes < low.totalBytes ? group : low',
    to: 'low',
    test: ['test/shared/vectors.test.ts', 'RAM of a host or its control group'],
  },
  {
    rule: 'page cache that the kernel would drop is not in use',
    file: 'src/emit/host-memory.ts',
    from: 'used - (cache ?? 0)',
    to: 'used',
    test: ['test/shared/vectors.test.ts', 'RAM of a host or its control group'],
  },
  {
    rule: 'a neighbour is what the driver reports of one moment',
    file: 'src/reduce/ledger.ts',
    from: 'minus(use.driver?.usedBytes ?? use.usedBytes, own)',
    to: 'minus(use.usedBytes, own)',
    test: [
      'src/reduce/reduce.test.ts',
      'a process that gave memory back since the driver looked makes no neighbour negative',
    ],
  },
];
