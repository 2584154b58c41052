/** What a run's folder looks like from outside: whether its log is the one that was read, and whether its descriptions are. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DESCRIPTIONS, seenOf } from '../runs/index.ts';

/** A run's log files by name: number, size and time. */
export type Look = ReadonlyMap<string, { ino: number; size: number; mtimeMs: number }>;

export function lookOf(folder: string): Look {
  const look = new Map<string, { ino: number; size: number; mtimeMs: number }>();
  try {
    for (const name of readdirSync(folder)) {
      if (!/^events-.*\.jsonl(\.gz)?$/.test(name)) continue;
      const { ino, size, mtimeMs } = statSync(join(folder, name));
      look.set(name, { ino, size, mtimeMs });
    }
  } catch {
    // It went meanwhile: the next round forgets it.
  }
  return look;
}

/** Size and time of what describes the run: its manifest and its labels. */
export const aboutOf = (folder: string): string => seenOf(folder, DESCRIPTIONS);

/** Bytes of all log files. */
export const logBytesIn = (look: Look): number => [...look.values()].reduce((sum, { size }) => sum + size, 0);

/** Whether the log is the one that was looked at before, and at least as long. */
export const hasGrown = (before: Look | null, now: Look): boolean =>
  [...(before ?? [])].every(([name, { ino, size }]) => {
    const file = now.get(name);
    return file?.ino === ino && file.size >= size;
  });

export const isSameLook = (a: Look, b: Look): boolean =>
  a.size === b.size &&
  [...a].every(([name, { ino, size, mtimeMs }]) => {
    const other = b.get(name);
    return other?.ino === ino && other.size === size && other.mtimeMs === mtimeMs;
  });
