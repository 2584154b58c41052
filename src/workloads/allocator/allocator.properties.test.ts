/** Whatever is called in whatever order: the books balance, and each block is the best fit. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CachingAllocator } from './allocator.ts';
import type { Block } from './block.ts';
import { Device } from './device.ts';
import { OutOfMemoryError } from './out-of-memory.ts';
import { blockSize, type Pool, poolOf } from './sizes.ts';
import type { SegmentInfo } from './state.ts';
import type { MemoryStats, Stat } from './stats.ts';

const MIB = 2 ** 20;
const CONTEXT = 20 * MIB;
const POOLS = ['all', 'small_pool', 'large_pool'] as const;

const bytes = fc.oneof(
  fc.integer({ min: 1, max: 4096 }),
  fc.integer({ min: 1, max: 2 * MIB }),
  fc.integer({ min: MIB, max: 70 * MIB }),
);
const stream = fc.integer({ min: 0, max: 2 });
const pick = fc.nat();
const call = fc.oneof(
  { weight: 8, arbitrary: fc.record({ call: fc.constant('malloc' as const), bytes, stream }) },
  { weight: 6, arbitrary: fc.record({ call: fc.constant('free' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ call: fc.constant('recordStream' as const), pick, stream }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('synchronizeStream' as const), stream }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('emptyCache' as const) }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('resetPeakStats' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ call: fc.constant('neighbour' as const), bytes: fc.nat(300 * MIB) }),
  },
);
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;
/** Long enough to fill the device: by default arrays have ten elements at most. */
const calls = (maxLength: number) => fc.array(call, { maxLength, size: 'max' });

const maxSplitSize = fc.option(fc.integer({ min: 20 * MIB + 1, max: 60 * MIB }));
const allocatorWith = (maxSplitSize: number | null) =>
  new CachingAllocator({
    device: new Device({ totalBytes: 320 * MIB, contextBytes: CONTEXT }),
    settings: maxSplitSize === null ? {} : { maxSplitSize },
  });

/** Makes the call; `live` are the blocks that are allocated. */
function make(allocator: CachingAllocator, live: Block[], step: Call): void {
  const picked = 'pick' in step && live.length > 0 ? step.pick % live.length : null;
  switch (step.call) {
    case 'malloc':
      try {
        live.push(allocator.malloc(step.bytes, step.stream));
      } catch (error) {
        if (!(error instanceof OutOfMemoryError)) throw error;
      }
      return;
    case 'free':
      if (picked !== null) allocator.free(live.splice(picked, 1)[0]!);
      return;
    case 'recordStream':
      if (picked !== null) allocator.recordStream(live[picked]!, step.stream);
      return;
    case 'synchronizeStream':
      allocator.synchronizeStream(step.stream);
      return;
    case 'neighbour':
      allocator.device.setNeighbourBytes(step.bytes);
      return;
    default:
      allocator[step.call]();
  }
}

/** The current value of every statistic, from the blocks alone. */
function recount(segments: SegmentInfo[]): Record<string, Record<(typeof POOLS)[number], number>> {
  const counts: ReturnType<typeof recount> = {};
  const count = (key: string, pool: Pool, amount: number) => {
    counts[key] ??= { all: 0, small_pool: 0, large_pool: 0 };
    counts[key].all += amount;
    counts[key][pool] += amount;
  };
  for (const { pool, bytes, blocks } of segments) {
    count('segment', pool, 1);
    count('reserved_bytes', pool, bytes);
    for (const block of blocks) {
      const [free, allocated] = [block.state === 'free', block.state === 'allocated'];
      const stranded = free && blocks.length > 1;
      count('allocation', pool, allocated ? 1 : 0);
      count('allocated_bytes', pool, allocated ? block.bytes : 0);
      count('active', pool, free ? 0 : 1);
      count('active_bytes', pool, free ? 0 : block.bytes);
      count('requested_bytes', pool, block.requestedBytes);
      count('inactive_split', pool, stranded ? 1 : 0);
      count('inactive_split_bytes', pool, stranded ? block.bytes : 0);
    }
  }
  return counts;
}

const isStat = (value: object): value is Stat => 'peak' in value;
/** Every single statistic by its path, as torch.cuda.memory_stats() flattens them. */
function flat(stats: MemoryStats): [string, Stat][] {
  return Object.entries(stats).flatMap(([key, value]): [string, Stat][] => {
    if (typeof value === 'number') return [];
    if (isStat(value)) return [[key, value]];
    return POOLS.map(pool => [`${key}.${pool}`, value[pool]]);
  });
}

/** What is wrong with the segments: gaps, overlaps, sizes, neighbours that should have merged. */
function* tilingErrors(segments: SegmentInfo[]): Generator<string> {
  let end = 0;
  for (const segment of segments) {
    if (segment.address < end) yield `segment at ${segment.address} overlaps the one before`;
    end = segment.address;
    let previous: string | null = null;
    for (const { address, bytes, requestedBytes, state } of segment.blocks) {
      if (address !== end) yield `block at ${address} should be at ${end}`;
      if (bytes % 512 !== 0) yield `block of ${bytes} bytes`;
      if (requestedBytes > bytes || (state === 'free' && requestedBytes > 0))
        yield `${requestedBytes} of ${bytes}`;
      if (previous === 'free' && state === 'free') yield `free neighbours at ${address}`;
      previous = state;
      end += bytes;
    }
    if (end !== segment.address + segment.bytes) yield `blocks end at ${end}`;
  }
}

/** What is wrong with the statistics, seen beside the blocks, the device and the statistics of a call ago. */
function* statisticsErrors(allocator: CachingAllocator, before: MemoryStats): Generator<string> {
  const stats = allocator.memoryStats();
  for (const [key, counts] of Object.entries(recount(allocator.segments())))
    for (const pool of POOLS) {
      const { current } = stats[key as 'segment'][pool];
      if (current !== counts[pool]) yield `${key}.${pool} is ${current}, recounted ${counts[pool]}`;
    }

  const [allocated, active, reserved] = (['allocated_bytes', 'active_bytes', 'reserved_bytes'] as const).map(
    key => stats[key].all.current,
  );
  if (!(allocated! <= active! && active! <= reserved!)) yield `${allocated} ≤ ${active} ≤ ${reserved}`;
  const { device } = allocator;
  if (device.processBytes !== CONTEXT + reserved!)
    yield `process ${device.processBytes}, reserved ${reserved}`;
  if (device.processBytes + device.neighbourBytes + device.freeBytes !== device.totalBytes) yield 'device';
  if (device.freeBytes < 0) yield `${device.freeBytes} free`;

  const earlier = new Map(flat(before));
  for (const [path, stat] of flat(stats)) {
    const was = earlier.get(path)!;
    if (stat.allocated - stat.freed !== stat.current) yield `${path}: ${JSON.stringify(stat)}`;
    if (stat.peak < stat.current) yield `${path}: peak ${stat.peak} below ${stat.current}`;
    if (stat.allocated < was.allocated || stat.freed < was.freed) yield `${path} fell`;
  }
  for (const [key, value] of Object.entries(stats))
    if (typeof value === 'number' && value < (before[key as 'num_ooms'] ?? 0)) yield `${key} fell`;
}

test('the books balance after every call', () => {
  fc.assert(
    fc.property(maxSplitSize, calls(60), (limit, steps) => {
      const allocator = allocatorWith(limit);
      const live: Block[] = [];
      for (const step of steps) {
        const before = allocator.memoryStats();
        make(allocator, live, step);
        expect([...tilingErrors(allocator.segments()), ...statisticsErrors(allocator, before)]).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});

test('a block stays where it is until it is freed, and no two overlap', () => {
  fc.assert(
    fc.property(maxSplitSize, calls(80), (limit, steps) => {
      const allocator = allocatorWith(limit);
      const live: Block[] = [];
      const places = new Map<Block, number>();
      for (const step of steps) {
        make(allocator, live, step);
        for (const block of places.keys()) if (!live.includes(block)) places.delete(block);
        const sorted = live.toSorted((a, b) => a.address - b.address);
        const wrong = sorted.filter((block, i) => {
          if (!places.has(block)) places.set(block, block.address);
          const end = i === 0 ? 0 : sorted[i - 1]!.address + sorted[i - 1]!.bytes;
          return block.address !== places.get(block) || block.address < end;
        });
        expect(wrong.map(({ address, bytes }) => ({ address, bytes }))).toEqual([]);
      }
    }),
    { numRuns: 100 },
  );
});

test('a malloc takes the smallest free block that fits, the lowest address on a tie, or a new segment', () => {
  fc.assert(
    fc.property(calls(80), bytes, stream, (steps, wanted, onStream) => {
      const allocator = allocatorWith(null);
      const live: Block[] = [];
      for (const step of steps) make(allocator, live, step);
      for (const stream of [0, 1, 2]) allocator.synchronizeStream(stream);
      try {
        allocator.free(allocator.malloc(1, 9)); // collects what the streams are done with
      } catch {
        return;
      }
      const size = blockSize(wanted);
      const fits = allocator
        .segments()
        .filter(segment => segment.stream === onStream && segment.pool === poolOf(size))
        .flatMap(segment => segment.blocks)
        .filter(block => block.state === 'free' && block.bytes >= size)
        .sort((a, b) => a.bytes - b.bytes || a.address - b.address);
      const { num_device_alloc } = allocator.memoryStats();
      try {
        const block = allocator.malloc(wanted, onStream);
        const asked = allocator.memoryStats().num_device_alloc > num_device_alloc;
        expect(asked).toBe(fits.length === 0);
        if (!asked) expect(block.address).toBe(fits[0]!.address);
      } catch (error) {
        expect(error).toBeInstanceOf(OutOfMemoryError);
        expect(fits).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});

test('everything freed and the cache emptied: nothing is reserved', () => {
  fc.assert(
    fc.property(maxSplitSize, calls(100), (limit, steps) => {
      const allocator = allocatorWith(limit);
      const live: Block[] = [];
      for (const step of steps) make(allocator, live, step);
      for (const block of live) allocator.free(block);
      allocator.emptyCache();
      const stats = allocator.memoryStats();
      for (const [path, stat] of flat(stats)) expect([path, stat.current]).toEqual([path, 0]);
      expect(stats.num_device_alloc).toBe(stats.num_device_free);
      expect(allocator.segments()).toEqual([]);
      expect(allocator.device.processBytes).toBe(CONTEXT);
    }),
  );
});

test('an out-of-memory error comes only where device and cache cannot give the segment, and changes no block', () => {
  fc.assert(
    fc.property(calls(60), fc.integer({ min: 100, max: 400 }), (steps, mib) => {
      const allocator = allocatorWith(null);
      const live: Block[] = [];
      for (const step of steps) make(allocator, live, step);
      const allocated = allocator.memoryStats().allocated_bytes.all.current;
      try {
        allocator.malloc(mib * MIB);
      } catch (error) {
        expect(error).toBeInstanceOf(OutOfMemoryError);
        // all that could be given back has been
        for (const { blocks } of allocator.segments())
          expect(blocks.some(block => block.state === 'allocated')).toBe(true);
        expect(allocator.device.freeBytes).toBeLessThan((mib + (mib % 2)) * MIB);
        expect(allocator.memoryStats().allocated_bytes.all.current).toBe(allocated);
      }
    }),
    { numRuns: 200 },
  );
});
