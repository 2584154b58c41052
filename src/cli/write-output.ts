/** A command's output file: whole or not at all. */
import { dirname, resolve } from 'node:path';
import { writeWhole } from '../disk/index.ts';
import { CommandError } from './command-error.ts';

/** Without the name of the draft, which nobody knows. */
function why({ code, message }: NodeJS.ErrnoException, path: string): string {
  const folder = dirname(resolve(path));
  if (code === 'ENOENT') return `there is no folder ${folder}`;
  if (code === 'ENOTDIR') return `${folder} is no folder`;
  if (code === 'EACCES' || code === 'EPERM') return `the folder ${folder} may not be written`;
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EEXIST') return 'it is a file';
  return message;
}

/** One sentence on an output file that the disk refused. */
export const notWritten = (path: string, error: unknown): CommandError =>
  new CommandError(`Cannot write ${path}: ${why(error as NodeJS.ErrnoException, path)}.`);

/** Replaces what was there. Throws a CommandError where the disk refuses, and leaves nothing behind. */
export function writeOutput(path: string, text: string): void {
  try {
    writeWhole(path, text);
  } catch (error) {
    throw notWritten(path, error);
  }
}
