/**
 * Lines of a trainer's log → events of a run. It finds the log's format by the first figures, and counts what it
 * could not read. It knows no files and no clock.
 *
 * An error that was printed is a failure once the log falls silent or ends; figures that follow it prove otherwise.
 */
import type { EventType, OutOfMemory, Payload } from '../contract/index.ts';
import { endingSign, isLastWords } from '../texts/index.ts';
import { failureOfEnding, failureOfError, outweighs } from './failure.ts';
import type { FormatOptions, LineParser, LogFormat, Outlet } from './format.ts';
import { formats } from './formats/index.ts';
import { HeldEnding, weightOf } from './held-ending.ts';
import { type LogLine, printedTime, readLogLine } from './log-line.ts';
import { type FailureOf, type InputEnd, RunLife } from './run-life.ts';
import { type HeldError, Tracebacks } from './traceback.ts';

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

/** Characters of a line that the readers of text look at; longer lines are for those that parse a whole document. */
const LONGEST_TEXT = 32 * 1024;
/** Time that one line may take before the formats that have not looked at it yet are passed over. */
const LINE_BUDGET_MS = 1000;

/** A log that shows nothing in so many lines is probably none of these formats. */
const PATIENCE_LINES = 20_000;

interface Candidate {
  format: LogFormat;
  parser: LineParser;
  facts: Partial<Payload<'TRAINING_STARTED'>>;
  /** Kinds of lines that could not be read whole, and the first of each. */
  almost: Map<string, number>;
}

export class TrainerLogParser {
  readonly counts: ReaderCounts = { lines: 0, read: 0, unread: 0, almost: 0, repeated: 0, events: 0 };
  #options: ReaderOptions;
  /** Every format until one has read a figure; that one from then on. */
  #candidates: Candidate[];
  /** Of the candidates' formats. */
  #marks: string[];
  #format: LogFormat | null = null;
  /** Whose parser has the line. */
  #reading: Candidate;
  #out: Outlet;
  #life: RunLife;
  #tracebacks = new Tracebacks();
  #ending = new HeldEnding();
  /** Last words in a log that has shown no figures. */
  #hasLastWords = false;
  /** Newest number of the other ranks when a rank failed. */
  #heldAt: number | null = null;
  #line: LogLine = readLogLine('', 0);
  #nowMs = 0;
  #live = true;
  #printedMs: number | null = null;
  #told = new Set<string>();

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
    this.#life = new RunLife((rank, type, data) => {
      this.counts.events++;
      options.onEvent({ rank, type, data, timeMs: this.#timeMs() });
    });
    const figures = (type: 'PPO_UPDATE_COMPLETED' | 'STEP_COMPLETED') => {
      return (data: Payload<typeof type>, rank = 0) => {
        this.#settleFormat();
        this.#survive(rank, 'batch' in data ? data.batch : data.step);
        if (!this.#life.report(rank, type, data)) this.counts.repeated++;
      };
    };
    this.#out = {
      facts: facts => {
        Object.assign(this.#reading.facts, facts);
      },
      update: figures('PPO_UPDATE_COMPLETED'),
      step: figures('STEP_COMPLETED'),
      memory: (data, rank = 0) => {
        this.#settleFormat();
        this.#life.sample(rank, data);
      },
      finished: () => {
        // Until the format is known, any log may have these words.
        if (this.#format !== null) this.#lastWords();
      },
      almost: why => this.#almost(why),
    };
  }

  /** Name of the log's format; null until it is known. */
  get format(): string | null {
    return this.#format?.name ?? null;
  }

  /** Whether the trainer has told its end: it finished, or failed. */
  get ended(): boolean {
    return this.#life.ended;
  }

  /**
   * Reads one line, without its newline.
   * @param live whether it was written just now, at `nowMs`; otherwise the time printed in it is its time.
   */
  read(raw: string, number: number, nowMs: number, live: boolean): void {
    this.counts.lines++;
    this.#nowMs = nowMs;
    this.#live = live;
    if (this.counts.lines === PATIENCE_LINES && this.#format === null)
      this.#options.onNotice(
        `No figures in the first ${PATIENCE_LINES.toLocaleString('en')} lines: name the format with --format (${formats.map(f => f.name).join(', ')}).`,
      );
    if (
      !this.#tracebacks.mayRead(raw) &&
      !endingSign.test(raw) &&
      !this.#marks.some(mark => raw.includes(mark))
    ) {
      this.counts.unread++;
      return;
    }
    this.#line = readLogLine(raw, number);
    const isLong = raw.length > LONGEST_TEXT;
    const began = performance.now();
    let known = false;
    for (const candidate of this.#candidates) {
      if (isLong && candidate.format.readsLongLines !== true) continue;
      this.#reading = candidate;
      if (candidate.parser.read(this.#line, this.#out)) known = true;
      if (this.#format !== null) break;
      if (performance.now() - began > LINE_BUDGET_MS) {
        this.#tellOnce('slow', `Line ${number} takes long to read: not every format was tried on it.`);
        break;
      }
    }
    if (!known && this.#candidates.some(({ parser }) => parser.flush !== undefined)) this.#flush();
    const isError = !isLong && (!known || Tracebacks.begins(this.#line.text)) && this.#readEnd(this.#line);
    if (known || isError) this.counts.read++;
    else this.counts.unread++;
    if (isLong && !known) this.#tellOnce('long', tooLong(number, raw.length));
  }

  /** The log has been silent for a while: what was held is told. */
  settle(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#live = true;
    // That some process has ended with an exit code is believed once the log has ended too.
    const { held } = this.#ending;
    if (held !== null && weightOf(held) < 2) this.#ending.clear();
    this.#flush();
    this.#life.settle(this.#takeFailure());
  }

  /** The input's end. Nothing is read after it. */
  end(how: InputEnd, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#live = how !== 'ended';
    this.#flush();
    this.#life.end(how, this.#takeFailure());
    if (this.#format === null) this.#tellCandidates();
  }

  /** Every parser tells what it holds. */
  #flush(): void {
    for (const candidate of this.#candidates) {
      if (candidate.parser.flush === undefined) continue;
      this.#reading = candidate;
      candidate.parser.flush();
      if (this.#format !== null) return;
    }
  }

  /** No format was found: what each could not read helps to see why. */
  #tellCandidates(): void {
    for (const { almost } of this.#candidates) for (const [why, line] of almost) this.#tellAlmost(why, line);
  }

  /** Whether the line is of an error, of an ending that another program tells, or the trainer's last words. */
  #readEnd(line: LogLine): boolean {
    const isError = this.#tracebacks.read(line);
    for (const refusal of this.#tracebacks.takeRefusals()) this.#refused(line.source?.rank ?? 0, refusal);
    const isEnding =
      endingSign.test(line.text) && this.#ending.read(line.text, line.source?.rank ?? null, line.number);
    if (isError || isEnding) return true;
    if (!isLastWords(line.text)) return false;
    this.#lastWords();
    return true;
  }

  /** What the trainer said was its last word: an error that it had caught was survived. */
  #lastWords(): void {
    const error = this.#tracebacks.held;
    if (error?.isQuoted === false && error.outOfMemory === null && !this.#life.begun) return;
    if (error !== null) this.#goOn(error);
    if (this.#life.begun) this.#life.lastWords();
    else this.#hasLastWords = true;
  }

  /** Figures of a rank: what was held before them was survived, unless another rank failed and these are its last. */
  #survive(rank: number, number: number): void {
    const error = this.#tracebacks.held;
    const failed = error?.rank ?? this.#ending.held?.rank ?? null;
    const isOther = failed !== null && failed !== rank;
    if (isOther && number <= (this.#heldAt ?? number) + 1) {
      this.#heldAt ??= number;
      return;
    }
    this.#heldAt = null;
    if (error !== null) this.#goOn(error);
    this.#tracebacks.clear();
    this.#ending.clear();
  }

  /** The trainer went on after an error: of memory, it was a refusal. */
  #goOn(error: HeldError): void {
    this.#tracebacks.clear();
    const { outOfMemory } = error;
    if (outOfMemory !== null && outOfMemory.device !== 'cpu') this.#refused(error.rank ?? 0, outOfMemory);
  }

  #refused(rank: number, outOfMemory: OutOfMemory): void {
    if (!this.#life.begun) this.#begin();
    this.#life.refused(rank, outOfMemory);
  }

  /** What ended the run, of all that is held, if anything did; a run that has not begun begins with it. */
  #takeFailure(): FailureOf | null {
    const error = this.#tracebacks.held;
    const ending = this.#ending.held;
    const endingLine = this.#ending.line;
    this.#tracebacks.clear();
    this.#ending.clear();
    if (error?.isQuoted && ending === null && error.outOfMemory !== null && this.#life.begun) {
      // Caught, as far as its line tells, and nothing after it says otherwise.
      this.#goOn(error);
      return null;
    }
    if (error === null && ending === null) {
      if (this.#hasLastWords && !this.#life.begun) {
        this.#begin();
        this.#life.lastWords();
      }
      return null;
    }
    if (!this.#life.begun) this.#begin();
    const isEnding = ending !== null && (error === null || outweighs(ending, endingLine, error));
    return isEnding ? failureOfEnding(ending) : failureOfError(error!);
  }

  /** The first figures settle the format. */
  #settleFormat(): void {
    if (this.#format !== null) return;
    this.#format = this.#reading.format;
    this.#candidates = [this.#reading];
    this.#marks = [...this.#format.marks];
    for (const [why, line] of this.#reading.almost) this.#tellAlmost(why, line);
    this.#begin();
  }

  #begin(): void {
    this.#life.begin({
      name: this.#options.name,
      facts: this.#format === null ? {} : this.#reading.facts,
      config: { log: this.#options.source, format: this.format },
    });
  }

  /** A line from before our time: the time it shows, or that of the newest line that showed one. Never in the future. */
  #timeMs(): number {
    if (this.#live) return this.#nowMs;
    this.#printedMs = printedTime(this.#line.text) ?? this.#printedMs;
    return this.#printedMs === null ? this.#nowMs : Math.min(this.#printedMs, this.#nowMs);
  }

  #almost(why: string): void {
    const { almost } = this.#reading;
    if (this.#format === null) almost.set(why, almost.get(why) ?? this.#line.number);
    else this.#tellAlmost(why, this.#line.number);
  }

  #tellAlmost(why: string, line: number): void {
    this.counts.almost++;
    this.#tellOnce(why, `Line ${line}: ${why}. Such lines are counted, and told once.`);
  }

  #tellOnce(kind: string, notice: string): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#options.onNotice(notice);
  }
}

const many = (n: number) => n.toLocaleString('en');
const tooLong = (line: number, length: number) =>
  `Line ${line} has ${many(length)} characters: lines of more than ${many(LONGEST_TEXT)} are read as JSON only.`;
