/**
 * Lines of a trainer's log → events of a run. It finds the log's format by the first figures, tells the run's life
 * (started, failed, went on all the same, ended), and counts what it could not read. It knows no files and no clock.
 *
 * An error that was printed is a failure once the log falls silent or ends; figures that follow it prove otherwise.
 */
import type { EventType, Payload } from '../contract/index.ts';
import type { FormatOptions, LineParser, LogFormat, Outlet } from './format.ts';
import { formats } from './formats/index.ts';
import { type LogLine, printedTime, readLogLine } from './log-line.ts';
import { Tracebacks } from './traceback.ts';

export interface WatchedEvent<T extends EventType = EventType> {
  rank: number;
  type: T;
  data: Payload<T>;
  /** Milliseconds since the epoch. */
  timeMs: number;
}

export interface ReaderOptions {
  /** The run's name. */
  name: string;
  /** Where the lines come from, for the run's configuration. */
  source: string;
  /** null to find it. */
  format: LogFormat | null;
  map: FormatOptions['map'];
  onEvent(event: WatchedEvent): void;
  /** Something a person should know, once each: a sentence. */
  onNotice(notice: string): void;
}

export interface ReaderCounts {
  lines: number;
  /** Lines of the format, and of errors. */
  read: number;
  /** All others. */
  unread: number;
  /** Lines of the format that could not be read whole. */
  almost: number;
  /** Steps told again by another process of the job, which the log does not tell apart. */
  repeated: number;
  events: number;
}

/** How the input came to its end. `left`: it may go on without us. */
export type InputEnd = 'ended' | 'interrupted' | 'left';

/** A log that shows nothing in so many lines is probably none of these formats. */
const PATIENCE_LINES = 20_000;

interface Candidate {
  format: LogFormat;
  parser: LineParser;
  facts: Partial<Payload<'TRAINING_STARTED'>>;
  almost: Map<string, number>;
}

type Figures =
  | { type: 'PPO_UPDATE_COMPLETED'; number: number; data: Payload<'PPO_UPDATE_COMPLETED'> }
  | { type: 'STEP_COMPLETED'; number: number; data: Payload<'STEP_COMPLETED'> };

export class LogReader {
  readonly counts: ReaderCounts = { lines: 0, read: 0, unread: 0, almost: 0, repeated: 0, events: 0 };
  #options: ReaderOptions;
  #candidates: Candidate[];
  /** Of the candidates' formats. */
  #marks: string[];
  #format: LogFormat | null = null;
  #tracebacks = new Tracebacks();
  #out: Outlet;
  #line: LogLine = readLogLine('', 0);
  #reading: Candidate;
  /** By rank, once started: number of the newest update or step. */
  #newest = new Map<number, number>();
  #unit: 'batch' | 'step' = 'batch';
  #state: 'running' | 'ended' = 'running';
  #nowMs = 0;
  #liveLine = true;
  #printedMs: number | null = null;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#candidates = (options.format === null ? formats : [options.format]).map(format => ({
      format,
      parser: format.open({ map: options.map }),
      facts: {},
      almost: new Map(),
    }));
    this.#marks = [...new Set(this.#candidates.flatMap(({ format }) => format.marks))];
    this.#reading = this.#candidates[0]!;
    this.#out = {
      facts: facts => Object.assign(this.#reading.facts, facts),
      update: (data, rank = 0) =>
        this.#figures({ type: 'PPO_UPDATE_COMPLETED', number: data.batch, data }, rank),
      step: (data, rank = 0) => this.#figures({ type: 'STEP_COMPLETED', number: data.step, data }, rank),
      memory: (data, rank = 0) => {
        this.#begin(rank);
        this.#emit(rank, 'MEMORY_SAMPLED', data);
      },
      finished: () => this.#finish(),
      almost: why => this.#almost(why),
    };
  }

  /** Name of the log's format; null until it is known. */
  get format(): string | null {
    return this.#format?.name ?? null;
  }

  /** Whether the trainer has told its end: it finished, or failed. */
  get ended(): boolean {
    return this.#state === 'ended';
  }

  /**
   * Reads one line, without its newline.
   * @param live whether it was written just now, at `nowMs`; otherwise the time printed in it is its time.
   */
  read(raw: string, number: number, nowMs: number, live: boolean): void {
    this.counts.lines++;
    this.#nowMs = nowMs;
    this.#liveLine = live;
    if (this.counts.lines === PATIENCE_LINES && this.#format === null)
      this.#options.onNotice(
        `No figures in the first ${PATIENCE_LINES.toLocaleString('en')} lines: name the format with --format (${formats.map(f => f.name).join(', ')}).`,
      );
    if (!this.#tracebacks.mayRead(raw) && !this.#marks.some(mark => raw.includes(mark))) {
      this.counts.unread++;
      return;
    }
    this.#line = readLogLine(raw, number);
    let known = false;
    for (const candidate of this.#candidates) {
      this.#reading = candidate;
      if (candidate.parser.read(this.#line, this.#out)) known = true;
      if (this.#format !== null) break;
    }
    if (known || this.#tracebacks.read(this.#line)) this.counts.read++;
    else this.counts.unread++;
  }

  /** The log has been silent for a while: what was held is told. */
  settle(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#liveLine = true;
    if (this.#tracebacks.held !== null) this.#fail();
    else if (this.#reachedEnd()) this.#finish();
  }

  /** The input's end. Nothing is read after it. */
  end(how: InputEnd, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#liveLine = how !== 'ended';
    const interrupted = this.#tracebacks.held?.errorType === 'KeyboardInterrupt';
    if (this.#tracebacks.held !== null && !interrupted) this.#fail();
    if (this.#newest.size === 0 || this.#state === 'ended') return;
    if (this.#reachedEnd()) this.#finish();
    else if (interrupted || how === 'interrupted') this.#complete('interrupted');
    else if (how === 'left') return;
    else if (this.#most() === null) this.#complete('finished');
    else {
      const at = this.#newest.get(Math.min(...this.#newest.keys()));
      this.#all('TRAINING_FAILED', {
        errorType: null,
        message: `the log ends at ${this.#unit} ${at} of ${this.#most()}, without a reason`,
      });
      this.#state = 'ended';
    }
  }

  #figures({ type, number, data }: Figures, rank: number): void {
    const before = this.#newest.get(rank);
    if (number === before && before >= 0) {
      this.counts.repeated++;
      return;
    }
    this.#unit = type === 'STEP_COMPLETED' ? 'step' : 'batch';
    this.#begin(rank);
    this.#tracebacks.clear();
    if (this.#state === 'ended') this.#resume();
    this.#newest.set(rank, number);
    this.#emit(rank, type, data);
  }

  /** The first figures of a rank start its run; the first of all settle the format. */
  #begin(rank: number): void {
    if (this.#format === null) {
      this.#format = this.#reading.format;
      this.#candidates = [this.#reading];
      this.#marks = [...this.#format.marks];
      for (const [why, line] of this.#reading.almost) this.#tellAlmost(why, line);
    }
    this.#start(rank);
  }

  #start(rank: number): void {
    if (this.#newest.has(rank)) return;
    this.#newest.set(rank, -1);
    this.#emit(rank, 'TRAINING_STARTED', {
      name: this.#options.name,
      ...(this.#format !== null && this.#reading.facts),
      config: { log: this.#options.source, format: this.format },
    });
  }

  /** Figures after an end: the run was not over. */
  #resume(): void {
    this.#state = 'running';
    for (const [rank, number] of this.#newest)
      this.#emit(rank, 'TRAINING_STARTED', {
        name: this.#options.name,
        ...(number >= 0 && (this.#unit === 'step' ? { resumedAtStep: number } : { resumedAtBatch: number })),
      });
  }

  /** Batches or steps that the run is to make, as far as the log told. */
  #most(): number | null {
    return this.#reading.facts.maxBatches ?? this.#reading.facts.maxSteps ?? null;
  }

  #reachedEnd(): boolean {
    const most = this.#most();
    return (
      this.#state === 'running' &&
      most !== null &&
      this.#newest.size > 0 &&
      [...this.#newest.values()].every(number => number >= most)
    );
  }

  #finish(): void {
    if (this.#format === null || this.#state === 'ended') return;
    this.#tracebacks.clear();
    this.#complete('finished');
  }

  #complete(reason: 'finished' | 'interrupted'): void {
    this.#all('TRAINING_COMPLETED', { reason });
    this.#state = 'ended';
  }

  #fail(): void {
    const failure = this.#tracebacks.held!;
    this.#tracebacks.clear();
    if (this.#state === 'ended') return;
    // It may fail before its first figures.
    this.#start(Math.min(0, ...this.#newest.keys()));
    if (failure.errorType === 'KeyboardInterrupt') this.#complete('interrupted');
    else this.#all('TRAINING_FAILED', failure);
    this.#state = 'ended';
  }

  #all<T extends EventType>(type: T, data: Payload<T>): void {
    for (const rank of this.#newest.keys()) this.#emit(rank, type, data);
  }

  #emit<T extends EventType>(rank: number, type: T, data: Payload<T>): void {
    this.counts.events++;
    this.#options.onEvent({ rank, type, data, timeMs: this.#timeMs() });
  }

  /** A line from before our time: the time it shows, or that of the newest line that showed one. Never in the future. */
  #timeMs(): number {
    if (this.#liveLine) return this.#nowMs;
    this.#printedMs = printedTime(this.#line.text) ?? this.#printedMs;
    return this.#printedMs === null ? this.#nowMs : Math.min(this.#printedMs, this.#nowMs);
  }

  #almost(why: string): void {
    if (this.#format === null)
      this.#reading.almost.set(why, this.#reading.almost.get(why) ?? this.#line.number);
    else this.#tellAlmost(why, this.#line.number);
  }

  #told = new Set<string>();

  #tellAlmost(why: string, line: number): void {
    this.counts.almost++;
    if (this.#told.has(why)) return;
    this.#told.add(why);
    this.#options.onNotice(`Line ${line}: ${why}. Such lines are counted, and told once.`);
  }
}
