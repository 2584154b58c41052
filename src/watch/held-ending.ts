/**
 * Lines by which other programs report that the training ended → the one ending they make together. Held, not yet
 * believed: a worker that is killed may be started again, and figures after it prove it.
 */
import type { Ending } from '../contract/index.ts';
import { figuresOfHostMemory, readEnding } from '../texts/index.ts';

/** Ranks whose collectives are kept. */
const MOST_COLLECTIVES = 64;

/** How much an ending explains: a launcher only repeats that something ended. */
const WEIGHT: Readonly<Record<string, number>> = {
  'host memory': 4,
  'time limit': 3,
  preempted: 3,
  'node failure': 3,
  cancelled: 3,
  evicted: 3,
  'collective timeout': 2,
  'rendezvous timeout': 2,
  silent: 2,
  'connection lost': 1,
  signal: 2,
  'device fault': 1,
  launcher: 1,
};
/** SIGTERM, SIGINT and SIGHUP are sent to the others when one has ended. */
const FOLLOWING: ReadonlySet<number> = new Set([1, 2, 15]);

export const weightOf = ({ kind, signal }: Ending): number =>
  signal != null && FOLLOWING.has(signal) ? 1 : (WEIGHT[kind] ?? 1);

export class HeldEnding {
  #held: Ending | null = null;
  #line = 0;
  /** Of lines that give figures and are no ending. */
  #figures: Partial<Ending> = {};

  /** Whether the line reports an ending. @param rank of its prefix, where it has one. */
  read(text: string, rank: number | null, line: number): boolean {
    const figures = figuresOfHostMemory(text);
    if (figures !== null) this.#figures = { ...this.#figures, ...figures };
    const read = readEnding(text);
    if (read === null) return false;
    const ending: Ending = rank === null || read.rank != null ? read : { ...read, rank };
    const held = this.#held;
    if (
      held === null ||
      (weightOf(ending) > weightOf(held) && !isStepOf(held, ending)) ||
      isStepOf(ending, held)
    ) {
      this.#held = ending;
      this.#line = line;
    } else if (held.kind === ending.kind) this.#held = merged(held, ending);
    return true;
  }

  get held(): Ending | null {
    return this.#held?.kind === 'host memory' ? filled(this.#held, this.#figures as Ending) : this.#held;
  }

  /** Number of the line that reported it. */
  get line(): number {
    return this.#line;
  }

  clear(): void {
    this.#held = null;
    this.#figures = {};
  }
}

/** Whether `cause` is of a task of Slurm's by whose end srun cancelled the step. */
const isStepOf = (cause: Ending, { kind, evidence }: Ending): boolean =>
  kind === 'cancelled' &&
  /\bSTEP \d/.test(evidence ?? '') &&
  cause.by === 'slurm' &&
  (cause.kind === 'launcher' || cause.kind === 'signal');

/** What a later line of the same kind adds: figures that the first did not have, and the collectives of more ranks. */
function merged(first: Ending, more: Ending): Ending {
  const collectives = [...(first.collectives ?? [])];
  for (const collective of more.collectives ?? []) {
    const known = collectives.findIndex(({ rank }) => rank === collective.rank);
    if (known === -1 && collectives.length < MOST_COLLECTIVES) collectives.push(collective);
    else if (known !== -1) collectives[known] = filled(collectives[known]!, collective);
  }
  const ending = filled(first, more);
  // The line that names the process has most.
  if (first.pid == null && more.pid != null) ending.evidence = more.evidence;
  return collectives.length > 0 ? { ...ending, collectives } : ending;
}

function filled<T extends object>(first: T, more: T): T {
  const added = Object.entries(more).filter(
    ([key, value]) => value != null && (first as Record<string, unknown>)[key] == null,
  );
  return { ...first, ...Object.fromEntries(added) };
}
