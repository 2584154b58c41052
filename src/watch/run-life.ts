/** The life of a run by its log: each rank's start, its reports, failures, going on all the same, the end. */
import type { EventType, OutOfMemory, Payload } from '../contract/index.ts';
import { figuresBeside } from './figures-beside.ts';
import { RankReports } from './rank-reports.ts';

/**
 * How the input came to its end. closed: the process that wrote it has ended, or closed its output. ended: all there is was read,
 * and the log may go on elsewhere. interrupted: on request, while more might have come.
 */
export type InputEnd = 'closed' | 'ended' | 'interrupted';

type Failure = Payload<'TRAINING_FAILED'>;
type Facts = Partial<Payload<'TRAINING_STARTED'>>;
export type Emit = <T extends EventType>(rank: number, type: T, data: Payload<T>) => void;

interface Beginning {
  name: string;
  /** What the log reported before its first figures; what it reports later is added to the same object. */
  facts: Facts;
  config: Record<string, unknown>;
}

export interface FailureOf {
  data: Failure;
  /** The rank that failed; null for all of the job, or where it is unknown. */
  rank: number | null;
}

/** A request of memory that the device refused, and that the trainer survived. */
export interface SurvivedRefusal {
  outOfMemory: OutOfMemory;
  /** Requests that succeeded after the allocator had flushed its cache; null for an out-of-memory error that was caught. */
  retries: number | null;
}

const isInterrupt = ({ errorType }: Failure) => errorType === 'KeyboardInterrupt';
/** The failure of a rank that ended because another failed. */
const fellWith = (rank: number): Failure => ({
  errorType: null,
  message: `ended with rank ${rank}, which failed`,
  ending: { kind: 'peer', rank },
});

export class RunLife {
  ended = false;
  /** Number of the last report, where that is not the total. */
  last: number | null = null;
  /**
   * The newest update or step that the log shows as made, where none of its reports is as new; null where not known. `isDone`: whether with the last
   * of them the training is done, which an evaluation of its last step does not show.
   */
  reached: { number: number; isDone: boolean } | null = null;
  #emit: Emit;
  #beginning: Beginning | null = null;
  /** The ranks that have started. */
  #ranks = new Map<number, RankReports>();
  #unit: 'batch' | 'step' = 'batch';
  /** The trainer reported that it is done; an error may follow all the same. */
  #lastWords: 'sure' | 'in finally' | null = null;
  #failed = false;
  /** The rank whose next report is another training's, surely or where it is not beyond the newest; null for none. */
  #another: { rank: number; isSure: boolean } | null = null;
  /** By rank, device and counter: requests that were refused and survived. */
  #refused = new Map<string, number>();

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

  /** Number of the newest update or step of a rank, of any where it has none; null before the first. */
  newestOf(rank: number | null): number | null {
    const own = rank === null ? undefined : this.#ranks.get(rank)?.newest;
    const newest = own ?? [...this.#ranks.values()].reduce((most, of) => Math.max(most, of.newest), -1);
    return newest < 0 ? null : newest;
  }

  /** An update or a step. False where it was reported already, by another process of the same rank. What another line of it has of its own is kept beside it. */
  report<T extends 'PPO_UPDATE_COMPLETED' | 'STEP_COMPLETED'>(
    rank: number,
    type: T,
    data: Payload<T>,
  ): boolean {
    const number = 'batch' in data ? data.batch : data.step;
    const memory = data.memory ?? [];
    const own = this.#start(rank);
    if (this.#another?.rank === rank) {
      if (this.#another.isSure || number <= own.newest) this.#beginAnother(number);
      this.#another = null;
    }
    const isUnderWay = !this.ended && !this.#hasLastWords;
    const process = isUnderWay ? own.againBy(number, data) : null;
    if (process !== null && own.recent(number) === undefined) {
      // What it holds is its own.
      if (memory.length > 0) this.sample(rank, { phase: 'step', worker: `process ${process}`, memory });
      return false;
    }
    if (this.#hasLastWords && own.isBehind(number)) this.#finish();
    if (this.ended && own.isBehind(number)) this.#beginAgain(number);
    else if (process === null && !this.ended && own.fallsBack(number, this.last, this.#most()))
      this.#beginAnother(number, own.isAtLast(this.last));
    const seen = own.recent(number);
    const figures = seen === undefined ? null : figuresBeside(seen.reports, data);
    if (seen !== undefined && figures !== null) {
      seen.reports.push(data);
      this.#emit(rank, 'FIGURES_LOGGED', { batch: number, figures });
      if (memory.length > 0) this.sample(rank, { phase: 'step', memory });
      return true;
    }
    if (seen !== undefined) {
      // Another process of the job, which the log does not distinguish: what it holds is its own.
      seen.processes++;
      if (memory.length > 0 && JSON.stringify(memory) !== JSON.stringify(seen.memory))
        this.sample(rank, { phase: 'step', worker: `process ${seen.processes}`, memory });
      return false;
    }
    this.#unit = type === 'STEP_COMPLETED' ? 'step' : 'batch';
    if (this.ended) this.#resume();
    this.#lastWords = null;
    own.add(number, data, memory);
    this.#emit(rank, type, data);
    return true;
  }

  /** Whether a training has begun again before the newest report, and no other process of it lags behind. */
  isBehind(rank: number, number: number): boolean {
    return this.#ranks.get(rank)?.isBehind(number) === true;
  }

  /** Another training begins in the log with the next report of a rank: surely, or where that is not beyond its newest. */
  another(rank: number, isSure: boolean): void {
    if ((this.#ranks.get(rank)?.newest ?? -1) >= 0) this.#another = { rank, isSure };
  }

  /** The one before has ended, as far as it came. */
  #beginAnother(number: number, isDone = this.#hasLastWords || this.#reachedEnd()): void {
    if (isDone) this.#finish();
    else if (!this.ended) this.#endAll('TRAINING_COMPLETED', { reason: 'unknown' });
    this.#beginAgain(number);
  }

  /** A training that had ended goes on from a checkpoint, or another begins: what it reports again takes the place of what it had. */
  #beginAgain(number: number): void {
    this.reached = null;
    for (const reports of this.#ranks.values()) reports.beginAgain(number);
  }

  sample(rank: number, data: Payload<'MEMORY_SAMPLED'>): void {
    this.#start(rank);
    this.#emit(rank, 'MEMORY_SAMPLED', data);
  }

  devices(data: Payload<'DEVICE_SAMPLED'>): void {
    this.beside(0, 'DEVICE_SAMPLED', data);
  }

  /** What is no report: measured beside the training, or figures of its own. */
  beside<T extends 'DEVICE_SAMPLED' | 'HOST_SAMPLED' | 'FIGURES_LOGGED'>(
    rank: number,
    type: T,
    data: Payload<T>,
  ): void {
    this.#start(rank);
    this.#emit(rank, type, data);
  }

  /** A request that the device refused, and that the trainer survived: at the wall, with the figures of its text. */
  refused(rank: number, { outOfMemory, retries }: SurvivedRefusal): void {
    const device = outOfMemory.device ?? 'cuda';
    const counter = retries === null ? 'ooms' : 'allocRetries';
    const key = `${rank} ${device} ${counter}`;
    const count = (this.#refused.get(key) ?? 0) + (retries ?? 1);
    this.#refused.set(key, count);
    const { totalBytes, freeBytes, allocatedBytes, reservedUnallocatedBytes: unallocated } = outOfMemory;
    this.sample(rank, {
      phase: 'refused allocation',
      refused: outOfMemory,
      memory: [
        {
          device,
          [counter]: count,
          ...(totalBytes != null && { deviceTotalBytes: totalBytes }),
          ...(freeBytes != null && { deviceFreeBytes: freeBytes }),
          ...(allocatedBytes != null && { allocatedBytes }),
          ...(allocatedBytes != null &&
            unallocated != null && { reservedBytes: allocatedBytes + unallocated }),
        },
      ],
    });
  }

  /**
   * The trainer reports that it is done. It is, once the log falls silent or ends: an error may follow.
   * @param isInFinally whether an error that ends the training passes them as well: they are an end where all that was planned is done
   */
  lastWords(isInFinally = false): void {
    if (this.#lastWords !== 'sure') this.#lastWords = isInFinally ? 'in finally' : 'sure';
  }

  get #hasLastWords(): boolean {
    if (this.#lastWords !== 'in finally') return this.#lastWords === 'sure';
    return (this.last ?? this.#most()) === null || this.#reachedEnd(true);
  }

  /** The log is silent, and this error, or the last batch, was its last report. */
  settle(failure: FailureOf | null): void {
    if (failure !== null) this.#fail(failure);
    else if (this.#hasLastWords || this.#reachedEnd()) this.#finish();
  }

  /** The log has ended, and this error was its last report. */
  end(how: InputEnd, failure: FailureOf | null): void {
    if (failure !== null) this.#fail(failure);
    if (this.ended || this.#beginning === null) return;
    if (this.#ranks.size === 0 && !this.#hasLastWords) return;
    const most = this.#most();
    const newest = Math.max(this.newestOf(null) ?? 0, this.reached?.number ?? 0);
    if (this.#hasLastWords || this.#reachedEnd()) this.#finish();
    else if (how === 'interrupted') this.#endAll('TRAINING_COMPLETED', { reason: 'interrupted' });
    else if (most !== null && how === 'closed') {
      // A text that stops may be an excerpt: only the end of its process is one.
      const message = `the log ends at ${this.#unit} ${newest} of ${most}, without a reason`;
      this.#endAll('TRAINING_FAILED', { errorType: null, message, ending: { kind: 'silent' } });
    } else this.#endAll('TRAINING_COMPLETED', { reason: 'unknown' });
  }

  #finish(): void {
    if (this.ended) return;
    if (this.#ranks.size === 0) this.#start(0);
    this.#endAll('TRAINING_COMPLETED', { reason: 'finished' });
  }

  #start(rank: number): RankReports {
    let reports = this.#ranks.get(rank);
    if (reports !== undefined) return reports;
    reports = new RankReports();
    this.#ranks.set(rank, reports);
    const { name, facts, config } = this.#beginning!;
    this.#emit(rank, 'TRAINING_STARTED', { name, ...facts, config });
    return reports;
  }

  /** Figures after an end: the run was not over. */
  #resume(): void {
    this.ended = false;
    this.#failed = false;
    const key = this.#unit === 'step' ? 'resumedAtStep' : 'resumedAtBatch';
    const { maxBatches, maxSteps } = this.#beginning!.facts;
    for (const [rank, { newest }] of this.#ranks)
      this.#emit(rank, 'TRAINING_STARTED', {
        name: this.#beginning!.name,
        ...(newest >= 0 && { [key]: newest }),
        ...(maxBatches != null && { maxBatches }),
        ...(maxSteps != null && { maxSteps }),
      });
  }

  #fail({ data, rank }: FailureOf): void {
    // An error after the last words counts: what was trained may not have been saved.
    if (this.#failed) return;
    // It may fail before its first figures, and in a rank that prints none.
    if (rank !== null) this.#start(rank);
    else if (this.#ranks.size === 0) this.#start(0);
    if (isInterrupt(data)) {
      if (this.#hasLastWords) this.#finish();
      else if (!this.ended) this.#endAll('TRAINING_COMPLETED', { reason: 'interrupted' });
      return;
    }
    this.ended = true;
    this.#failed = true;
    const failure = this.#hasLastWords
      ? { ...data, message: `after the training had finished: ${data.message ?? ''}` }
      : data;
    for (const known of this.#ranks.keys())
      this.#emitEnd(known, 'TRAINING_FAILED', rank === null || known === rank ? failure : fellWith(rank));
  }

  #endAll<T extends 'TRAINING_COMPLETED' | 'TRAINING_FAILED'>(type: T, data: Payload<T>): void {
    this.ended = true;
    for (const rank of this.#ranks.keys()) this.#emitEnd(rank, type, data);
  }

  #emitEnd<T extends 'TRAINING_COMPLETED' | 'TRAINING_FAILED'>(
    rank: number,
    type: T,
    data: Payload<T>,
  ): void {
    const reached = this.reached?.number ?? -1;
    this.#emit(rank, type, reached > this.#ranks.get(rank)!.newest ? { ...data, reached } : data);
  }

  /** Batches or steps that the run is to make, as far as the log shows. */
  #most(): number | null {
    if (this.last === Number.POSITIVE_INFINITY) return null;
    const { maxBatches, maxSteps } = this.#beginning?.facts ?? {};
    return maxBatches ?? maxSteps ?? null;
  }

  /** @param isNearly whether the next report would */
  #reachedEnd(isNearly = false): boolean {
    const most = this.last ?? this.#most();
    const reports = [...this.#ranks.values()];
    const done = this.reached?.isDone === true ? this.reached.number : 0;
    const reached = (own: RankReports) => Math.max(own.newest + (isNearly ? own.distance : 0), done) >= most!;
    return most !== null && reports.length > 0 && reports.every(reached);
  }
}
