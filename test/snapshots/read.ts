/** Snapshots of the goldens and of the material, read as the command reads them. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Dump, snapshotReader } from '../../src/snapshots/index.ts';

export const golden = (name: string): string =>
  new URL(`../golden/snapshots/${name}`, import.meta.url).pathname;
export const RELEASES = ['2.0', '2.6', '2.11', '2.15'] as const;

export function bytesOf(path: string): Uint8Array {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** In pieces of so many bytes. */
export function dumpOf(bytes: Uint8Array, piece = bytes.length): Dump {
  const reader = snapshotReader(bytes.subarray(0, 4096), bytes.length);
  if (reader === null) throw new Error('no snapshot');
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece));
  return reader.end();
}
