/** What a file comes to → the dump that it is. */
import type { Dump, DumpSegment, Range } from './dump.ts';
import { EVENT, EVENTS, SEGMENT } from './kinds.ts';
import { Handle, type Plain } from './plain.ts';
import type { Records } from './records.ts';
import { UnreadableSnapshot } from './tables.ts';

/** The snapshot that the value is. Throws where it is none. */
export function dumpFrom(records: Records, root: Plain, format: string): Dump {
  const { events, texts, frames, stacks } = records;
  const base = { format, events, texts, frames, stacks };
  const slice = ({ first, count }: Range): DumpSegment[] => records.segments.slice(first, first + count);
  const list = rangeOf(records, root, SEGMENT);
  if (list !== null)
    return { ...base, keys: [], segments: slice(list), traces: [], hostSegments: 0, settings: null };
  if (!(root instanceof Map) || !root.has('segments'))
    throw new UnreadableSnapshot('it is no memory snapshot of PyTorch: it has no segments');
  const segments = rangeOf(records, root.get('segments')!, SEGMENT);
  const traces = root.get('device_traces') ?? [];
  if (segments === null || !Array.isArray(traces))
    throw new UnreadableSnapshot('its segments or its traces are no lists of such');
  const settings = root.get('allocator_settings');
  const host = root.get('host_segments') ?? [];
  return {
    ...base,
    keys: [...root.keys()],
    segments: slice(segments),
    traces: traces.map(trace => {
      const range = rangeOf(records, trace, EVENT);
      if (range === null) throw new UnreadableSnapshot('a trace is no list of events');
      return { first: range.first, count: range.count };
    }),
    hostSegments: rangeOf(records, host, SEGMENT)?.count ?? (Array.isArray(host) ? host.length : 0),
    settings: settings instanceof Map ? (objectOf(settings, 0) as Record<string, unknown>) : null,
  };
}

function rangeOf({ ranges }: Records, plain: Plain, of: number): Range | null {
  if (Array.isArray(plain) && plain.length === 0) return { first: 0, count: 0 };
  if (!(plain instanceof Handle) || plain.kind !== EVENTS) return null;
  const range = ranges[plain.value]!;
  return range.of === of ? range : null;
}

/** Plain values as JSON has them; what is a record, or nests deeper than settings do, is left out. */
function objectOf(plain: Plain, depth: number): unknown {
  if (plain instanceof Handle || depth > 8) return null;
  if (Array.isArray(plain)) return plain.slice(0, 1000).map(item => objectOf(item, depth + 1));
  if (plain instanceof Map)
    return Object.fromEntries(
      [...plain].slice(0, 1000).map(([key, item]) => [key, objectOf(item, depth + 1)]),
    );
  return plain;
}
