/** A command's output file: whole or not at all, also where a signal ends the command meanwhile. */
import { writeWhole } from '../disk/index.ts';
import { CommandError } from './command-error.ts';

/** Replaces what was there. Throws a CommandError where the disk refuses, and leaves nothing behind. */
export function writeOutput(path: string, text: string): void {
  // A signal now takes effect a moment later: with the draft in its place.
  let signal: NodeJS.Signals | null = null;
  const later = (name: NodeJS.Signals) => {
    signal = name;
  };
  process.once('SIGINT', later);
  process.once('SIGTERM', later);
  try {
    writeWhole(path, text);
  } catch (error) {
    throw new CommandError(`Cannot write ${path}: ${(error as Error).message}.`);
  } finally {
    setImmediate(() => {
      process.off('SIGINT', later);
      process.off('SIGTERM', later);
      if (signal !== null) process.kill(process.pid, signal);
    });
  }
}
