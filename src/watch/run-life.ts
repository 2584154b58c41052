/** The life of a run as its log tells it: each rank's start, its reports, failures, going on all the same, the end. */
import type { EventType, Payload } from '../contract/index.ts';

/** How the input came to its end: by itself, or on request while more might have come. */
export type InputEnd = 'ended' | 'interrupted';

type Failure = Payload<'TRAINING_FAILED'>;
type Facts = Partial<Payload<'TRAINING_STARTED'>>;
export type Emit = <T extends EventType>(rank: number, type: T, data: Payload<T>) => void;

interface Beginning {
  name: string;
  /** What the log told before its first figures; what it tells later is added to the same object. */
  facts: Facts;
  config: Record<string, unknown>;
}

const isInterrupt = (failure: Failure | null) => failure?.errorType === 'KeyboardInterrupt';

export class RunLife {
  ended = false;
  #emit: Emit;
  #beginning: Beginning | null = null;
  /** By rank, once started: number of the newest update or step, -1 before the first. */
  #newest = new Map<number, number>();
  #unit: 'batch' | 'step' = 'batch';

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  get begun(): boolean {
    return this.#beginning !== null;
  }

  /** Before anything else, once. */
  begin(beginning: Beginning): void {
    this.#beginning = beginning;
  }

  /** An update or a step. False where it was told already, by another process of the same rank. */
  report<T extends 'PPO_UPDATE_COMPLETED' | 'STEP_COMPLETED'>(
    rank: number,
    type: T,
    data: Payload<T>,
  ): boolean {
    const number = 'batch' in data ? data.batch : data.step;
    if (number === this.#newest.get(rank)) return false;
    this.#unit = type === 'STEP_COMPLETED' ? 'step' : 'batch';
    this.#start(rank);
    if (this.ended) this.#resume();
    this.#newest.set(rank, number);
    this.#emit(rank, type, data);
    return true;
  }

  sample(rank: number, data: Payload<'MEMORY_SAMPLED'>): void {
    this.#start(rank);
    this.#emit(rank, 'MEMORY_SAMPLED', data);
  }

  /** The trainer says that it is done. */
  finish(): void {
    if (!this.ended) this.#endAll('TRAINING_COMPLETED', { reason: 'finished' });
  }

  /** The log is silent, and this error, or the last batch, was what it said. */
  settle(failure: Failure | null): void {
    if (failure !== null) this.#fail(failure);
    else if (this.#reachedEnd()) this.finish();
  }

  /** The log has ended, and this error was what it said last. */
  end(how: InputEnd, failure: Failure | null): void {
    if (failure !== null) this.#fail(failure);
    if (this.ended || this.#newest.size === 0) return;
    const most = this.#most();
    if (this.#reachedEnd()) this.finish();
    else if (how === 'interrupted') this.#endAll('TRAINING_COMPLETED', { reason: 'interrupted' });
    else if (most === null) this.finish();
    else {
      const at = Math.max(0, this.#newest.get(Math.min(...this.#newest.keys()))!);
      const message = `the log ends at ${this.#unit} ${at} of ${most}, without a reason`;
      this.#endAll('TRAINING_FAILED', { errorType: null, message });
    }
  }

  #start(rank: number): void {
    if (this.#newest.has(rank)) return;
    const { name, facts, config } = this.#beginning!;
    this.#newest.set(rank, -1);
    this.#emit(rank, 'TRAINING_STARTED', { name, ...facts, config });
  }

  /** Figures after an end: the run was not over. */
  #resume(): void {
    this.ended = false;
    const key = this.#unit === 'step' ? 'resumedAtStep' : 'resumedAtBatch';
    for (const [rank, number] of this.#newest)
      this.#emit(rank, 'TRAINING_STARTED', {
        name: this.#beginning!.name,
        ...(number >= 0 && { [key]: number }),
      });
  }

  #fail(failure: Failure): void {
    if (this.ended) return;
    // It may fail before its first figures.
    if (this.#newest.size === 0) this.#start(0);
    if (isInterrupt(failure)) this.#endAll('TRAINING_COMPLETED', { reason: 'interrupted' });
    else this.#endAll('TRAINING_FAILED', failure);
  }

  #endAll<T extends 'TRAINING_COMPLETED' | 'TRAINING_FAILED'>(type: T, data: Payload<T>): void {
    this.ended = true;
    for (const rank of this.#newest.keys()) this.#emit(rank, type, data);
  }

  /** Batches or steps that the run is to make, as far as the log told. */
  #most(): number | null {
    const { maxBatches, maxSteps } = this.#beginning?.facts ?? {};
    return maxBatches ?? maxSteps ?? null;
  }

  #reachedEnd(): boolean {
    const most = this.#most();
    return (
      most !== null && this.#newest.size > 0 && [...this.#newest.values()].every(number => number >= most)
    );
  }
}
