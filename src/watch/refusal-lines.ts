/** Lines that show a device's refusal that was survived: the allocator warned of it, or the program asks again. */
import { readMemoryError } from '../texts/index.ts';
import type { SurvivedRefusal } from './run-life.ts';

/** The allocator's, DeepSpeed's and FSDP's own warnings: the device refused, and the training went on. */
const REFUSED =
  /memory allocation failed with OOM|allocator cache flushes since last step|caller indicates that this is not a failure|: UserWarning: Failed to clone\(\) tensor with name .{1,1500}out of memory/;
/** The program asks again, for less or otherwise: what was refused before has not ended it. */
const RETRIED =
  /\bretrying with(?:out)?\b|\btrying again\b|\bOOMed: switched to\b|\bfalling back to (?:tiled|sliced|cpu|native|eager|default)\b/i;
/** FSDP could not have memory that it needed, and did without: no request was tried again. */
const IN_FSDP = /Failed to clone\(\) tensor/;
const FLUSHES = /(\d{1,9}) pytorch allocator cache flushes since last step/;

/** What the line warns of; null for any other line. */
export function refusalIn(text: string): SurvivedRefusal | null {
  if (!REFUSED.test(text)) return null;
  const flushes = FLUSHES.exec(text)?.[1];
  return {
    outOfMemory: readMemoryError(text)?.outOfMemory ?? { device: null },
    retries: IN_FSDP.test(text) ? null : flushes === undefined ? 1 : Number(flushes),
  };
}

/** Whether what was refused before is asked for again. */
export const isRetry = (text: string): boolean => RETRIED.test(text);
