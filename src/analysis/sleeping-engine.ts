/**
 * An inference engine that sleeps while the trainer has the GPU: what is still in use after each sleep, which should stay as
 * it is. It is the whole device's use, not the engine's own: the trainer's is never added to it.
 */
import { many } from '../present/index.ts';
import { sleepIn, withoutExpandable } from '../texts/index.ts';
import { asEvidence, type TextFinding } from './text-finding.ts';

/** GiB by which the rest grows where that is no noise. */
const GROWN = 1;

export interface SleepingEngine {
  /** Null where nothing grew. */
  says: string | null;
  evidence: string[];
  next: string[];
}

/** GiB that are still in use after each sleep. */
export const restsAsleep = (text: string): number[] =>
  text.split('\n').flatMap(line => sleepIn(line)?.restGib ?? []);

/** null where the text has no such line, or their figures do not grow; of a single one there is evidence alone. */
export function readSleepingEngine(text: string): SleepingEngine | null {
  const rests = restsAsleep(text);
  const [first, last] = [rests[0], rests.at(-1)];
  if (first === undefined || last === undefined) return null;
  if (rests.length === 1) {
    const evidence = [
      `While the inference engine slept, ${first.toFixed(2)} GiB of the device was still in use.`,
    ];
    return { says: null, evidence, next: [] };
  }
  if (last - first < GROWN) return null;
  const from = rests.findIndex((rest, i) => i > 0 && rest - rests[i - 1]! >= GROWN / 2);
  const steps = rests.length - 1;
  return {
    says: `What grew is the memory still in use while the inference engine sleeps: from ${first.toFixed(2)} to ${last.toFixed(2)} GiB (+${(last - first).toFixed(2)} GiB in ${many(steps, 'step')})${from === -1 ? ', a little with each sleep' : `, from sleep ${from + 1} on`}.`,
    evidence: [
      `Still in use after sleeps 1 to ${rests.length}: ${rests.map(rest => rest.toFixed(2)).join(', ')} GiB. That is the whole device’s use, the trainer’s included.`,
    ],
    next: [
      'Look for what the engine keeps while it sleeps: CUDA graphs, captured weights, memory of its communicators; try a newer engine, or enforce_eager=True.',
      'Empty the trainer’s cache before the engine wakes: torch.cuda.empty_cache().',
    ],
  };
}

/** A refusal, with what the lines of a sleeping engine beside it show. */
export function withSleepingEngine(finding: TextFinding, text: string): TextFinding {
  const engine = readSleepingEngine(text);
  if (engine === null) return finding;
  return {
    ...finding,
    says: engine.says === null ? finding.says : `${finding.says} ${engine.says}`,
    evidence: [...finding.evidence, ...engine.evidence.map(asEvidence)],
    next: [...engine.next, ...withoutExpandable(finding.next)],
    isWithoutFigures: false,
  };
}
