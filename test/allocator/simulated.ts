/** A program of allocations on the simulated allocator: what it decided, in the form of real.py's answers. */
import {
  type AllocatorSettings,
  allocatorSettings,
  type Block,
  CachingAllocator,
  Device,
  OutOfMemoryError,
} from '../../src/workloads/allocator/index.ts';
import { CONTEXT_MIB, type Family, type Operation, type Program } from './programs.ts';

const MIB = 2 ** 20;
/** Of each operation: the address, or the text of the out-of-memory error; and the statistics after it. */
export type Answer = [decision: number | string | null, statistics: number[]];

/** One process: its programs run one after the other on the same allocator, as in real.py. */
export class SimulatedProcess {
  readonly #device: Device;
  readonly #allocator: CachingAllocator;
  readonly #live = new Map<number, Block>();
  readonly #others = new Map<number, [address: number, bytes: number]>();
  /** Pools by name: one that was dropped is another than the next of its name. */
  readonly #pools = new Map<string, string>();
  #entered: string[] = [];
  #made = 0;

  constructor({ totalMib, conf }: Family, settings: Partial<AllocatorSettings> = {}) {
    this.#device = new Device({
      name: 'cuda:0',
      totalBytes: totalMib * MIB,
      contextBytes: CONTEXT_MIB * MIB,
    });
    this.#allocator = new CachingAllocator({
      device: this.#device,
      settings: { ...allocatorSettings(conf), ...settings },
    });
  }

  play({ operations }: Program): Answer[] {
    this.#allocator.resetPeakStats();
    const before = counters(this.#allocator);
    const answers = operations.map((operation): Answer => {
      const decision = this.#decide(operation);
      const counted = counters(this.#allocator).map((count, i) => count - before[i]!);
      return [decision, [...levels(this.#allocator), ...counted]];
    });
    this.#leave();
    return answers;
  }

  #decide(operation: Operation): number | string | null {
    const allocator = this.#allocator;
    switch (operation[0]) {
      case 'alloc':
        try {
          const block = allocator.malloc(operation[2], operation[3]);
          this.#live.set(operation[1], block);
          return block.address;
        } catch (error) {
          if (!(error instanceof OutOfMemoryError)) throw error;
          return error.message;
        }
      case 'free':
        this.#free(operation[1]);
        return null;
      case 'record': {
        const block = this.#live.get(operation[1]);
        if (block !== undefined) allocator.recordStream(block, operation[2]);
        return null;
      }
      case 'empty':
        allocator.emptyCache();
        return null;
      case 'fraction':
        allocator.setProcessFraction(operation[1]);
        return null;
      case 'outside': {
        const address = this.#device.malloc(operation[2]);
        if (address !== null) this.#others.set(operation[1], [address, operation[2]]);
        return address;
      }
      case 'leave': {
        const taken = this.#others.get(operation[1]);
        this.#others.delete(operation[1]);
        if (taken !== undefined) this.#device.free(...taken);
        return null;
      }
      case 'enter': {
        const id = this.#pools.get(operation[1]) ?? `${operation[1]} ${++this.#made}`;
        if (!this.#pools.has(operation[1])) allocator.createPool(id);
        this.#pools.set(operation[1], id);
        allocator.beginAllocateToPool(id);
        this.#entered.push(id);
        return null;
      }
      case 'exit':
        this.#exit();
        return null;
      case 'drop':
        this.#drop(operation[1]);
        return null;
    }
  }

  #free(id: number): void {
    const block = this.#live.get(id);
    this.#live.delete(id);
    if (block !== undefined) this.#allocator.free(block);
    // Its kernels take no time: what awaits a stream has arrived by the next allocation.
    for (const stream of [0, 1, 2, 3]) this.#allocator.synchronizeStream(stream);
  }

  #exit(): void {
    const id = this.#entered.pop()!;
    this.#allocator.endAllocateToPool(id);
    this.#allocator.releasePool(id);
  }

  #drop(name: string): void {
    const id = this.#pools.get(name)!;
    this.#pools.delete(name);
    this.#allocator.releasePool(id);
    this.#allocator.emptyCache(id);
  }

  #leave(): void {
    while (this.#entered.length > 0) this.#exit();
    for (const id of [...this.#live.keys()]) this.#free(id);
    for (const name of [...this.#pools.keys()]) this.#drop(name);
    for (const taken of this.#others.values()) this.#device.free(...taken);
    this.#others.clear();
    this.#allocator.emptyCache();
  }
}

/** In the order of real.py's STATISTICS. */
function levels(allocator: CachingAllocator): number[] {
  const stats = allocator.memoryStats();
  return [
    stats.allocated_bytes.all.current,
    stats.allocated_bytes.all.peak,
    stats.active_bytes.all.current,
    stats.reserved_bytes.all.current,
    stats.reserved_bytes.all.peak,
    stats.requested_bytes.all.current,
    stats.inactive_split_bytes.all.current,
    stats.inactive_split.all.current,
    stats.allocation.all.current,
    stats.segment.all.current,
    stats.reserved_bytes.small_pool.current,
    stats.oversize_allocations.current,
    stats.oversize_segments.current,
  ];
}

function counters(allocator: CachingAllocator): number[] {
  const stats = allocator.memoryStats();
  return [
    stats.num_alloc_retries,
    stats.num_ooms,
    stats.num_sync_all_streams,
    stats.num_device_alloc,
    stats.num_device_free,
  ];
}
