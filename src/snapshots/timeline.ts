/** The timeline of one device, walked once: bytes in use and reserved after every event, where they were highest, what was refused. */
import {
  ALLOC,
  type Dump,
  type DumpSegment,
  FREE_COMPLETED,
  FREE_REQUESTED,
  OOM,
  SEGMENT_ALLOC,
  SEGMENT_FREE,
  SEGMENT_MAP,
  SEGMENT_UNMAP,
} from './dump.ts';
import { AddressTable } from './tables.ts';

/** A block that was there before the first event and was freed within the timeline. */
export interface EarlierBlock {
  address: number;
  requestedBytes: number;
  /** Event that frees it, counted from the first of this device. */
  freedAt: number;
}

export interface Refused {
  /** Counted from the first event of this device. */
  event: number;
  requestedBytes: number;
  /** What the device had free; null where the dump does not have it. */
  deviceFreeBytes: number | null;
  stack: number;
}

/** One stretch of the timeline: the highest of both figures within. */
export interface TimelinePoint {
  event: number;
  timeUs: number | null;
  activeBytes: number;
  reservedBytes: number;
}

export interface DeviceTimeline {
  device: number;
  /** First event in the columns, and how many there are. */
  first: number;
  count: number;
  segments: DumpSegment[];
  /** Requested bytes of what is allocated or pending, before the first event and after the last. */
  startBytes: number;
  endBytes: number;
  endReservedBytes: number;
  /** The event after which most was in use; −1: before the first one. */
  peakEvent: number;
  peakBytes: number;
  refused: Refused[];
  earlier: EarlierBlock[];
  /** Events that contradict each other: freed twice, allocated over what is there. */
  contradictions: number;
  actions: Map<number, number>;
  points: TimelinePoint[];
}

/** Stretches of a timeline, at most. */
const STRETCHES = 240;
export const eventsOfStretch = (count: number): number => Math.max(1, Math.ceil(count / STRETCHES));

const MOST_REFUSED = 1000;

export function timelineOf(dump: Dump, device: number): DeviceTimeline {
  const { events } = dump;
  const { first, count } = dump.traces[device] ?? { first: 0, count: 0 };
  const segments = dump.segments.filter(segment => segment.device === device);
  let [endBytes, endReservedBytes] = [0, 0];
  for (const segment of segments) {
    endReservedBytes += segment.bytes;
    for (const block of segment.blocks) if (block.state !== 'free') endBytes += block.requestedBytes;
  }
  let [change, changeReserved] = [0, 0];
  for (let i = first; i < first + count; i++) {
    change += activeChange(events.action[i]!, events.bytes[i]!);
    changeReserved += reservedChange(events.action[i]!, events.bytes[i]!);
  }
  const timeline: DeviceTimeline = {
    device,
    first,
    count,
    segments,
    startBytes: endBytes - change,
    endBytes,
    endReservedBytes,
    peakEvent: -1,
    peakBytes: endBytes - change,
    refused: [],
    earlier: [],
    contradictions: 0,
    actions: new Map(),
    points: [],
  };
  walk(dump, timeline, endReservedBytes - changeReserved);
  return timeline;
}

const activeChange = (action: number, bytes: number): number =>
  action === ALLOC ? bytes : action === FREE_COMPLETED ? -bytes : 0;

const reservedChange = (action: number, bytes: number): number =>
  action === SEGMENT_ALLOC || action === SEGMENT_MAP
    ? bytes
    : action === SEGMENT_FREE || action === SEGMENT_UNMAP
      ? -bytes
      : 0;

function walk({ events }: Dump, timeline: DeviceTimeline, startReserved: number): void {
  const { first, count, refused, earlier, actions, points } = timeline;
  const live = new AddressTable();
  const step = eventsOfStretch(count);
  let active = timeline.startBytes;
  let reserved = startReserved;
  let point: TimelinePoint | null = null;
  for (let i = 0; i < count; i++) {
    const event = first + i;
    const action = events.action[event]!;
    const bytes = events.bytes[event]!;
    actions.set(action, (actions.get(action) ?? 0) + 1);
    if (action === ALLOC) {
      if (live.get(events.address[event]!) >= 0) timeline.contradictions++;
      live.set(events.address[event]!, i);
      active += bytes;
    } else if (action === FREE_COMPLETED) {
      if (live.take(events.address[event]!) < 0)
        earlier.push({ address: events.address[event]!, requestedBytes: bytes, freedAt: i });
      active -= bytes;
    } else if (action === OOM) {
      if (refused.length < MOST_REFUSED)
        refused.push({
          event: i,
          requestedBytes: bytes,
          deviceFreeBytes: events.deviceFreeBytes.get(event) ?? null,
          stack: events.stack[event]!,
        });
    } else if (action !== FREE_REQUESTED) reserved += reservedChange(action, bytes);
    if (active > timeline.peakBytes) {
      timeline.peakBytes = active;
      timeline.peakEvent = i;
    }
    if (point === null || i % step === 0) {
      const timeUs = events.timeUs[event]!;
      point = {
        event: i,
        timeUs: Number.isNaN(timeUs) ? null : timeUs,
        activeBytes: active,
        reservedBytes: reserved,
      };
      points.push(point);
    } else {
      if (active > point.activeBytes) point.activeBytes = active;
      if (reserved > point.reservedBytes) point.reservedBytes = reserved;
    }
  }
}
