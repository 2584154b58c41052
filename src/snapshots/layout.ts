/** How the memory that is held divides: needed, lost to rounding, free in pieces of partly used segments, free in whole segments. */
import type { HeldRange, State } from './state.ts';

export interface Layout {
  /** All that is held. It is the sum of the next six. */
  reservedBytes: number;
  /** Requested by what is allocated. */
  requestedBytes: number;
  /** What blocks take beyond what was requested. */
  roundingBytes: number;
  /** Freed by the program, and still awaited by a stream, rounding included. */
  pendingBytes: number;
  /** Free pieces of partly used segments: cannot be released. */
  strandedBytes: number;
  /** In wholly free segments: what `empty_cache` gives back. */
  releasableBytes: number;
  /** Free in expandable segments: whole pages of it can be released. */
  expandableFreeBytes: number;
  /** Allocated, rounding included: the allocator's own figure. */
  allocatedBytes: number;
  /** Allocated and pending, rounding included. */
  activeBytes: number;
  freePieces: number;
  largestFreeBytes: number;
  /** The largest free piece in a partly used segment; 0 where there is none. */
  largestStrandedBytes: number;
  /** Of blocks that are in none of the segments: more than 0 only where the dump contradicts itself. */
  outsideBytes: number;
}

export function layoutOf({ blocks, ranges }: State): Layout {
  const sorted = [...blocks].sort((a, b) => a.address - b.address);
  const layout: Layout = {
    reservedBytes: 0,
    requestedBytes: 0,
    roundingBytes: 0,
    pendingBytes: 0,
    strandedBytes: 0,
    releasableBytes: 0,
    expandableFreeBytes: 0,
    allocatedBytes: 0,
    activeBytes: 0,
    freePieces: 0,
    largestFreeBytes: 0,
    largestStrandedBytes: 0,
    outsideBytes: 0,
  };
  let at = 0;
  for (const range of ranges) {
    layout.reservedBytes += range.bytes;
    for (; at < sorted.length && sorted[at]!.address < range.address; at++)
      layout.outsideBytes += sorted[at]!.bytes;
    let free = range.address;
    const gaps: number[] = [];
    const end = range.address + range.bytes;
    for (; at < sorted.length && sorted[at]!.address < end; at++) {
      const block = sorted[at]!;
      if (block.address > free) gaps.push(block.address - free);
      free = Math.max(free, block.address + block.bytes);
      layout.activeBytes += block.bytes;
      if (block.isPending) layout.pendingBytes += block.bytes;
      else {
        layout.allocatedBytes += block.bytes;
        layout.requestedBytes += block.requestedBytes;
        layout.roundingBytes += block.bytes - block.requestedBytes;
      }
    }
    if (end > free) gaps.push(end - free);
    countGaps(layout, range, gaps);
  }
  for (; at < sorted.length; at++) layout.outsideBytes += sorted[at]!.bytes;
  return layout;
}

function countGaps(layout: Layout, { bytes, isExpandable }: HeldRange, gaps: number[]): void {
  for (const gap of gaps) {
    layout.freePieces++;
    layout.largestFreeBytes = Math.max(layout.largestFreeBytes, gap);
    if (isExpandable) layout.expandableFreeBytes += gap;
    else if (gap === bytes) layout.releasableBytes += gap;
    else {
      layout.strandedBytes += gap;
      layout.largestStrandedBytes = Math.max(layout.largestStrandedBytes, gap);
    }
  }
}
