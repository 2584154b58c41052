/** vLLM's line as an engine goes to sleep: what is still in use then is the whole device's, not the engine's own. */

const SLEPT = /Sleep mode freed (\d{1,6}\.\d{1,4}) GiB memory, (\d{1,6}\.\d{1,4}) GiB memory is still in use/;

/** Under which name `watch` keeps it, as one of the trainer's own figures; a worker's name stands behind it. */
export const ASLEEP = 'in use asleep (GiB)';
/** The same of what a sleep freed, where that is nothing. */
export const FREED = 'freed by sleep (GiB)';

/** The words of it in a line, GiB still in use, and GiB that were freed; null for any other line. */
export function sleepIn(line: string): { words: string; restGib: number; freedGib: number } | null {
  const slept = line.includes('Sleep mode freed') ? SLEPT.exec(line) : null;
  return slept === null ? null : { words: slept[0], restGib: Number(slept[2]), freedGib: Number(slept[1]) };
}
