/** A dump → its account: plain JSON of who held the memory at the moment that is asked for, where the peak was, what was refused. */
import { attribute, type Changed, difference, type MemoryHolders, StackNames } from './attribution.ts';
import { ACTIONS, ALLOC, type Dump } from './dump.ts';
import { type Layout, layoutOf } from './layout.ts';
import { type LineTimeline, lineTimelineOf } from './line-timeline.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import { stateAt } from './state.ts';
import { UnreadableSnapshot } from './tables.ts';
import { type DeviceTimeline, type TimelinePoint, timelineOf } from './timeline.ts';

/** A moment of the timeline: of the peak, of the dump itself, or after an event, counted from 0. */
export type SnapshotMoment = 'peak' | 'end' | number;

export interface DeviceAccount {
  /** `cuda:0`. */
  device: string;
  /** Which moment this is of. */
  at: SnapshotMoment;
  /** The event after which it is, counted from 0; null for the moment of the dump. */
  event: number | null;
  /** Seconds since the first event; null where the dump has no times. */
  seconds: number | null;
  /** Whether sizes of blocks are the dump's own; earlier ones are requests rounded up. */
  isExact: boolean;
  layout: Layout;
  attribution: MemoryHolders;
  /** Requested bytes of what is in use, where it was highest; event −1 is before the first. */
  peak: { event: number; bytes: number };
  startBytes: number;
  endBytes: number;
  endReservedBytes: number;
  events: number;
  actions: Record<string, number>;
  timeline: TimelinePoint[];
  /** Of the lines that hold most, and of all others together. */
  lineTimeline: LineTimeline;
  refused: Refusal[];
  /** What in the dump does not add up, in sentences. */
  contradictions: string[];
}

export interface SnapshotAccount {
  format: string;
  /** Keys at the top of the dump: they show its generation. */
  keys: string[];
  settings: Record<string, unknown> | null;
  /** Segments of pinned memory of the host, which are not part of the account. */
  hostSegments: number;
  distinctStacks: number;
  unknownActions: string[];
  devices: DeviceAccount[];
}

/** Lines that are followed over the timeline. */
const FOLLOWED = 4;
/** Refusals of a device that are looked at one by one. */
const MOST_REFUSALS = 5;

/**
 * The account of a dump.
 * @param at which moment; null: the peak where there is a timeline, else the moment of the dump.
 * Throws UnreadableSnapshot where an event is asked for that no device has.
 */
export function accountOf(dump: Dump, at: SnapshotMoment | null = null): SnapshotAccount {
  const names = new StackNames(dump);
  const indices = new Set(dump.segments.map(({ device }) => device));
  dump.traces.forEach(({ count }, device) => {
    if (count > 0) indices.add(device);
  });
  const devices = [...indices]
    .sort((a, b) => a - b)
    .map(device => deviceAccount(dump, timelineOf(dump, device), names, at));
  const longest = Math.max(0, ...devices.map(({ events }) => events));
  if (typeof at === 'number' && at >= longest)
    throw new UnreadableSnapshot(`it has ${longest} events, and none with the number ${at}`);
  return {
    format: dump.format,
    keys: dump.keys,
    settings: dump.settings,
    hostSegments: dump.hostSegments,
    distinctStacks: dump.stacks.count,
    unknownActions: [...dump.events.unknownActions],
    devices,
  };
}

function deviceAccount(
  dump: Dump,
  timeline: DeviceTimeline,
  names: StackNames,
  wanted: SnapshotMoment | null,
): DeviceAccount {
  const { first, count, peakEvent, peakBytes, startBytes, endBytes, endReservedBytes } = timeline;
  const at = wanted ?? (timeline.actions.has(ALLOC) ? 'peak' : 'end');
  const event = at === 'end' ? null : at === 'peak' ? peakEvent : Math.min(at, count - 1);
  const state = stateAt(dump, timeline, event);
  const layout = layoutOf(state);
  const attribution = attribute(state.blocks, names);
  const timeOf = (index: number): number => dump.events.timeUs[first + index] ?? Number.NaN;
  const shownEvent = state.event ?? count - 1;
  const seconds = count === 0 ? Number.NaN : (timeOf(Math.max(0, shownEvent)) - timeOf(0)) / 1e6;
  return {
    device: `cuda:${timeline.device}`,
    at,
    event: state.event,
    seconds: Number.isFinite(seconds) ? seconds : null,
    isExact: state.event === null,
    layout,
    attribution,
    peak: { event: peakEvent, bytes: peakBytes },
    startBytes,
    endBytes,
    endReservedBytes,
    events: count,
    actions: Object.fromEntries(
      [...timeline.actions].map(([action, times]) => [ACTIONS[action] ?? 'unknown', times]),
    ),
    timeline: timeline.points,
    lineTimeline: lineTimelineOf(
      dump,
      timeline,
      names,
      attribution.lines.slice(0, FOLLOWED).map(({ label }) => label),
    ),
    refused: timeline.refused.slice(-MOST_REFUSALS).map(refused => refusalOf(dump, timeline, refused, names)),
    contradictions: contradictionsOf(timeline, layout),
  };
}

function contradictionsOf(
  { segments, startBytes, contradictions }: DeviceTimeline,
  layout: Layout,
): string[] {
  const found: string[] = [];
  const wrong = { allocatedBytes: 0, activeBytes: 0, bytes: 0 };
  for (const segment of segments) {
    let [allocated, active, all] = [0, 0, 0];
    for (const { state, bytes } of segment.blocks) {
      all += bytes;
      if (state === 'allocated') allocated += bytes;
      if (state !== 'free') active += bytes;
    }
    if (segment.allocatedBytes !== null && segment.allocatedBytes !== allocated) wrong.allocatedBytes++;
    if (segment.activeBytes !== null && segment.activeBytes !== active) wrong.activeBytes++;
    if (all !== segment.bytes) wrong.bytes++;
  }
  if (wrong.allocatedBytes > 0)
    found.push(`${wrong.allocatedBytes} segments count other allocated bytes than their blocks have.`);
  if (wrong.activeBytes > 0)
    found.push(`${wrong.activeBytes} segments count other active bytes than their blocks have.`);
  if (wrong.bytes > 0) found.push(`${wrong.bytes} segments are not as large as their blocks together.`);
  if (startBytes < 0) found.push('The timeline frees more than was ever there.');
  if (contradictions > 0) found.push(`${contradictions} events allocate an address that is in use already.`);
  if (layout.outsideBytes > 0)
    found.push(`${layout.outsideBytes} bytes of blocks are in none of the segments.`);
  return found;
}

export interface DeviceDifference {
  device: string;
  beforeBytes: number;
  afterBytes: number;
  lines: Changed[];
}

/** What changed by line between two accounts, device by device. */
export function changesBetween(before: SnapshotAccount, after: SnapshotAccount): DeviceDifference[] {
  const none: MemoryHolders = { totalBytes: 0, lines: [], stacks: [], files: [], categories: [] };
  const names = new Set([...before.devices, ...after.devices].map(({ device }) => device));
  return [...names].sort().map(device => {
    const [was, is] = [before, after].map(
      account => account.devices.find(own => own.device === device)?.attribution ?? none,
    );
    return {
      device,
      beforeBytes: was!.totalBytes,
      afterBytes: is!.totalBytes,
      lines: difference(was!, is!),
    };
  });
}
