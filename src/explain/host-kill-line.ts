/** The line of a text in which the kernel, a container or a scheduler has killed a process for lack of the host's memory. */
import { readEnding } from '../texts/index.ts';

/** Of such a line, as much as is read of it. */
export const LONGEST = 400;

/** @param words that such a line has; undefined for none */
export const hostKillLine = (text: string, words: RegExp): string | undefined =>
  words.test(text)
    ? text
        .split('\n')
        .find(line => words.test(line) && readEnding(line.slice(0, LONGEST))?.kind === 'host memory')
    : undefined;
