/** A rank's log, open for reading at any place of its text, whether it is packed or not. Its path is that of the plain file. */
import { closeSync, fstatSync, lstatSync, readSync, type Stats } from 'node:fs';
import { openRegular } from '../disk/index.ts';
import { PACKED, PackedText } from './packed-log.ts';

export interface LogFile {
  /** Of the file that is read. */
  inode: number;
  /** Bytes of text, now. */
  size(): number;
  /** Fills the buffer from `at` with text from `position` on; returns bytes, 0 at the end. Throws as node:fs does. */
  read(buffer: Buffer, at: number, length: number, position: number): number;
  close(): void;
}

/** The file that holds the log's text: a plain one before a packed one, which an interrupted packing left. */
function placeOf(path: string): { path: string; stats: Stats; isPacked: boolean } | undefined {
  const plain = statsOf(path);
  if (plain !== undefined) return { path, stats: plain, isPacked: false };
  const packed = statsOf(path + PACKED);
  return packed === undefined ? undefined : { path: path + PACKED, stats: packed, isPacked: true };
}

/** Undefined where nothing is, also where a folder of the path is a file. */
function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The inode of the log's file, and its bytes of text; undefined where there is no log. Throws as {@link openLog}. */
export function lookAtLog(path: string): { inode: number; size: number } | undefined {
  const place = placeOf(path);
  if (place === undefined) return undefined;
  if (!place.isPacked) return { inode: place.stats.ino, size: place.stats.size };
  const log = openLog(path);
  try {
    return { inode: log.inode, size: log.size() };
  } finally {
    log.close();
  }
}

/** Bytes that the log takes on the disk. Throws as node:fs does, also where there is no log. */
export const storedBytes = (path: string): number => (placeOf(path)?.stats ?? lstatSync(path)).size;

/** Whether the log is packed alone: no plain file is there. */
export const isPackedLog = (path: string): boolean => placeOf(path)?.isPacked === true;

/** Throws as `openRegular`, and an Error of one sentence without its full stop where a packed log is damaged. */
export function openLog(path: string): LogFile {
  const place = placeOf(path);
  const { fd, stats } = openRegular(place?.path ?? path);
  if (!place?.isPacked)
    return {
      inode: stats.ino,
      size: () => fstatSync(fd).size,
      read: (buffer, at, length, position) => readSync(fd, buffer, at, length, position),
      close: () => closeSync(fd),
    };
  try {
    const text = new PackedText(fd, stats.size, place.path);
    return {
      inode: stats.ino,
      size: () => text.size,
      read: (buffer, at, length, position) => text.read(buffer, at, length, position),
      close: () => closeSync(fd),
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
