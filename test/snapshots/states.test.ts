/** The state after any event, by undoing from the dump, against an allocator that was there: blocks, sums, what is held. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/index.ts';
import { accountOf, type DeviceAccount } from '../../src/snapshots/index.ts';
import {
  type Block,
  CachingAllocator,
  Device,
  type SegmentInfo,
} from '../../src/workloads/allocator/index.ts';
import { dumpOf } from './read.ts';

const MIB = 2 ** 20;

interface Moment {
  /** Requested bytes of what is in use: what a stream still awaits is. */
  requested: number;
  reserved: number;
  /** Bytes that this takes of its segments. */
  active: number;
  /** Requested bytes by line of those that were allocated in the recording. */
  byLine: Record<string, number>;
}

/** A random history of an allocator, of which the last part is recorded, and what was true after each event of it. */
function recorded(seed: number, unrecorded: number, steps: number) {
  const random = seededRandom(seed);
  const allocator = new CachingAllocator({ device: new Device({ totalBytes: 2048 * MIB }) });
  const events: object[] = [];
  const truth: Moment[] = [];
  const live: { block: Block; bytes: number; line: number | null }[] = [];
  let isRecorded = false;
  let known = allocator.segments();
  const frames = (line: number | null) =>
    line === null ? [] : [{ filename: '/home/user/train.py', name: 'work', line }];
  const record = (event: object) => {
    if (!isRecorded) return;
    events.push(event);
    const byLine: Moment['byLine'] = {};
    for (const { bytes, line } of live)
      if (line !== null) byLine[`train.py:${line} work`] = (byLine[`train.py:${line} work`] ?? 0) + bytes;
    const stats = allocator.memoryStats();
    truth.push({
      requested: live.reduce((sum, { bytes }) => sum + bytes, 0),
      reserved: stats.reserved_bytes.all.current,
      active: stats.active_bytes.all.current,
      byLine,
    });
  };
  const segmentsChanged = () => {
    const now = allocator.segments();
    const has = (all: SegmentInfo[], { address }: SegmentInfo) =>
      all.some(other => other.address === address);
    const gone = known.filter(segment => !has(now, segment));
    const made = now.filter(segment => !has(known, segment));
    known = now;
    return [
      ...gone.map(({ address, bytes }) => ({
        action: 'segment_free',
        addr: address,
        size: bytes,
        stream: 0,
        frames: [],
      })),
      ...made.map(({ address, bytes }) => ({
        action: 'segment_alloc',
        addr: address,
        size: bytes,
        stream: 0,
        frames: [],
      })),
    ];
  };
  for (let step = 0; step < unrecorded + steps; step++) {
    isRecorded = step >= unrecorded;
    const what = random();
    if (what < 0.02) {
      allocator.emptyCache();
      for (const event of segmentsChanged()) record(event);
    } else if (what < 0.55 || live.length === 0) {
      const bytes = Math.ceil(random() < 0.5 ? random() * MIB : random() * 30 * MIB);
      const line = isRecorded ? 1 + Math.floor(random() * 5) : null;
      const block = allocator.malloc(bytes);
      const segments = segmentsChanged();
      live.push({ block, bytes, line });
      for (const event of segments) record(event);
      record({ action: 'alloc', addr: block.address, size: bytes, stream: 0, frames: frames(line) });
    } else {
      const at = Math.floor(random() * live.length);
      const { block, bytes } = live[at]!;
      const freed = { addr: block.address, size: bytes, stream: 0, frames: [] };
      record({ action: 'free_requested', ...freed });
      live.splice(at, 1);
      allocator.free(block);
      record({ action: 'free_completed', ...freed });
    }
  }
  const lineOf = new Map(live.map(({ block, line }) => [block.address, line]));
  const segments = allocator.segments().map(({ address, bytes, pool, blocks }) => ({
    device: 0,
    address,
    total_size: bytes,
    segment_type: pool === 'small_pool' ? 'small' : 'large',
    blocks: blocks.map(block => ({
      address: block.address,
      size: block.bytes,
      requested_size: block.requestedBytes,
      state: block.state === 'free' ? 'inactive' : 'active_allocated',
      frames: frames(lineOf.get(block.address) ?? null),
    })),
  }));
  return { dump: dumpOf(Buffer.from(JSON.stringify({ segments, device_traces: [events] }))), truth };
}

test('after any event, what was allocated, by whom, and what was held', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 1, max: 120 }),
      (seed, before, steps) => {
        const { dump, truth } = recorded(seed, before, steps);
        // A recording in which nothing happened has no moments.
        fc.pre(truth.length > 0);
        truth.forEach((moment, event) => {
          const [device] = accountOf(dump, event).devices;
          const { attribution, layout, contradictions } = device!;
          expect(contradictions).toEqual([]);
          // Between a segment and the allocation that asked for it, the truth is already beyond.
          const isBetween = dump.events.action[event] === 3 || dump.events.action[event] === 4;
          if (isBetween) return;
          expect(layout.reservedBytes).toBe(moment.reserved);
          // How much of a merged gap its left neighbour kept is not in the dump.
          expect(layout.activeBytes).toBeLessThanOrEqual(moment.active);
          expect(layout.pendingBytes > 0).toBe(dump.events.action[event] === 1);
          expect(attribution.totalBytes).toBe(moment.requested);
          const byLine = Object.fromEntries(
            attribution.lines.filter(({ isLine }) => isLine).map(({ label, bytes }) => [label, bytes]),
          );
          expect(byLine).toEqual(moment.byLine);
        });
        const peak = Math.max(...truth.map(({ requested }) => requested));
        const [device] = accountOf(dump, 'peak').devices;
        expect(device!.peak.bytes).toBeGreaterThanOrEqual(peak);
        expect(device!.attribution.totalBytes).toBe(device!.peak.bytes);
        const [end] = accountOf(dump, 'end').devices;
        expect(end!.layout.allocatedBytes).toBe(truth.at(-1)!.active);
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  ['a large one, 1 MiB left', { segment_type: 'large', total_size: 20 * MIB }, 19 * MIB, 20 * MIB],
  ['a large one, more left', { segment_type: 'large', total_size: 20 * MIB }, 19 * MIB - 512, 19 * MIB - 512],
  ['a small one', { segment_type: 'small', total_size: 2 * MIB }, MIB, MIB],
  [
    'an expandable one',
    { segment_type: 'large', total_size: 20 * MIB, is_expandable: true },
    19 * MIB,
    19 * MIB,
  ],
])('what a block takes of its segment: %s', (_, segment, requested, taken) => {
  const address = 2 ** 40;
  const event = (action: string) => ({ action, addr: address, size: requested, stream: 0, frames: [] });
  const blocks = [{ address, size: segment.total_size, state: 'inactive' }];
  const dump = {
    segments: [{ device: 0, address, blocks, ...segment }],
    device_traces: [['alloc', 'free_requested', 'free_completed'].map(event)],
  };
  const [{ layout }] = accountOf(dumpOf(Buffer.from(JSON.stringify(dump))), 0).devices as [DeviceAccount];
  expect(layout.activeBytes).toBe(taken);
});
