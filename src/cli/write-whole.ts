/** A file that is there whole or not at all: written beside its place and renamed into it. */
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CommandError } from './command-error.ts';

/** Where the path leads through links; the path itself where nothing is there yet. */
function placeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Replaces what was there. Throws a CommandError where the disk refuses, and leaves nothing behind. */
export function writeWhole(path: string, text: string): void {
  const place = placeOf(path);
  const draft = join(dirname(place), `.${basename(place)}.${process.pid}.new`);
  // Whoever ends it now ends it a moment later: with the draft in its place.
  let signal: NodeJS.Signals | null = null;
  const later = (name: NodeJS.Signals) => {
    signal = name;
  };
  process.once('SIGINT', later);
  process.once('SIGTERM', later);
  try {
    const there = statSync(place, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw new Error(`${path} is a folder`);
    // A pipe or a device is written to, not replaced.
    if (there !== undefined && !there.isFile()) writeFileSync(place, text);
    else {
      writeFileSync(draft, text, { flush: true });
      renameSync(draft, place);
    }
  } catch (error) {
    rmSync(draft, { force: true });
    throw new CommandError(`Cannot write ${path}: ${(error as Error).message}.`);
  } finally {
    setImmediate(() => {
      process.off('SIGINT', later);
      process.off('SIGTERM', later);
      if (signal !== null) process.kill(process.pid, signal);
    });
  }
}
