/** Lines of an inference engine that sleeps while the trainer has the GPU, without an error beside them. */
import { readSleepingEngine, restsAsleep } from '../analysis/index.ts';
import type { Answer } from './answer.ts';

/** Lines of a sleeping engine that are all of a text. */
export function readSleepLines(text: string): Answer | null {
  const rests = restsAsleep(text);
  if (rests.length === 0) return null;
  const grown = readSleepingEngine(text);
  const [least, most] = [Math.min(...rests), Math.max(...rests)];
  return {
    what: 'lines of an inference engine that sleeps',
    whose: 'GPU',
    state: null,
    confidence: 'likely',
    says:
      grown?.says ??
      `While the inference engine slept, ${least === most ? least.toFixed(2) : `${least.toFixed(2)} to ${most.toFixed(2)}`} GiB of the device was still in use, the trainer’s included${rests.length > 1 ? ': it did not grow from sleep to sleep' : ''}.`,
    evidence: grown?.says == null ? [] : grown.evidence,
    next: grown?.next ?? [],
  };
}
