/**
 * A recorded sequence of PyTorch's own allocator (format `allocator-golden/1`) on the simulated one: the same requests from the
 * same state, on a device that hands out the recorded addresses up to the recorded limit. What differs is listed.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  type Addresses,
  allocatorSettings,
  type Block,
  CachingAllocator,
  Device,
  OutOfMemoryError,
  type Pool,
  type SegmentInfo,
} from '../../src/workloads/allocator/index.ts';

type BlockRow = [
  offset: number,
  bytes: number,
  requested: number,
  state: 'allocated' | 'awaited' | 'free',
  stack: number,
];
interface SegmentRow {
  address: number;
  bytes: number;
  stream: number;
  pool: Pool;
  blocks: BlockRow[];
}
type EventRow = [
  action: string,
  address: number,
  size: number,
  stream: number,
  tUs: number,
  stack: number,
  more?: { deviceFreeBytes: number },
];
export interface Recording {
  device: { limitBytes: null | { exactly: number } | { atLeast: number; below: number } };
  settings: { conf: string } | null;
  initial: SegmentRow[];
  events: EventRow[];
  final: SegmentRow[];
  expected: {
    givenBack: [first: number, count: number, reason: 'empty_cache' | 'retry'][];
    ooms: number;
    peakAllocatedBytes: number;
    peakReservedBytes: number;
    finalAllocatedBytes: number;
    finalReservedBytes: number;
    finalStrandedBytes: number | null;
  };
}

export const readRecording = (path: string): Recording =>
  JSON.parse(gunzipSync(readFileSync(path)).toString('utf8'));

/** Hands out the next recorded address. */
class RecordedAddresses implements Addresses {
  next: number[] = [];
  take(): number {
    const address = this.next.shift();
    if (address === undefined) throw new Error('asks the device where the recording did not');
    return address;
  }
  reserve(): number {
    return this.next[0] ?? this.take();
  }
  giveBack(): void {}
  unreserve(): void {}
  occupy(): void {}
}

const infoOf = ({ blocks, ...segment }: SegmentRow): SegmentInfo => ({
  address: segment.address,
  bytes: segment.bytes,
  stream: segment.stream,
  pool: segment.pool,
  blocks: blocks.map(([offset, bytes, requestedBytes, state]) => ({
    address: segment.address + offset,
    bytes,
    requestedBytes,
    state,
  })),
});

/** A device that no recording fills. */
const NO_LIMIT = 2 ** 44;

export interface Replayed {
  allocations: number;
  /** The first differences, in words; none where every decision is the recorded one. */
  differences: string[];
}

export function replay({ device, settings, initial, events, final, expected }: Recording): Replayed {
  const limit = device.limitBytes;
  const totalBytes = limit === null ? NO_LIMIT : 'exactly' in limit ? limit.exactly : limit.atLeast;
  const addresses = new RecordedAddresses();
  const allocator = new CachingAllocator({
    device: new Device({ totalBytes, addresses }),
    // The recordings are of older versions of PyTorch.
    settings: { ...allocatorSettings(settings?.conf ?? ''), tieBreak: 'lowest address' },
    initial: initial.map(infoOf),
  });
  const live = new Map<number, Block>(allocator.activeBlocks().map(block => [block.address, block]));
  const freed = new Map<number, Block>();
  const differences: string[] = [];
  const differ = (i: number, what: string) => {
    if (differences.length < 10) differences.push(`event ${i}, ${events[i]?.[0] ?? 'end'}: ${what}`);
  };
  const releases = new Map(
    expected.givenBack.flatMap(([first, , reason]) => (reason === 'empty_cache' ? [[first, true]] : [])),
  );
  let reserved = initial.reduce((sum, { bytes }) => sum + bytes, 0);
  let allocations = 0;
  /** Streams that stand for the wait of one block each, below all real ones. */
  let waits = 0;

  events.forEach(([action, address, size, stream, , , more], i) => {
    if (releases.has(i)) allocator.emptyCache();
    switch (action) {
      case 'segment_alloc':
      case 'segment_map':
        addresses.next.push(address);
        reserved += size;
        return;
      case 'segment_free':
      case 'segment_unmap':
        reserved -= size;
        return;
      case 'alloc': {
        allocations++;
        try {
          const block = allocator.malloc(size, stream);
          live.set(address, block);
          if (block.address !== address) differ(i, `at ${block.address}, not ${address}`);
        } catch (error) {
          if (!(error instanceof OutOfMemoryError)) throw error;
          differ(i, 'refused');
        }
        addresses.next = [];
        break;
      }
      case 'oom':
        try {
          allocator.malloc(size, stream);
          differ(i, 'not refused');
        } catch (error) {
          if (!(error instanceof OutOfMemoryError)) throw error;
          if (device.limitBytes !== null && error.outOfMemory.freeBytes !== more!.deviceFreeBytes)
            differ(i, `${error.outOfMemory.freeBytes} bytes free, not ${more!.deviceFreeBytes}`);
        }
        addresses.next = [];
        break;
      case 'free_requested': {
        const block = live.get(address);
        if (block === undefined) {
          differ(i, `nothing is at ${address}`);
          return;
        }
        live.delete(address);
        const next = events[i + 1];
        if (next?.[0] !== 'free_completed' || next[1] !== address) {
          allocator.recordStream(block, --waits);
          freed.set(address, block);
        }
        allocator.free(block);
        break;
      }
      case 'free_completed': {
        const waiting = freed.get(address);
        freed.delete(address);
        if (waiting !== undefined)
          for (const wait of [...waiting.streams!]) allocator.synchronizeStream(wait);
        else if (live.has(address)) {
          allocator.free(live.get(address)!);
          live.delete(address);
        }
        break;
      }
      default:
        differ(i, 'unknown');
    }
    const now = allocator.memoryStats().reserved_bytes.all.current;
    if (now !== reserved) differ(i, `${now} bytes reserved, not ${reserved}`);
  });

  const stats = allocator.memoryStats();
  const figures = {
    ooms: stats.num_ooms,
    ...(expected.peakAllocatedBytes > 0 && events.length > 1
      ? {
          peakAllocatedBytes: stats.allocated_bytes.all.peak,
          peakReservedBytes: stats.reserved_bytes.all.peak,
        }
      : {}),
    finalAllocatedBytes: stats.allocated_bytes.all.current,
    finalReservedBytes: stats.reserved_bytes.all.current,
    ...(allocator.hasExpandableSegments
      ? {}
      : { finalStrandedBytes: stats.inactive_split_bytes.all.current }),
    retries: stats.num_alloc_retries,
  };
  const runs = expected.givenBack.filter(([, , reason]) => reason === 'retry');
  const wanted = {
    ...expected,
    // A retry that found nothing to give back is in no row: it is known from the OOM behind it.
    retries:
      runs.length +
      events.filter(([action], i) => action === 'oom' && !runs.some(([first, count]) => first + count === i))
        .length,
  };
  for (const [name, value] of Object.entries(figures))
    if (wanted[name as keyof typeof figures] !== value)
      differ(events.length, `${name} ${value}, not ${wanted[name as keyof typeof figures]}`);
  const layout = (segments: SegmentInfo[]) =>
    segments.map(({ address, bytes, stream, pool, blocks }) =>
      [address, bytes, stream, pool, ...blocks.map(b => `${b.address}+${b.bytes} ${b.state}`)].join(' '),
    );
  const [is, should] = [layout(allocator.segments()), layout(final.map(infoOf))];
  const odd = should.findIndex((line, i) => line !== is[i]);
  if (is.length !== should.length || odd !== -1)
    differ(
      events.length,
      `segments: ${is[odd]?.slice(0, 200)}, not ${should[odd]?.slice(0, 200)} (${is.length}, ${should.length})`,
    );
  return { allocations, differences };
}
