/**
 * What was allocated at one moment: at the end as the dump has it, earlier by undoing events from there. The size that a block
 * takes of its segment is known at the end only; earlier it is the request rounded up, with what the allocator does not split off.
 */
import {
  ALLOC,
  type Dump,
  type DumpSegment,
  FREE_COMPLETED,
  FREE_REQUESTED,
  SEGMENT_ALLOC,
  SEGMENT_FREE,
  SEGMENT_MAP,
  SEGMENT_UNMAP,
} from './dump.ts';
import { AddressTable } from './tables.ts';
import type { DeviceTimeline } from './timeline.ts';

export interface LiveBlock {
  address: number;
  requestedBytes: number;
  /** Bytes that it takes of its segment. */
  bytes: number;
  /** Freed by the program, and still awaited by a stream. */
  isPending: boolean;
  /** Where it was allocated. */
  stack: number;
  /** The event that allocated it, counted from the first of the device; −1: none in this dump. */
  event: number;
}

/** Part of the device's memory that the allocator holds. */
export interface HeldRange {
  address: number;
  bytes: number;
  isSmall: boolean;
  isExpandable: boolean;
}

export interface State {
  /** Event after which it is; null for the moment of the dump. */
  event: number | null;
  blocks: LiveBlock[];
  ranges: HeldRange[];
}

const KIB = 1024;
const MIB = 1024 * KIB;
/** What is left of a block is split off where it is larger. */
const UNSPLIT = MIB;
const SMALL_SEGMENT = 2 * MIB;
/** What a request takes of a segment that is split. */
export const rounded = (bytes: number): number => Math.max(512, Math.ceil(bytes / 512) * 512);

/** @param event after which, counted from the first of the device, −1 for before the first; null: the moment of the dump. */
export function stateAt(dump: Dump, timeline: DeviceTimeline, event: number | null): State {
  const { events } = dump;
  const { first, count, segments } = timeline;
  const until = event === null ? count : Math.min(count, event + 1);
  const live = new AddressTable();
  const pending = new Set<number>();
  /** Addresses that a later event allocates: what the dump has there is not of the time before. */
  const allocatedLater = new AddressTable();
  for (let i = 0; i < count; i++) {
    const action = events.action[first + i]!;
    const address = events.address[first + i]!;
    if (i >= until) {
      if (action === ALLOC) allocatedLater.set(address, i);
      continue;
    }
    if (action === FREE_REQUESTED) pending.add(address);
    else if (action === ALLOC || action === FREE_COMPLETED) {
      pending.delete(address);
      if (action === ALLOC) live.set(address, i);
      else live.take(address);
    }
  }
  if (until === count)
    return { event: null, blocks: blocksOfDump(segments, live), ranges: rangesOf(segments) };
  const blocks: LiveBlock[] = [];
  const add = (address: number, requestedBytes: number, stack: number, from: number) =>
    blocks.push({
      address,
      requestedBytes,
      bytes: rounded(requestedBytes),
      isPending: pending.has(address),
      stack,
      event: from,
    });
  for (const [address, i] of live.entries())
    add(address, events.bytes[first + i]!, events.stack[first + i]!, i);
  // Of an address, only the first free without an allocation is of a block that was there before.
  for (const { address, requestedBytes, freedAt } of timeline.earlier)
    if (freedAt >= until && live.get(address) < 0) add(address, requestedBytes, 0, -1);
  const freed = new Set(timeline.earlier.map(({ address }) => address));
  for (const { blocks: ended } of segments)
    for (const { address, requestedBytes, bytes, state, stack } of ended)
      if (state !== 'free' && live.get(address) < 0 && allocatedLater.get(address) < 0 && !freed.has(address))
        blocks.push({ address, requestedBytes, bytes, isPending: pending.has(address), stack, event: -1 });
  const ranges = undone(dump, timeline, until);
  fitUnsplit(blocks, ranges);
  return { event, blocks, ranges };
}

function blocksOfDump(segments: DumpSegment[], live: AddressTable): LiveBlock[] {
  return segments.flatMap(({ blocks }) =>
    blocks
      .filter(({ state }) => state !== 'free')
      .map(({ address, requestedBytes, bytes, state, stack }) => ({
        address,
        requestedBytes,
        bytes,
        isPending: state === 'pending',
        stack,
        event: live.get(address),
      })),
  );
}

const rangesOf = (segments: DumpSegment[]): HeldRange[] =>
  segments
    .map(({ address, bytes, isSmall, isExpandable }) => ({ address, bytes, isSmall, isExpandable }))
    .sort((a, b) => a.address - b.address);

/** What was held after the first `until` events: the segments of the dump, with later events undone, the last first. */
function undone({ events }: Dump, { first, count, segments }: DeviceTimeline, until: number): HeldRange[] {
  const ranges = new Map<number, HeldRange>(rangesOf(segments).map(range => [range.address, range]));
  for (let i = count - 1; i >= until; i--) {
    const action = events.action[first + i]!;
    if (action < SEGMENT_ALLOC || action > SEGMENT_UNMAP) continue;
    const [address, bytes] = [events.address[first + i]!, events.bytes[first + i]!];
    if (action === SEGMENT_FREE || action === SEGMENT_UNMAP)
      ranges.set(address, {
        address,
        bytes,
        isSmall: bytes === SMALL_SEGMENT,
        isExpandable: action === SEGMENT_UNMAP,
      });
    else if (action === SEGMENT_ALLOC) ranges.delete(address);
    else if (action === SEGMENT_MAP) remove(ranges, address, bytes);
  }
  return [...ranges.values()].sort((a, b) => a.address - b.address);
}

/** Takes part of what is held away: mapped pages merge with their neighbours in the dump. */
function remove(ranges: Map<number, HeldRange>, address: number, bytes: number): void {
  const end = address + bytes;
  const parts =
    ranges.has(address) && ranges.get(address)!.bytes === bytes
      ? [ranges.get(address)!]
      : [...ranges.values()];
  for (const range of parts) {
    const rangeEnd = range.address + range.bytes;
    if (range.address >= end || rangeEnd <= address) continue;
    ranges.delete(range.address);
    if (range.address < address) ranges.set(range.address, { ...range, bytes: address - range.address });
    if (rangeEnd > end) ranges.set(end, { ...range, address: end, bytes: rangeEnd - end });
  }
}

/** In a large segment nothing of up to 1 MiB is split off: such a gap behind a block is part of it. */
function fitUnsplit(blocks: LiveBlock[], ranges: HeldRange[]): void {
  blocks.sort((a, b) => a.address - b.address);
  let at = 0;
  for (const { address, bytes, isSmall, isExpandable } of ranges) {
    const end = address + bytes;
    while (at < blocks.length && blocks[at]!.address < address) at++;
    for (; at < blocks.length && blocks[at]!.address < end; at++) {
      const block = blocks[at]!;
      const next = Math.min(end, blocks[at + 1]?.address ?? end);
      const gap = next - block.address - block.bytes;
      if (gap > 0 && !isSmall && !isExpandable && gap <= UNSPLIT) block.bytes += gap;
    }
  }
}
