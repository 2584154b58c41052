/**
 * Where a driver places what it hands out. The order decides ties between equal free blocks, and so, at times, what PyTorch
 * reserves. Linux' driver takes arenas of multiples of 32 MiB, the highest first, and fills the newest arena that has room;
 * an arena whose last allocation went is given up, and its addresses are used again.
 */
import { roundUp } from './sizes.ts';

const MIB = 2 ** 20;
const ARENA = 32 * MIB;
/** The driver hands out multiples of this, bytes. */
const PAGE = 2 * MIB;
/** Below it the arenas lie, above it what expandable segments reserve. */
const TOP = 2 ** 46;

export interface Addresses {
  /** The address of `bytes` new bytes. */
  take(bytes: number): number;
  giveBack(address: number): void;
  /** A range that has no memory behind it. */
  reserve(bytes: number): number;
  unreserve(address: number): void;
  /** The range is in use already, where a state is taken over. */
  occupy(address: number, bytes: number): void;
}

interface Range {
  address: number;
  bytes: number;
}

/** The lowest gap of `bytes` between `from` and `to`, past ranges in order of address; null where there is none. */
function lowestGap(ranges: readonly Range[], from: number, to: number, bytes: number): number | null {
  let at = from;
  for (const range of ranges) {
    if (range.address - at >= bytes) return at;
    at = range.address + range.bytes;
  }
  return to - at >= bytes ? at : null;
}

/** Puts an item into a list in order of address. */
export function insertByAddress<T extends { address: number }>(list: T[], item: T): void {
  const index = list.findIndex(({ address }) => address > item.address);
  list.splice(index === -1 ? list.length : index, 0, item);
}

interface Arena extends Range {
  /** What it holds, in order of address. */
  taken: Range[];
  takenBytes: number;
}

/** As Linux' driver: falling arenas, used again. */
export class FallingArenas implements Addresses {
  /** The newest first, and the highest first. */
  readonly #byAge: Arena[] = [];
  readonly #byAddress: Arena[] = [];
  readonly #reserved: Range[] = [];

  take(bytes: number): number {
    const size = roundUp(bytes, PAGE);
    for (const arena of this.#byAge) {
      if (arena.bytes - arena.takenBytes < size) continue;
      const at = lowestGap(arena.taken, arena.address, arena.address + arena.bytes, size);
      if (at !== null) return this.#put(arena, at, size);
    }
    const wanted = roundUp(size, ARENA);
    let top = TOP;
    let index = 0;
    for (; index < this.#byAddress.length; index++) {
      const { address, bytes: held } = this.#byAddress[index]!;
      if (top - (address + held) >= wanted) break;
      top = address;
    }
    const arena: Arena = { address: top - wanted, bytes: wanted, taken: [], takenBytes: 0 };
    this.#byAddress.splice(index, 0, arena);
    this.#byAge.unshift(arena);
    return this.#put(arena, arena.address, size);
  }

  #put(arena: Arena, address: number, bytes: number): number {
    insertByAddress(arena.taken, { address, bytes });
    arena.takenBytes += bytes;
    return address;
  }

  giveBack(address: number): void {
    const arena = this.#byAddress.find(one => address >= one.address)!;
    const index = arena.taken.findIndex(range => range.address === address);
    const [range] = arena.taken.splice(index, 1);
    arena.takenBytes -= range!.bytes;
    if (arena.taken.length > 0) return;
    for (const list of [this.#byAge, this.#byAddress]) list.splice(list.indexOf(arena), 1);
  }

  reserve(bytes: number): number {
    const address = lowestGap(this.#reserved, TOP, Number.MAX_SAFE_INTEGER, bytes)!;
    insertByAddress(this.#reserved, { address, bytes });
    return address;
  }

  unreserve(address: number): void {
    const index = this.#reserved.findIndex(range => range.address === address);
    this.#reserved.splice(index, 1);
  }

  /** In an arena of its own, or in those that overlap it, made one. */
  occupy(address: number, bytes: number): void {
    const from = Math.floor(address / ARENA) * ARENA;
    const to = roundUp(address + bytes, ARENA);
    const touched = this.#byAddress.filter(arena => arena.address < to && arena.address + arena.bytes > from);
    const low = Math.min(from, ...touched.map(arena => arena.address));
    const high = Math.max(to, ...touched.map(arena => arena.address + arena.bytes));
    const arena: Arena = { address: low, bytes: high - low, taken: [], takenBytes: 0 };
    for (const old of touched) {
      for (const range of old.taken) this.#put(arena, range.address, range.bytes);
      for (const list of [this.#byAge, this.#byAddress]) list.splice(list.indexOf(old), 1);
    }
    this.#put(arena, address, bytes);
    this.#byAge.unshift(arena);
    this.#byAddress.push(arena);
    this.#byAddress.sort((a, b) => b.address - a.address);
  }
}
