/**
 * A file that is there whole or not at all: written beside its place, synced, and renamed into it only when every byte
 * was taken. A full disk leaves what was there before.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { realPath } from './real-path.ts';

/** Writes all bytes at the file's present position: a write may take a part, and the next fails with the reason. Throws as node:fs does. */
export function writeFully(fd: number, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let written = 0; written < bytes.length; ) {
    const taken = writeSync(fd, bytes, written, bytes.length - written);
    if (taken === 0) throw new Error(`the disk took ${written} of ${bytes.length} bytes`);
    written += taken;
  }
}

/** What a file is to hold, or what writes it to the open file, part by part. */
export type Content = string | Uint8Array | ((fd: number) => void);

/**
 * Replaces what was at `path`; through links, what they lead to. A pipe or a device is written to instead.
 * Throws as node:fs does, or what `content` throws, and leaves nothing behind then.
 */
export function writeWhole(path: string, content: Content): void {
  // By its own name: what /dev/stdout leads to, a pipe, has none.
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw new Error(`${path} is a folder`);
  if (there !== undefined && !there.isFile()) {
    writeAndClose(openSync(path, 'w'), content, false);
    return;
  }
  const place = realPath(path) ?? path;
  const draft = join(dirname(place), `.${basename(place)}.${process.pid}.new`);
  try {
    writeAndClose(openSync(draft, 'w', there?.mode), content, true);
    renameSync(draft, place);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncFolder(dirname(place));
}

function writeAndClose(fd: number, content: Content, isFile: boolean): void {
  try {
    if (typeof content === 'function') content(fd);
    else writeFully(fd, content);
    if (isFile) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** So that a crash of the machine does not undo the rename. Not every file system can. */
function syncFolder(path: string): void {
  let fd: number | null = null;
  try {
    fd = openSync(path, 'r');
    fsyncSync(fd);
  } catch {
    // The file itself is synced: at worst the old one is back.
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
