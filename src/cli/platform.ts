/** What a platform does not have, in one sentence, before anything is begun. docs/install.md has the table. */
import { CommandError } from './command-error.ts';

/**
 * Throws a {@link CommandError} on Windows.
 * @param what the subject of the sentence: `esper run`
 * @param need what it is made of: `a POSIX terminal and signals`
 */
export function requirePosix(what: string, need: string, platform: NodeJS.Platform = process.platform): void {
  if (platform === 'win32') throw new CommandError(`${what} needs ${need}: on Windows take WSL.`);
}
