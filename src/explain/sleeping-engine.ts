/** Lines of an inference engine that sleeps while the trainer has the GPU, without an error beside them. */
import { readSleepingEngine, restsAsleep, stillInUse } from '../analysis/index.ts';
import type { Answer } from './answer.ts';

/** Lines of a sleeping engine that are all of a text. */
export function readSleepLines(text: string): Answer | null {
  const rests = restsAsleep(text);
  if (rests.length === 0) return null;
  const grown = readSleepingEngine(text);
  return {
    what: 'lines of an inference engine that sleeps',
    whose: 'GPU',
    state: null,
    confidence: 'likely',
    says: grown?.says ?? stillInUse(rests),
    evidence: grown?.says == null ? [] : grown.evidence.length > 0 ? grown.evidence : [stillInUse(rests)],
    next: grown?.next ?? [],
  };
}
