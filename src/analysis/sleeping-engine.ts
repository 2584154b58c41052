/**
 * An inference engine that sleeps while the trainer has the GPU: what is still in use after each sleep, which should stay as
 * it is. It is the whole device's use, not the engine's own: the trainer's is never added to it.
 */
import type { OwnReport } from '../contract/index.ts';
import { many } from '../present/index.ts';
import { ASLEEP, FREED, sleepIn, withoutExpandable } from '../texts/index.ts';
import { asEvidence, type TextFinding, textFinding } from './text-finding.ts';

/** GiB by which the rest grows where that is no noise. */
const GROWN = 1;
/** Sleeps that are listed; of more the first and the last. */
const MOST_LISTED = 24;
/** Sleeps of which the first ones may be before the trainer has all that it holds; a third of them. */
const MANY_SLEEPS = 6;

export interface SleepingEngine {
  /** Null where nothing grew. */
  says: string | null;
  evidence: string[];
  next: string[];
}

/** Ray's name of the process that wrote a line. */
const WORKER = /\([^()\n]{0,100}\bpid=\d{1,10}[^()\n]{0,100}\)/;

/** A sleep that freed nothing: the engine holds what it held. */
const NOTHING_FREED = {
  says: 'The engine’s sleep freed nothing (0.00 GiB): its weights and its cache stay on the device while the trainer runs.',
  next: [
    'Unset expandable_segments (PYTORCH_CUDA_ALLOC_CONF, PYTORCH_ALLOC_CONF) for the engine’s process: vLLM’s sleep mode frees nothing with them.',
    'See that the engine was started with enable_sleep_mode=True, and that it was awake before: a second sleep has nothing left to free.',
  ],
};

const grownBy = (rests: readonly number[]): number => (rests.at(-1) ?? 0) - (rests[0] ?? 0);

/** Of several engines the one whose rest grew most, or else the one that slept most often. */
const mostTelling = (engines: Iterable<number[]>): number[] =>
  [...engines].reduce((most, rests) => {
    const beyond = Math.max(GROWN, grownBy(rests)) - Math.max(GROWN, grownBy(most));
    return beyond > 0 || (beyond === 0 && rests.length > most.length) ? rests : most;
  }, []);

/** GiB that are still in use after each sleep, of one engine. */
export function restsAsleep(text: string): number[] {
  const engines = new Map<string, number[]>();
  for (const line of text.split('\n')) {
    const slept = sleepIn(line);
    if (slept === null) continue;
    const worker = WORKER.exec(line)?.[0] ?? '';
    engines.set(worker, [...(engines.get(worker) ?? []), slept.restGib]);
  }
  return mostTelling(engines.values());
}

/** null where the text has no such line, or their figures do not grow; of a single one there is evidence alone. */
export function readSleepingEngine(text: string): SleepingEngine | null {
  const engine = sleepingEngine(restsAsleep(text));
  const freed = text.split('\n').flatMap(line => sleepIn(line)?.freedGib ?? []);
  if (engine?.says != null || !isNothing(freed)) return engine;
  return { says: NOTHING_FREED.says, evidence: engine?.evidence ?? [], next: NOTHING_FREED.next };
}

/** Whether no sleep of all freed anything. */
const isNothing = (freed: readonly number[]): boolean => freed.length > 0 && Math.max(...freed) === 0;

function sleepingEngine(rests: readonly number[]): SleepingEngine | null {
  const [first, last] = [rests[0], rests.at(-1)];
  if (first === undefined || last === undefined) return null;
  if (rests.length === 1) {
    const evidence = [
      `While the inference engine slept, ${first.toFixed(2)} GiB of the device was still in use.`,
    ];
    return { says: null, evidence, next: [] };
  }
  if (last - first < GROWN || isFlatSince(rests)) return null;
  const from = rests.findIndex((rest, i) => i > 0 && rest - rests[i - 1]! >= GROWN / 2);
  const steps = rests.length - 1;
  return {
    says: `What grew is the memory still in use while the inference engine sleeps: from ${first.toFixed(2)} to ${last.toFixed(2)} GiB (+${(last - first).toFixed(2)} GiB in ${many(steps, 'step')})${from === -1 ? ', a little with each sleep' : `, from sleep ${from + 1} on`}.`,
    evidence: [
      `Still in use after sleeps 1 to ${rests.length}: ${listed(rests)} GiB. That is the whole device’s use, the trainer’s included.`,
    ],
    next: [
      'Look for what the engine keeps while it sleeps: CUDA graphs, captured weights, memory of its communicators; try a newer engine, or enforce_eager=True.',
      'Empty the trainer’s cache before the engine wakes: torch.cuda.empty_cache().',
    ],
  };
}

function listed(rests: readonly number[]): string {
  const all = rests.map(rest => rest.toFixed(2));
  return all.length <= MOST_LISTED
    ? all.join(', ')
    : [...all.slice(0, MOST_LISTED / 2), '…', ...all.slice(-MOST_LISTED / 2)].join(', ');
}

/** Whether the rest stands still after the first sleeps: the trainer holds more than before its first step, and nothing grows. */
function isFlatSince(rests: readonly number[]): boolean {
  const later = rests.slice(Math.ceil(rests.length / 3));
  return rests.length >= MANY_SLEEPS && Math.max(...later) - Math.min(...later) < GROWN / 2;
}

/** A refusal, with what the lines of a sleeping engine beside it show. */
export function withSleepingEngine(finding: TextFinding, text: string): TextFinding {
  const engine = readSleepingEngine(text);
  if (engine === null) return finding;
  return {
    ...finding,
    says: [finding.says, engine.says ?? engine.evidence[0] ?? ''].join(' ').trimEnd(),
    evidence: [
      ...finding.evidence,
      ...(engine.says === null ? engine.evidence.slice(1) : engine.evidence).map(asEvidence),
    ],
    next: [...engine.next, ...withoutExpandable(finding.next)],
    isWithoutFigures: false,
  };
}

/** Whether a figure of the trainer's own is what an engine left in use. */
export const isRestAsleep = (name: string): boolean => isOf(ASLEEP, name) || isOf(FREED, name);

const isOf = (figure: string, name: string): boolean => name === figure || name.startsWith(`${figure} `);

/**
 * A run in which engines slept, without an error that has their lines: what grew; or, where nothing else was measured, what was in use.
 * @param own figures of the trainer's own
 */
export function sleepFinding(own: readonly OwnReport[], isAlone: boolean): TextFinding | null {
  // Of a run so long that its sleeps were joined, the least is as good as the first.
  const engines = own
    .filter(({ name, values }) => isOf(ASLEEP, name) && values > 0)
    .map(({ timeline, values, lowest, newest }) =>
      (values > timeline.length ? [lowest, newest] : timeline.map(({ value }) => value)).filter(
        value => value !== null,
      ),
    );
  const rests = mostTelling(engines);
  const grown = sleepingEngine(rests);
  if (grown?.says != null)
    return textFinding({
      kind: 'growth',
      confidence: 'likely',
      says: grown.says,
      evidence: grown.evidence,
      next: grown.next,
    });
  const sleeps = own.filter(({ name }) => isOf(ASLEEP, name)).reduce((all, { values }) => all + values, 0);
  const empty = own.filter(({ name }) => isOf(FREED, name)).reduce((all, { values }) => all + values, 0);
  if (isAlone && empty > 0 && empty === sleeps)
    return textFinding({
      kind: 'unmeasured',
      confidence: 'likely',
      says: `${NOTHING_FREED.says} ${stillInUse(rests)}`,
      next: NOTHING_FREED.next,
    });
  return isAlone && rests.length > 0
    ? textFinding({ kind: 'unmeasured', confidence: 'likely', says: stillInUse(rests) })
    : null;
}

/** Where nothing grew. */
export function stillInUse(rests: readonly number[]): string {
  const [least, most] = [Math.min(...rests), Math.max(...rests)];
  return `While the inference engine slept, ${least === most ? least.toFixed(2) : `${least.toFixed(2)} to ${most.toFixed(2)}`} GiB of the device was still in use, the trainer’s included${rests.length > 1 ? ': it did not grow from sleep to sleep' : ''}.`;
}
