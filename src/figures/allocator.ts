/** What the caching allocator counted. */
import type { Family } from './figure.ts';
import { allocator } from './sources.ts';
import { flag, wholeCount } from './units.ts';

export const allocatorCounters = {
  allocRetries: {
    id: 'TELE-750',
    name: 'Allocator Retries',
    label: 'retries',
    summary:
      'Times the device refused memory and the allocator had to flush its cache and ask again: a stall.',
    question: 'Does the allocator stall the training?',
    meaning:
      'The allocator’s `num_alloc_retries`, summed over this log: each one waited for the device, gave back all cached segments and asked again. The reducer takes differences and recognises a reset.',
    formula: 'allocRetries = sum of growth between readings',
    unit: { ...wholeCount, precision: 'whole; bold red above 0' },
    priority: 'P0-critical',
    readers: ['operator', 'developer', 'automation'],
    from: allocator('allocRetries'),
    path: 'devices[].allocRetries',
    example: 3,
    shown: { counters: 'retries 3' },
    tests: [
      'src/reduce/reduce.test.ts#grow by their difference; a fall is a reset, never negative; a gap keeps the sum',
    ],
  },
  ooms: {
    id: 'TELE-751',
    name: 'Out-of-Memory Errors',
    label: 'OOMs',
    summary: 'Times memory was refused even after the cache was flushed: out of memory.',
    question: 'Has it run out of memory?',
    meaning: 'The allocator’s `num_ooms`, summed over this log. A program may catch the error and go on.',
    formula: 'ooms = sum of growth between readings',
    unit: { ...wholeCount, precision: 'whole; bold red above 0' },
    priority: 'P0-critical',
    readers: ['operator', 'developer', 'automation'],
    from: allocator('ooms'),
    path: 'devices[].ooms',
    example: 1,
    shown: { counters: 'OOMs 1' },
    tests: [
      'src/reduce/reduce.test.ts#grow by their difference; a fall is a reset, never negative; a gap keeps the sum',
    ],
  },
  deviceAllocs: {
    id: 'TELE-752',
    name: 'Device Allocations',
    label: 'device allocs',
    summary: 'Times the allocator had to ask the device, because its cache had nothing that fits.',
    question: 'Does the pool still grow?',
    meaning:
      '`num_device_alloc`, summed over this log. A steady training stops asking after its first updates.',
    formula: 'deviceAllocs = sum of growth between readings',
    unit: wholeCount,
    priority: 'P2-useful',
    readers: ['developer'],
    from: allocator('deviceAllocs'),
    path: 'devices[].deviceAllocs',
    example: 14,
    shown: { counters: 'device allocs 14' },
    tests: [
      'src/reduce/reduce.test.ts#grow by their difference; a fall is a reset, never negative; a gap keeps the sum',
    ],
  },
  syncAllStreams: {
    id: 'TELE-753',
    name: 'Stream Synchronisations',
    label: 'stream syncs',
    summary:
      'Times the allocator waited for all streams of the device, as it does before it gives memory back.',
    question: 'Does the allocator wait for the device?',
    meaning: '`num_sync_all_streams`, summed over this log.',
    formula: 'syncAllStreams = sum of growth between readings',
    unit: wholeCount,
    priority: 'P2-useful',
    readers: ['developer'],
    from: allocator('syncAllStreams'),
    path: 'devices[].syncAllStreams',
    example: 2,
    shown: { counters: 'stream syncs 2' },
    tests: [
      'src/reduce/reduce.test.ts#grow by their difference; a fall is a reset, never negative; a gap keeps the sum',
    ],
  },
  atTheWall: {
    id: 'TELE-754',
    name: 'At the Wall',
    label: 'at the wall',
    summary: 'Memory was refused since the previous update: this is the limit, now.',
    question: 'Is it at the limit right now?',
    meaning:
      'A retry or an out-of-memory since the previous reading of the device. The one sign of pressure that needs no threshold.',
    formula: 'atTheWall = Δ allocRetries > 0 or Δ ooms > 0',
    unit: { ...flag('a bold red line'), default: false },
    priority: 'P0-critical',
    readers: ['operator', 'developer', 'automation'],
    from: allocator('allocRetries', 'ooms'),
    path: 'devices[].atTheWall',
    of: ['devices[].allocRetries', 'devices[].ooms'],
    needs: { allocRetries: 'Its growth', ooms: 'Its growth' },
    example: true,
    shown: { memoryWarnings: 'at the wall: memory refused this update' },
    tests: [
      'src/reduce/reduce.test.ts#a refused allocation is critical at once, and until a minute without one',
    ],
  },
} as const satisfies Family;
