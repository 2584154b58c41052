/** How much each of a few lines held, stretch by stretch of the timeline: at the moment when most was in use within it. */
import type { StackNames } from './attribution.ts';
import { ALLOC, type Dump, FREE_COMPLETED } from './dump.ts';
import { stateAt } from './state.ts';
import { AddressTable } from './tables.ts';
import { type DeviceTimeline, eventsOfStretch } from './timeline.ts';

export interface LineTimeline {
  /** Names of the lines, and `others` for the rest. */
  labels: string[];
  points: { event: number; bytes: number[] }[];
}

/** @param labels lines to follow, as attribution names them */
export function lineTimelineOf(
  dump: Dump,
  timeline: DeviceTimeline,
  names: StackNames,
  labels: readonly string[],
): LineTimeline {
  const { events } = dump;
  const { first, count } = timeline;
  const others = labels.length;
  const index = new Map(labels.map((label, i) => [label, i]));
  const lines = new Map<number, number>();
  const lineOf = (stack: number, isRecorded: boolean): number => {
    const key = 2 * stack + (isRecorded ? 1 : 0);
    let line = lines.get(key);
    if (line === undefined) {
      line = index.get(names.line(names.view(stack, isRecorded))) ?? others;
      lines.set(key, line);
    }
    return line;
  };
  const held = new Array<number>(others + 1).fill(0);
  const live = new AddressTable();
  let active = 0;
  for (const { address, requestedBytes, stack } of stateAt(dump, timeline, -1).blocks) {
    const line = lineOf(stack, false);
    held[line]! += requestedBytes;
    active += requestedBytes;
    live.set(address, line);
  }
  const points: LineTimeline['points'] = [];
  const step = eventsOfStretch(count);
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    if (i % step === 0) {
      points.push({ event: i, bytes: [...held] });
      highest = active;
    }
    const action = events.action[first + i]!;
    if (action !== ALLOC && action !== FREE_COMPLETED) continue;
    const [address, bytes] = [events.address[first + i]!, events.bytes[first + i]!];
    if (action === ALLOC) {
      const line = lineOf(events.stack[first + i]!, true);
      held[line]! += bytes;
      active += bytes;
      live.set(address, line);
    } else {
      const was = live.take(address);
      held[was < 0 ? others : was]! -= bytes;
      active -= bytes;
    }
    if (active > highest) {
      highest = active;
      points[points.length - 1] = { event: i, bytes: [...held] };
    }
  }
  return { labels: [...labels, 'others'], points };
}
