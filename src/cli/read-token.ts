/** A token in a file: what `serve` asks of everyone. What is in it is never printed. */
import { readRegular, realPath } from '../disk/index.ts';
import { CommandError } from './command-error.ts';

/** Shorter ones can be guessed. */
const SHORTEST = 16;
const LONGEST = 512;

/** Throws a CommandError of one sentence where the file has no token of 16 to 512 letters, digits and `-._~+/=`. */
export function readToken(file: string): string {
  let text: string;
  try {
    // Secrets that Kubernetes mounts are links.
    text = readRegular(realPath(file) ?? file, 64 * 1024).trim();
  } catch (error) {
    throw new CommandError(`The token cannot be read: ${(error as Error).message}.`);
  }
  if (!/^[A-Za-z0-9._~+/=-]*$/.test(text) || text.length < SHORTEST || text.length > LONGEST)
    throw new CommandError(
      `--token-file ${file} must hold one token of ${SHORTEST} to ${LONGEST} letters, digits and "-._~+/="; ` +
        '"openssl rand -hex 24" makes one.',
    );
  return text;
}
