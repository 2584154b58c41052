/**
 * Follows a file that another program writes: what is there, then what comes. It may not exist yet, be truncated,
 * written over, or replaced by a new one of its name; the old one is read to its end first. Looking ten times a
 * second serves every file system, and costs two calls a look.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { refuseOthers } from '../disk/index.ts';

const CHUNK = 256 * 1024;
const LOOK_MS = 100;
/** A file that nobody has written to for so long is whole as far as it goes. */
export const RESTED_MS = 3_000;
/** Bytes before our place that are compared when a file has grown: others in their stead mean another text. */
const MARK = 64;

export type Followed =
  /** `chunk` is used again after the next step: take what you need from it. */
  | { kind: 'bytes'; chunk: Uint8Array; live: boolean }
  | { kind: 'restart'; why: 'truncated' | 'replaced' | 'written over' }
  /** All is read. `modifiedMs` is null while there is no file. */
  | { kind: 'idle'; modifiedMs: number | null };

export interface FollowOptions {
  signal: AbortSignal;
  /** Whether to wait for more at the end; otherwise the file's absence is an error. */
  follow: boolean;
}

/** Ends when the signal aborts, or at the file's end where it is not followed. Throws the file system's error. */
export async function* followFile(path: string, { signal, follow }: FollowOptions): AsyncGenerator<Followed> {
  const buffer = new Uint8Array(CHUNK);
  let file: FileHandle | null = null;
  try {
    let first = true;
    while (!signal.aborted) {
      file = await openIfThere(path, follow);
      if (file !== null) {
        // What was there when we came is history; its lines have times of their own.
        yield* readFile(path, file, buffer, first ? (await file.stat()).size : 0, signal, follow);
        await file.close();
        file = null;
        if (!follow || signal.aborted) return;
        yield { kind: 'restart', why: 'replaced' };
      } else {
        yield { kind: 'idle', modifiedMs: null };
        await wait(signal);
      }
      first = false;
    }
  } finally {
    await file?.close();
  }
}

/** Reads one file until another has its name. */
async function* readFile(
  path: string,
  file: FileHandle,
  buffer: Uint8Array,
  history: number,
  signal: AbortSignal,
  follow: boolean,
): AsyncGenerator<Followed> {
  const inode = (await file.stat()).ino;
  let at = 0;
  let mark = new Uint8Array(0);
  let wasAtEnd = false;
  let replaced = false;
  let leftMs: number | null = null;
  while (!signal.aborted) {
    if (wasAtEnd && !(await isSame(file, mark, at))) {
      yield { kind: 'restart', why: 'written over' };
      at = 0;
      history = 0;
    }
    const { bytesRead } = await file.read(buffer, 0, CHUNK, at);
    wasAtEnd = bytesRead === 0;
    if (bytesRead > 0) {
      const chunk = buffer.subarray(0, bytesRead);
      at += bytesRead;
      mark = chunk.slice(-MARK);
      yield { kind: 'bytes', chunk, live: at > history };
      continue;
    }
    if (replaced) return;
    if (!follow) {
      // Its last line may still be being written.
      leftMs ??= Date.now();
      const isFresh = Date.now() - (await file.stat()).mtimeMs < RESTED_MS;
      if (!isFresh || Date.now() - leftMs >= RESTED_MS || !endsOpen(mark)) return;
      await wait(signal);
      continue;
    }
    const now = await file.stat();
    if (now.size < at) {
      yield { kind: 'restart', why: 'truncated' };
      at = 0;
      history = 0;
      mark = new Uint8Array(0);
      continue;
    }
    const named = await stat(path).catch(() => null);
    replaced = named !== null && named.ino !== inode;
    if (replaced) continue;
    yield { kind: 'idle', modifiedMs: now.mtimeMs };
    await wait(signal);
  }
}

/** Whether bytes end within a line. */
const endsOpen = (bytes: Uint8Array): boolean =>
  bytes.length > 0 && bytes.at(-1) !== 10 && bytes.at(-1) !== 13;

/** Whether the bytes before our place are still the ones we read. */
async function isSame(file: FileHandle, mark: Uint8Array, at: number): Promise<boolean> {
  if (mark.length === 0) return true;
  const found = new Uint8Array(mark.length);
  const { bytesRead } = await file.read(found, 0, found.length, at - mark.length);
  // A file cut short is found out by its size.
  return bytesRead < mark.length || Buffer.compare(found, mark) === 0;
}

async function openIfThere(path: string, follow: boolean): Promise<FileHandle | null> {
  try {
    // A pipe in its place must not hold us until somebody writes to it.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      refuseOthers(path, await file.stat());
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    if (follow && (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

const wait = (signal: AbortSignal) => setTimeout(LOOK_MS, undefined, { signal }).catch(() => {});
