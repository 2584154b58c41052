/** Lines of an inference engine that sleeps while the trainer has the GPU, without an error beside them. */
import { readSleepingEngine, restsAsleep, stillInUse } from '../analysis/index.ts';
import { sleepIn } from '../texts/index.ts';
import type { Answer } from './answer.ts';
import { linesOf } from './engine-lines.ts';

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

/** Of an engine that sleeps beside a trainer: what its newest sleep freed, and what its share was made of. Empty where none sleeps. */
export function besideSleep(text: string): string[] {
  const freed = text.split('\n').flatMap(line => sleepIn(line)?.freedGib ?? []);
  const newest = freed.at(-1);
  return newest === undefined
    ? []
    : [
        ...(newest > 0
          ? [`The ${freed.length > 1 ? 'newest ' : ''}sleep freed ${newest.toFixed(2)} GiB.`]
          : []),
        ...linesOf(text).map(says => `The engine, as it started: ${says}`),
      ];
}
