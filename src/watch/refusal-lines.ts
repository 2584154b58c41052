/** Lines that show a device's refusal that was survived: the allocator warned of it, or the program asks again. */
import { readMemoryError } from '../texts/index.ts';
import type { SurvivedRefusal } from './run-life.ts';

/** The allocator's and DeepSpeed's own warnings: the device refused, and the training went on. */
const REFUSED =
  /memory allocation failed with OOM|allocator cache flushes since last step|caller indicates that this is not a failure/;
/** The program asks again, for less or otherwise: what was refused before has not ended it. */
const RETRIED =
  /\bretrying with(?:out)?\b|\btrying again\b|\bOOMed: switched to\b|\bfalling back to (?:tiled|sliced|cpu|native|eager|default)\b/i;
const FLUSHES = /(\d{1,9}) pytorch allocator cache flushes since last step/;

/** What the line warns of; null for any other line. */
export function refusalIn(text: string): SurvivedRefusal | null {
  if (!REFUSED.test(text)) return null;
  const flushes = FLUSHES.exec(text)?.[1];
  return {
    outOfMemory: readMemoryError(text)?.outOfMemory ?? { device: null },
    retries: flushes === undefined ? 1 : Number(flushes),
  };
}

/** Whether what was refused before is asked for again. */
export const isRetry = (text: string): boolean => RETRIED.test(text);
