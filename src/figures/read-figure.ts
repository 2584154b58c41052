/** Where a figure lies in the snapshot, on every device and rank rather than on the lead's first, and its value there. */
import type { DeviceState, SanctumSnapshot } from '../contract/index.ts';

/** What a figure has one value of each, and the fields on the way to it from there. */
export interface FigurePlace {
  each: 'device' | 'rank' | 'run';
  keys: readonly string[];
}

/** A path names where the screen shows the figure; the others of its kind lie here. */
const places = [
  ['tamiyo.infrastructure.', 'device', 'infrastructure.'],
  ['devices[].', 'device', ''],
  ['tamiyo.', 'rank', ''],
  ['vitals.host.', 'rank', 'host.'],
  ['ranks[].', 'rank', ''],
  ['vitals.', 'run', 'vitals.'],
] as const;

/** Null for a path that is not of a device, a rank or the vitals. */
export function placeOf(path: string): FigurePlace | null {
  const place = places.find(([prefix]) => path.startsWith(prefix));
  if (place === undefined) return null;
  const [prefix, each, inside] = place;
  return { each, keys: (inside + path.slice(prefix.length)).split('.') };
}

/** What the keys lead to from a device, a rank or a snapshot; undefined where a part of the way is missing. */
export function fieldAt(owner: object, keys: readonly string[]): unknown {
  let value: unknown = owner;
  for (let i = 0; i < keys.length; i++) value = (value as Record<string, unknown> | null)?.[keys[i]!];
  return value;
}

/** The figure of a device, a rank or a snapshot. Null: not measured. */
export function valueIn(name: string, keys: readonly string[], owner: object): number | boolean | null {
  // The one figure that is 0, not null, where it is not measured.
  if (name === 'memoryUsagePercent' && (owner as DeviceState).infrastructure.memoryStatus === 'unmeasured')
    return null;
  const value = fieldAt(owner, keys);
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** The figure of the run as a whole: of the lead rank, and of the host that is shown. Null: not measured. */
export const valueOfRun = (path: string, snapshot: SanctumSnapshot): number | boolean | null => {
  const value = fieldAt(snapshot, path.split('.'));
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
};
