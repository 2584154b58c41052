/**
 * Files of a run are regular files and nothing else: opening a pipe would wait for its writer, a device never ends, and
 * a link may lead anywhere. What is none is refused with a sentence, without waiting.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;

/**
 * A regular file, open for reading unless `flags` say otherwise, and what it is. Throws an Error of one sentence without its
 * full stop.
 */
export function openRegular(path: string, flags = O_RDONLY): { fd: number; stats: Stats } {
  let fd: number;
  try {
    fd = openSync(path, flags | O_NONBLOCK | O_NOFOLLOW, 0o666);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A socket cannot be opened at all.
    if (code === 'ELOOP') throw refusal(path, 'a link', error);
    if (code === 'ENXIO') throw refusal(path, 'a socket', error);
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    refuseOthers(path, stats);
    return { fd, stats };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The text of a small regular file. Throws as {@link openRegular}, and where it is longer than `most` bytes. */
export function readRegular(path: string, most: number): string {
  const { fd } = openRegular(path);
  try {
    // One byte more reveals a file that is too long, also where it grows meanwhile.
    const pieces: Buffer[] = [];
    for (let left = most + 1; left > 0; ) {
      const piece = Buffer.allocUnsafe(Math.min(left, CHUNK));
      const read = readSync(fd, piece, 0, piece.length, null);
      if (read === 0) break;
      pieces.push(piece.subarray(0, read));
      left -= read;
      if (left === 0) throw new Error(`${path} is longer than ${most} bytes`);
    }
    return Buffer.concat(pieces).toString('utf8');
  } finally {
    closeSync(fd);
  }
}

/** Up to `length` bytes of an open file from `at` on: fewer where it ends before. Throws as node:fs does. */
export function readAt(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const got = readSync(fd, bytes, done, length - done, at + done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}

/** Throws an Error of one sentence without its full stop where `stats` are not those of a regular file. */
export function refuseOthers(path: string, stats: Stats): void {
  if (!stats.isFile()) throw refusal(path, kindOf(stats));
}

const CHUNK = 64 * 1024;

const kindOf = (stats: Stats): string =>
  stats.isDirectory() ? 'a folder' : stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device';

/** The code of the error where something else is in a regular file's place. */
export const NOT_REGULAR = 'ENOTREG';

const refusal = (path: string, what: string, cause?: unknown) =>
  Object.assign(new Error(`${path} is ${what}: only regular files are read`, { cause }), {
    code: NOT_REGULAR,
  });
