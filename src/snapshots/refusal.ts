/** A refused request: what was asked for, what there was, and what stood in its way. */
import { attribute, type LineHolder, type StackNames } from './attribution.ts';
import type { Dump } from './dump.ts';
import { type Layout, layoutOf } from './layout.ts';
import { rounded, stateAt } from './state.ts';
import type { DeviceTimeline, Refused } from './timeline.ts';

const MIB = 2 ** 20;

export interface Refusal {
  /** Counted from the first event of the device. */
  event: number;
  requestedBytes: number;
  /** What the allocator asks the device for, to serve it. */
  segmentBytes: number;
  /** Where it was asked for: `train.py:88 update`. */
  line: string;
  /** The library's line that it had called; null where that is torch alone. */
  within: string | null;
  deviceFreeBytes: number | null;
  layout: Layout;
  /** Free pieces that the request could have been served from, were they one: stranded, releasable, and free on the device. */
  freeBytes: number;
  /**
   * `pieces`: enough was free, in pieces that are each too small. `need`: what is allocated leaves too little, however it is
   * arranged. `unknown`: the dump does not have what the device had free.
   */
  blockedBy: 'pieces' | 'need' | 'unknown';
  /** Bytes that were short even if all pieces were one; 0 for `pieces`, null where unknown. */
  shortBytes: number | null;
  /** Who held the memory then, the largest first. */
  lines: LineHolder[];
}

/** Bytes of the segment that the allocator asks the device for. */
function segmentFor(requested: number): number {
  const bytes = rounded(requested);
  if (bytes <= MIB) return 2 * MIB;
  return bytes < 10 * MIB ? 20 * MIB : Math.ceil(bytes / (2 * MIB)) * 2 * MIB;
}

export function refusalOf(
  dump: Dump,
  timeline: DeviceTimeline,
  { event, requestedBytes, deviceFreeBytes, stack }: Refused,
  names: StackNames,
): Refusal {
  const state = stateAt(dump, timeline, event);
  const layout = layoutOf(state);
  const held = layout.strandedBytes + layout.releasableBytes + layout.expandableFreeBytes;
  const freeBytes = held + (deviceFreeBytes ?? 0);
  const view = names.view(stack, true);
  const isEnough = freeBytes >= requestedBytes;
  return {
    event,
    requestedBytes,
    segmentBytes: segmentFor(requestedBytes),
    line: names.line(view),
    within: view.within && names.frame(view.within),
    deviceFreeBytes,
    layout,
    freeBytes,
    blockedBy: isEnough ? 'pieces' : deviceFreeBytes === null ? 'unknown' : 'need',
    shortBytes: isEnough ? 0 : deviceFreeBytes === null ? null : requestedBytes - freeBytes,
    lines: attribute(state.blocks, names).lines,
  };
}
