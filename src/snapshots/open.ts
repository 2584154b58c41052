/** What a file begins with → the reader for it. */
import type { Dump } from './dump.ts';
import { JsonReader } from './json.ts';
import { PickleReader } from './pickle.ts';

export interface SnapshotReader {
  /** Takes the next bytes. Throws UnreadableSnapshot. */
  push(chunk: Uint8Array): void;
  /** The snapshot. Throws UnreadableSnapshot where the file is cut off. */
  end(): Dump;
}

/** How many of a file's first bytes show what it is. */
export const TELLING_BYTES = 4096;

const KEYS = [
  'segments',
  'device_traces',
  'allocator_settings',
  'external_annotations',
  'host_segments',
  'host_traces',
];

/**
 * The reader for a file by its first bytes; null where they are of no snapshot.
 * @param size bytes of the whole, unpacked, as far as known.
 */
export function snapshotReader(head: Uint8Array, size: number | null): SnapshotReader | null {
  if (head[0] === 0x80 && head.length > 1 && head[1]! <= 8) return new PickleReader(size);
  let text = '';
  for (const byte of head.subarray(0, TELLING_BYTES)) text += String.fromCharCode(byte);
  const begin = text.trimStart();
  const isDump = begin.startsWith('{') && KEYS.some(key => begin.slice(1).trimStart().startsWith(`"${key}"`));
  const isList =
    begin.startsWith('[') &&
    begin.slice(1).trimStart().startsWith('{') &&
    (begin.includes('"total_size"') || begin.includes('"segment_type"'));
  return isDump || isList ? new JsonReader(size) : null;
}
