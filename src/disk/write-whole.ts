/**
 * A file that is there whole or not at all: written beside its place, synced, and renamed into it only when every byte
 * was taken. A full disk leaves what was there before.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { draftOf, holdDraft, removeStale } from './drafts.ts';
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
  const file = begun(path);
  try {
    if (typeof content === 'function') content(file.fd);
    else writeFully(file.fd, content);
    file.finish();
  } catch (error) {
    file.drop();
    throw error;
  }
}

/** Longest that signals and the like wait. */
const TURN_MS = 50;

/**
 * As {@link writeWhole}, for what takes long: between two steps the process does other things, and a signal ends it at once.
 * @param steps writes to the open file whenever it is asked for its next step
 */
export async function writeWholeInSteps(
  path: string,
  steps: (fd: number) => Iterable<unknown>,
): Promise<void> {
  const file = begun(path);
  try {
    let turn = performance.now();
    for (const _ of steps(file.fd)) {
      if (performance.now() - turn < TURN_MS) continue;
      await new Promise(resolve => setImmediate(resolve));
      turn = performance.now();
    }
    file.finish();
  } catch (error) {
    file.drop();
    throw error;
  }
}

interface Begun {
  fd: number;
  /** Puts what was written in its place. */
  finish(): void;
  /** Leaves what was there. */
  drop(): void;
}

function begun(path: string): Begun {
  // By its own name: what /dev/stdout leads to, a pipe, has none.
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw new Error(`${path} is a folder`);
  if (there !== undefined && !there.isFile()) {
    const fd = openSync(path, 'w');
    return { fd, finish: () => closeSync(fd), drop: () => closeSync(fd) };
  }
  const place = realPath(path) ?? path;
  const draft = draftOf(place);
  const release = holdDraft(draft);
  let fd: number | null = null;
  const close = () => {
    if (fd !== null) closeSync(fd);
    fd = null;
  };
  const drop = () => {
    close();
    rmSync(draft, { force: true });
    release();
  };
  try {
    fd = openSync(draft, 'w', there?.mode);
    removeStale(place);
  } catch (error) {
    drop();
    throw error;
  }
  const finish = () => {
    fsyncSync(fd!);
    close();
    renameSync(draft, place);
    release();
    syncFolder(dirname(place));
  };
  return { fd, finish, drop };
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
