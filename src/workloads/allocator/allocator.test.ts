/** Known sequences of calls with the statistics worked out by hand from the documented rules. */
import { describe, expect, test } from 'vitest';
import { CachingAllocator } from './allocator.ts';
import { Device } from './device.ts';
import type { Stat } from './stats.ts';

const MIB = 2 ** 20;
const CONTEXT = 10 * MIB;

/** An allocator on a device with `free` MiB beside the context of its process. */
function allocatorOn(free: number, maxSplitSize: number | null = null) {
  const device = new Device({ totalBytes: free * MIB + CONTEXT, contextBytes: CONTEXT });
  return new CachingAllocator({ device, settings: maxSplitSize === null ? {} : { maxSplitSize } });
}

const currents = (allocator: CachingAllocator) => {
  const stats = allocator.memoryStats();
  return {
    allocated: stats.allocated_bytes.all.current,
    requested: stats.requested_bytes.all.current,
    active: stats.active_bytes.all.current,
    reserved: stats.reserved_bytes.all.current,
    stranded: stats.inactive_split_bytes.all.current,
    segments: stats.segment.all.current,
  };
};
const counters = (allocator: CachingAllocator) => {
  const stats = allocator.memoryStats();
  return {
    retries: stats.num_alloc_retries,
    ooms: stats.num_ooms,
    syncs: stats.num_sync_all_streams,
    deviceAllocs: stats.num_device_alloc,
    deviceFrees: stats.num_device_free,
  };
};

describe('what one allocation costs', () => {
  test.each([
    // MiB requested, allocated, reserved, stranded
    [1, 1, 2, 1],
    [1.5, 1.5, 20, 18.5],
    [9.5, 9.5, 20, 10.5],
    [10, 10, 10, 0],
    // 0.5 MiB left over is not worth a block: the tensor holds it
    [11.5, 12, 12, 0],
    // 1 MiB left over is not above 1 MiB
    [11, 12, 12, 0],
    // 1.5 MiB left over is
    [10.5, 10.5, 12, 1.5],
    [63, 64, 64, 0],
  ])('%d MiB: allocated %d, reserved %d, stranded %d', (requested, allocated, reserved, stranded) => {
    const allocator = allocatorOn(100);
    allocator.malloc(requested * MIB);
    expect(currents(allocator)).toEqual({
      allocated: allocated * MIB,
      requested: requested * MIB,
      active: allocated * MIB,
      reserved: reserved * MIB,
      stranded: stranded * MIB,
      segments: 1,
    });
    expect(allocator.memGetInfo()).toEqual({
      freeBytes: (100 - reserved) * MIB,
      totalBytes: 100 * MIB + CONTEXT,
    });
  });

  test('the statistics have the shape and the keys of torch’s nested dict', () => {
    const allocator = allocatorOn(100);
    allocator.free(allocator.malloc(700));
    allocator.malloc(1000);
    const stat = (current: number, peak: number, allocated: number, freed: number): Stat => ({
      current,
      peak,
      allocated,
      freed,
    });
    const none = stat(0, 0, 0, 0);
    const small = (stat: Stat) => ({ all: stat, small_pool: stat, large_pool: none });
    const rest = 2 * MIB - 1024;
    expect(allocator.memoryStats()).toEqual({
      allocation: small(stat(1, 1, 2, 1)),
      allocated_bytes: small(stat(1024, 1024, 2048, 1024)),
      requested_bytes: small(stat(1000, 1000, 1700, 700)),
      active: small(stat(1, 1, 2, 1)),
      active_bytes: small(stat(1024, 1024, 2048, 1024)),
      segment: small(stat(1, 1, 1, 0)),
      reserved_bytes: small(stat(2 * MIB, 2 * MIB, 2 * MIB, 0)),
      inactive_split: small(stat(1, 1, 2, 1)),
      inactive_split_bytes: small(stat(rest, rest, 2 * rest, rest)),
      oversize_allocations: none,
      oversize_segments: none,
      max_split_size: -1,
      num_alloc_retries: 0,
      num_ooms: 0,
      num_sync_all_streams: 0,
      num_device_alloc: 1,
      num_device_free: 0,
    });
  });

  test('a size that is no positive integer is refused', () => {
    for (const bytes of [0, -1, 1.5, Number.NaN])
      expect(() => allocatorOn(100).malloc(bytes)).toThrow('cannot allocate');
  });
});

describe('which cached block is taken', () => {
  /** Frees blocks of the given sizes (MiB) that lie in one segment, allocated ones of 2 MiB between them. */
  function holes(allocator: CachingAllocator, sizes: number[]): number[] {
    allocator.free(allocator.malloc(200 * MIB));
    const blocks = sizes.map(size => {
      const hole = allocator.malloc(size * MIB);
      allocator.malloc(2 * MIB);
      return hole;
    });
    for (const block of blocks) allocator.free(block);
    return blocks.map(block => block.address);
  }

  test('the smallest that is large enough', () => {
    const allocator = allocatorOn(500);
    const [, six] = holes(allocator, [8, 6, 4]);
    expect(allocator.malloc(5 * MIB).address).toBe(six);
  });

  test('of equal ones that with the lowest address', () => {
    const allocator = allocatorOn(500);
    const addresses = holes(allocator, [6, 6, 6]);
    expect(addresses.map(() => allocator.malloc(6 * MIB).address)).toEqual(addresses);
  });

  test('only on the stream on which it was freed', () => {
    const allocator = allocatorOn(500);
    const block = allocator.malloc(32 * MIB, 1);
    allocator.free(block);
    expect(allocator.malloc(32 * MIB, 2)).not.toBe(block);
    expect(allocator.malloc(32 * MIB, 1)).toBe(block);
    expect(currents(allocator).reserved).toBe(64 * MIB);
  });

  test('the pools do not share', () => {
    const allocator = allocatorOn(500);
    allocator.free(allocator.malloc(32 * MIB));
    allocator.malloc(MIB);
    const { reserved_bytes } = allocator.memoryStats();
    expect(reserved_bytes.large_pool.current).toBe(32 * MIB);
    expect(reserved_bytes.small_pool.current).toBe(2 * MIB);
  });

  test('a block is cut, and what is left is used next', () => {
    const allocator = allocatorOn(500);
    allocator.free(allocator.malloc(32 * MIB));
    allocator.malloc(12 * MIB);
    expect(currents(allocator)).toMatchObject({ reserved: 32 * MIB, stranded: 20 * MIB });
    allocator.malloc(12 * MIB);
    expect(currents(allocator)).toMatchObject({ reserved: 32 * MIB, stranded: 8 * MIB });
    // 0.5 MiB would be left: the whole 8 MiB go
    allocator.malloc(7.5 * MIB);
    expect(currents(allocator)).toMatchObject({ allocated: 32 * MIB, requested: 31.5 * MIB, stranded: 0 });
    expect(counters(allocator).deviceAllocs).toBe(1);
  });
});

describe('what becomes of freed blocks', () => {
  test('they merge with free neighbours on both sides', () => {
    const allocator = allocatorOn(500);
    const [a, b, c] = [2, 2, 2].map(size => allocator.malloc(size * MIB)); // of 20 MiB: a b c and 14 free
    const split = () => {
      const { inactive_split, inactive_split_bytes } = allocator.memoryStats();
      return [inactive_split.all.current, inactive_split_bytes.all.current / MIB];
    };
    expect(split()).toEqual([1, 14]);
    allocator.free(a!);
    expect(split()).toEqual([2, 16]);
    allocator.free(c!); // with the 14 behind it
    expect(split()).toEqual([2, 18]);
    allocator.free(b!); // with both: the segment is whole
    expect(split()).toEqual([0, 0]);
    const [segment] = allocator.segments();
    expect(segment?.blocks).toEqual([
      { address: segment?.address, bytes: 20 * MIB, requestedBytes: 0, state: 'free' },
    ]);
  });

  test('only whole segments go back to the device', () => {
    const allocator = allocatorOn(500);
    const whole = allocator.malloc(30 * MIB);
    const partly = allocator.malloc(5 * MIB);
    const kept = allocator.malloc(5 * MIB);
    allocator.free(whole);
    allocator.free(partly);
    allocator.emptyCache();
    expect(currents(allocator)).toMatchObject({ reserved: 20 * MIB, stranded: 15 * MIB });
    allocator.free(kept);
    allocator.emptyCache();
    expect(currents(allocator)).toMatchObject({ reserved: 0, segments: 0 });
    expect(counters(allocator)).toEqual({ retries: 0, ooms: 0, syncs: 2, deviceAllocs: 2, deviceFrees: 2 });
    expect(allocator.memGetInfo().freeBytes).toBe(500 * MIB);
  });

  test('a block that another stream uses stays active until that stream is done', () => {
    const allocator = allocatorOn(500);
    const block = allocator.malloc(32 * MIB);
    allocator.recordStream(block, 0); // its own: needs no waiting
    allocator.recordStream(block, 7);
    allocator.free(block);
    expect(currents(allocator)).toMatchObject({ allocated: 0, requested: 32 * MIB, active: 32 * MIB });
    expect(allocator.malloc(32 * MIB)).not.toBe(block);
    allocator.synchronizeStream(7);
    // the allocator looks at the next malloc
    expect(currents(allocator).active).toBe(64 * MIB);
    expect(allocator.malloc(32 * MIB)).toBe(block);
    expect(currents(allocator)).toMatchObject({ allocated: 64 * MIB, active: 64 * MIB, reserved: 64 * MIB });
    // the new tensor is on its own stream only
    allocator.free(block);
    expect(currents(allocator)).toMatchObject({ allocated: 32 * MIB, active: 32 * MIB });
  });

  test('a block on two streams awaits both; emptying the cache waits for all', () => {
    const allocator = allocatorOn(500);
    const block = allocator.malloc(32 * MIB);
    allocator.recordStream(block, 1);
    allocator.recordStream(block, 2);
    allocator.free(block);
    allocator.synchronizeStream(1);
    allocator.malloc(512);
    expect(currents(allocator).active).toBe(32 * MIB + 512);
    allocator.emptyCache();
    expect(currents(allocator)).toMatchObject({ active: 512, reserved: 2 * MIB });
  });

  test('freeing twice is an error, also for blocks that merged or are awaited', () => {
    const allocator = allocatorOn(500);
    const [first, second] = [allocator.malloc(2 * MIB), allocator.malloc(2 * MIB)];
    allocator.free(first);
    expect(() => allocator.free(first)).toThrow('not allocated');
    allocator.free(second);
    expect(() => allocator.free(second)).toThrow('not allocated');
    const awaited = allocator.malloc(32 * MIB);
    allocator.recordStream(awaited, 1);
    allocator.free(awaited);
    expect(() => allocator.free(awaited)).toThrow('not allocated');
  });
});

describe('when the device refuses', () => {
  test('the cache is given back and the device asked again', () => {
    const allocator = allocatorOn(64);
    allocator.free(allocator.malloc(40 * MIB));
    allocator.malloc(50 * MIB);
    expect(currents(allocator)).toMatchObject({ allocated: 50 * MIB, reserved: 50 * MIB });
    expect(counters(allocator)).toEqual({ retries: 1, ooms: 0, syncs: 1, deviceAllocs: 2, deviceFrees: 1 });
  });

  test('partly used segments stay, and then it is out of memory', () => {
    const allocator = allocatorOn(64);
    const block = allocator.malloc(40 * MIB);
    allocator.malloc(8 * MIB);
    allocator.free(block);
    const cut = allocator.malloc(4 * MIB); // of the 12 MiB beside the 8
    const held = allocator.malloc(20 * MIB); // of the 40
    expect(() => allocator.malloc(30 * MIB)).toThrow('CUDA out of memory');
    expect(currents(allocator)).toMatchObject({
      allocated: 32 * MIB,
      reserved: 60 * MIB,
      stranded: 28 * MIB,
    });
    expect(counters(allocator)).toEqual({ retries: 1, ooms: 1, syncs: 1, deviceAllocs: 2, deviceFrees: 0 });
    // the allocator goes on
    allocator.free(held);
    allocator.free(cut);
    allocator.malloc(30 * MIB);
    expect(counters(allocator)).toMatchObject({ retries: 1, ooms: 1 });
  });

  test('a block that a stream still used is waited for', () => {
    const allocator = allocatorOn(64);
    const block = allocator.malloc(40 * MIB);
    allocator.recordStream(block, 3);
    allocator.free(block);
    allocator.malloc(50 * MIB);
    expect(counters(allocator)).toMatchObject({ retries: 1, ooms: 0 });
  });

  test('neighbours take memory away and leave again', () => {
    const allocator = allocatorOn(64);
    allocator.malloc(20 * MIB);
    expect(allocator.device.setNeighbourBytes(30 * MIB)).toBe(30 * MIB);
    expect(allocator.memGetInfo().freeBytes).toBe(14 * MIB);
    expect(() => allocator.malloc(20 * MIB)).toThrow('CUDA out of memory');
    // no more than there is
    expect(allocator.device.setNeighbourBytes(1000 * MIB)).toBe(44 * MIB);
    expect(allocator.memGetInfo().freeBytes).toBe(0);
    allocator.device.setNeighbourBytes(0);
    allocator.malloc(20 * MIB);
    expect(counters(allocator)).toMatchObject({ retries: 1, ooms: 1 });
  });

  test('the process fraction limits what is reserved', () => {
    const allocator = allocatorOn(90); // of 100 MiB
    expect(allocator.processFraction).toBe(1);
    allocator.setProcessFraction(0.5);
    expect(allocator.processFraction).toBe(0.5);
    const first = allocator.malloc(30 * MIB);
    allocator.malloc(20 * MIB);
    expect(() => allocator.malloc(MIB)).toThrow('50.00 MiB allowed; ');
    expect(allocator.memGetInfo().freeBytes).toBe(40 * MIB);
    allocator.free(first);
    allocator.malloc(MIB); // the 30 MiB in the cache make room
    expect(counters(allocator)).toMatchObject({ retries: 2, ooms: 1, deviceFrees: 1 });
    expect(() => allocator.setProcessFraction(1.1)).toThrow('fraction');
  });
});

describe('with a maximum split size', () => {
  test('oversize blocks are neither cut nor given to small requests', () => {
    const allocator = allocatorOn(500, 32 * MIB);
    const oversize = allocator.malloc(60 * MIB);
    const counts = () => {
      const { oversize_allocations, oversize_segments, max_split_size } = allocator.memoryStats();
      return [oversize_allocations.current, oversize_segments.current, max_split_size];
    };
    expect(counts()).toEqual([1, 1, 32 * MIB]);
    allocator.free(oversize);
    expect(counts()).toEqual([0, 1, 32 * MIB]);
    expect(allocator.malloc(30 * MIB)).not.toBe(oversize); // below the limit
    expect(allocator.malloc(40 * MIB)).not.toBe(oversize); // 20 MiB would be lost
    expect(allocator.malloc(40 * MIB + 1)).toBe(oversize);
    expect(currents(allocator)).toMatchObject({ allocated: 130 * MIB, reserved: 130 * MIB, stranded: 0 });
  });

  test('one oversize block goes before the whole cache does', () => {
    const allocator = allocatorOn(120, 32 * MIB);
    const [oversize, other] = [allocator.malloc(80 * MIB), allocator.malloc(20 * MIB)];
    allocator.free(oversize);
    allocator.free(other);
    allocator.malloc(40 * MIB);
    expect(currents(allocator)).toMatchObject({ allocated: 40 * MIB, reserved: 60 * MIB });
    expect(counters(allocator)).toEqual({ retries: 0, ooms: 0, syncs: 0, deviceAllocs: 3, deviceFrees: 1 });
  });

  test('or several, the largest first', () => {
    const allocator = allocatorOn(160, 32 * MIB);
    const blocks = [34, 50, 40, 20].map(size => allocator.malloc(size * MIB));
    for (const block of blocks) allocator.free(block);
    allocator.malloc(90 * MIB);
    expect(currents(allocator).reserved).toBe((34 + 20 + 90) * MIB);
    expect(counters(allocator)).toEqual({ retries: 0, ooms: 0, syncs: 0, deviceAllocs: 5, deviceFrees: 2 });
  });

  test('it cannot be as small as a shared segment', () => {
    expect(() => allocatorOn(100, 20 * MIB)).toThrow('above 20 MiB');
  });
});

test('peaks start again from what is held', () => {
  const allocator = allocatorOn(500);
  const kept = allocator.malloc(30 * MIB);
  allocator.free(allocator.malloc(40 * MIB));
  const before = allocator.memoryStats();
  expect(before.allocated_bytes.all.peak).toBe(70 * MIB);
  allocator.resetPeakStats();
  expect(before.allocated_bytes.all.peak).toBe(70 * MIB); // a copy
  const { allocated_bytes, reserved_bytes } = allocator.memoryStats();
  expect(allocated_bytes.all).toEqual({
    current: 30 * MIB,
    peak: 30 * MIB,
    allocated: 70 * MIB,
    freed: 40 * MIB,
  });
  expect(reserved_bytes.large_pool.peak).toBe(70 * MIB);
  allocator.free(kept);
  expect(allocator.memoryStats().allocated_bytes.all.peak).toBe(30 * MIB);
});
