/** A snapshot's file, gzip or not, in bounded memory; how far it is, on a terminal, where that takes long. */
import { createReadStream, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { isGzip } from '../base/index.ts';
import type { Dump } from '../snapshots/index.ts';
import {
  type SnapshotReader,
  snapshotReader,
  TELLING_BYTES,
  UnreadableSnapshot,
} from '../snapshots/index.ts';
import { type Progress, readingProgress } from './progress.ts';

const CHUNK = 2 ** 20;
/** Bytes of the longest one, unpacked: what packs to nothing would else be read for ever. */
const LONGEST = 16 * 2 ** 30;

/** What a file is: gzip or not, and the reader of it; null where it begins as no snapshot does. */
async function reader(
  path: string,
  file: number,
  size: number,
): Promise<{ packed: boolean; reader: SnapshotReader } | null> {
  const head = new Uint8Array(TELLING_BYTES);
  const begin = head.subarray(0, readSync(file, head, 0, head.length, 0));
  if (!isGzip(begin)) {
    const plain = snapshotReader(begin, size);
    return plain === null ? null : { packed: false, reader: plain };
  }
  const unpacked = await firstUnpacked(path);
  // A dump packs to a tenth or less.
  const of = unpacked === null ? null : snapshotReader(unpacked, 12 * size);
  return of === null ? null : { packed: true, reader: of };
}

async function firstUnpacked(path: string): Promise<Uint8Array | null> {
  const stream = createReadStream(path).pipe(createGunzip());
  try {
    for await (const chunk of stream) return chunk as Uint8Array;
  } catch {
    return null;
  } finally {
    stream.destroy();
  }
  return null;
}

/**
 * The snapshot of a file; null where it is none.
 * @param file open for reading, of so many bytes.
 * Throws UnreadableSnapshot where it begins as one and cannot be read.
 */
export async function readSnapshot(path: string, file: number, size: number): Promise<Dump | null> {
  const opened = await reader(path, file, size);
  if (opened === null) return null;
  const progress = readingProgress(() => size);
  try {
    if (opened.packed) await readPacked(path, opened.reader, progress);
    else readPlain(file, opened.reader, progress);
  } finally {
    progress.end();
  }
  return opened.reader.end();
}

function readPlain(file: number, reader: SnapshotReader, progress: Progress): void {
  const chunk = new Uint8Array(CHUNK);
  let at = 0;
  for (;;) {
    const read = readSync(file, chunk, 0, CHUNK, at);
    if (read === 0) return;
    at += read;
    reader.push(chunk.subarray(0, read));
    progress.show(() => at);
  }
}

async function readPacked(path: string, reader: SnapshotReader, progress: Progress): Promise<void> {
  const source = createReadStream(path, { highWaterMark: CHUNK });
  const unpacked = source.pipe(createGunzip({ chunkSize: CHUNK }));
  let bytes = 0;
  try {
    for await (const chunk of unpacked) {
      bytes += (chunk as Uint8Array).length;
      if (bytes > LONGEST) throw new UnreadableSnapshot('it unpacks to more than 16 GiB');
      reader.push(chunk as Uint8Array);
      progress.show(() => source.bytesRead);
    }
  } catch (error) {
    if (error instanceof UnreadableSnapshot) throw error;
    throw new UnreadableSnapshot(`its gzip is broken or cut off (${(error as Error).message})`);
  } finally {
    source.destroy();
    unpacked.destroy();
  }
}
