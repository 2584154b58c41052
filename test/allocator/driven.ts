/**
 * The simulated allocator driven by the recording of a real program (scripts/record-faults.py --traces): it gets the program's requests, in
 * their order, on a device of the same size, and nothing of what PyTorch's allocator made of them. What differs at an update is listed.
 */
import {
  allocatorSettings,
  type Block,
  CachingAllocator,
  Device,
  OutOfMemoryError,
} from '../../src/workloads/allocator/index.ts';

/** What happened after so many requests, those to free and those refused included. */
type Mark =
  | [at: number, kind: 'update', allocatedBytes: number, reservedBytes: number, strandedBytes: number]
  | [at: number, kind: 'empty_cache']
  | [at: number, kind: 'fraction', share: number];

export interface RecordedProgram {
  torch: string;
  conf: string;
  totalBytes: number;
  contextBytes: number;
  events: [action: string, address: number, bytes: number, stream: number][];
  marks: Mark[];
}

export interface Driven {
  updates: number;
  allocations: number;
  /** Requests that both refused. */
  refused: number;
  /** The first differences, in words; none where both have the same at every update. */
  differences: string[];
}

export function drive({ conf, totalBytes, contextBytes, events, marks }: RecordedProgram): Driven {
  const device = new Device({ totalBytes, contextBytes });
  const allocator = new CachingAllocator({ device, settings: allocatorSettings(conf) });
  const live = new Map<number, Block>();
  const driven: Driven = { updates: 0, allocations: 0, refused: 0, differences: [] };
  const differ = (what: string) => driven.differences.length < 10 && driven.differences.push(what);

  const pass = (mark: Mark) => {
    if (mark[1] === 'empty_cache') return allocator.emptyCache();
    if (mark[1] === 'fraction') return allocator.setProcessFraction(mark[2]);
    const stats = allocator.memoryStats();
    const is = [stats.allocated_bytes, stats.reserved_bytes, stats.inactive_split_bytes].map(
      ({ all }) => all.current,
    );
    const should = mark.slice(2);
    driven.updates++;
    if (is.join() !== should.join())
      differ(`update ${driven.updates}: allocated, reserved, stranded ${is.join()}, not ${should.join()}`);
  };
  const ask = (address: number, bytes: number, stream: number): boolean => {
    try {
      live.set(address, allocator.malloc(bytes, stream));
      return true;
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      return false;
    }
  };

  let requests = 0;
  let next = 0;
  events.forEach(([action, address, bytes, stream], i) => {
    if (action !== 'alloc' && action !== 'oom' && action !== 'free_requested') return;
    while (next < marks.length && marks[next]![0] <= requests) pass(marks[next++]!);
    requests++;
    if (action === 'alloc') {
      driven.allocations++;
      if (!ask(address, bytes, stream)) differ(`event ${i}: ${bytes} bytes refused`);
    } else if (action === 'oom') {
      driven.refused++;
      if (ask(address, bytes, stream)) differ(`event ${i}: ${bytes} bytes not refused`);
    } else {
      if (events[i + 1]?.[0] !== 'free_completed')
        throw new Error(`event ${i}: a free that waits for a stream`);
      allocator.free(live.get(address)!);
      live.delete(address);
    }
  });
  for (const mark of marks.slice(next)) pass(mark);
  return driven;
}
