/**
 * What the formats' parsers read → the life of a run. Until the log's format is known it is held: a weak format shows a few
 * reports first, and samples from beside the log wait for its first figures.
 */
import type { Payload } from '../contract/index.ts';
import { Alternation } from './alternation.ts';
import type { Candidates, HeldReport } from './candidates.ts';
import type { Outlet } from './format.ts';
import { HeldFailure } from './held-failure.ts';
import type { LogClock } from './log-clock.ts';
import { type LogLine, readLogLine } from './log-line.ts';
import { OneDevice } from './one-device.ts';
import { isCount } from './printed.ts';
import type { ReaderNotices } from './reader-notices.ts';
import type { ReaderCounts, ReaderOptions } from './reader-options.ts';
import { type FailureOf, type InputEnd, RunLife, type SurvivedRefusal } from './run-life.ts';
import { TextAround } from './text-around.ts';

/** Reports by which a weak format makes the log its own; half as many where the log falls silent. */
const WEAK_REPORTS = 3;
/** Samples of tools beside a log that are held until the log's format is known. */
const MOST_HELD = 64;

export class Intake {
  /** The line that is being read. */
  line: LogLine = readLogLine('', 0);
  readonly failure = new HeldFailure((rank, refusal) => this.#refused(rank, refusal));
  readonly around = new TextAround();
  #options: ReaderOptions;
  #candidates: Candidates;
  #clock: LogClock;
  #notices: ReaderNotices;
  #counts: ReaderCounts;
  #life: RunLife;
  #alternation = new Alternation();
  /** Samples from beside the log, until its format is known. */
  #heldSamples: HeldReport[] = [];
  /** Of the newest line's rank. */
  #out = this.#outletOf(0);
  #outRank = 0;
  /** Number of the line that had last words while the log had shown no figures; -1 where none had. */
  #lastWordsAt = -1;
  #isInFinally = false;
  /** Whether parsers emit what they have held since before an error. */
  #isLate = false;

  /** @param counts of the reader: what is emitted, what comes again, and what could not be read whole is counted there. */
  constructor(
    options: ReaderOptions,
    candidates: Candidates,
    clock: LogClock,
    notices: ReaderNotices,
    counts: ReaderCounts,
  ) {
    this.#options = options;
    this.#candidates = candidates;
    this.#clock = clock;
    this.#notices = notices;
    this.#counts = counts;
    const devices = new OneDevice();
    this.#life = new RunLife((rank, type, data) => {
      counts.events++;
      options.onEvent({ rank, type, data: devices.named(rank, data), timeMs: clock.ofEvent(this.line) });
    });
  }

  /** Whether the trainer has reported its end: it finished, or failed. */
  get ended(): boolean {
    return this.#life.ended;
  }

  /** Where parsers put what they read of the line: what they hold keeps the rank that it is of. */
  outOf(rank: number): Outlet {
    if (rank !== this.#outRank) this.#out = this.#outletOf(rank);
    this.#outRank = rank;
    return this.#out;
  }

  /** A log that a command appends to: what ended the program before was not survived. */
  startAgain(): void {
    if (this.failure.isNameAlone) return;
    this.#candidates.flush();
    if (this.#life.begun) this.#life.settle(this.#takeFailure());
    else this.failure.forget();
    this.#candidates.reading.parser.startAgain?.();
  }

  /** The same where no error stands in front of it: a report that is not beyond the newest shows it, in a log that no trainer's format reads. */
  mayStartAgain(): void {
    const { parser } = this.#candidates.reading;
    if (parser.startAgain === undefined || !this.#life.begun) return;
    this.#life.settle(null);
    this.#life.another(0, false);
  }

  /** The log has been silent for a while: what was held is emitted. */
  settle(): void {
    this.failure.settle();
    this.#candidates.release();
    this.#candidates.flush();
    if (this.#candidates.takeWeak(WEAK_REPORTS - 1)) this.#settleFormat();
    if (this.failure.isNameAlone) return;
    if (this.failure.isHeld) this.#endParsers();
    this.#life.settle(this.#takeFailure());
  }

  /** The input's end. Nothing is read after it. */
  end(how: InputEnd): void {
    this.#candidates.flush();
    this.#endParsers();
    if (this.#candidates.takeWeak(1)) this.#settleFormat();
    if (this.#heldSamples.length > 0) this.#begin();
    this.#life.end(how, this.#takeFailure(true));
    // No format was found: what each could not read helps to see why.
    if (this.#candidates.format === null)
      for (const [why, line] of this.#candidates.almost) this.#countAlmost(why, line);
  }

  /**
   * What the trainer reported last: an error that it had caught was survived.
   * @param isInFinally whether it is printed however the training ended
   */
  lastWords(isInFinally = false): void {
    this.#isInFinally = isInFinally;
    const { error } = this.failure;
    if (error?.isQuoted === false && error.outOfMemory === null && !this.#life.begun) return;
    if (error !== null) this.failure.goOn(error);
    this.#endParsers();
    if (this.#life.begun) this.#life.lastWords(this.#isInFinally);
    else this.#lastWordsAt = this.line.number;
  }

  #outletOf(rank: number): Outlet {
    return {
      facts: facts => {
        // What no count can be is not known.
        const known = this.#candidates.reading.facts as Record<string, unknown>;
        for (const name in facts) {
          const fact = facts[name as keyof typeof facts];
          if (name === 'config') known.config = { ...(known.config as object), ...(fact as object) };
          else if (typeof fact !== 'number' || Number.isSafeInteger(fact)) known[name] = fact;
        }
      },
      update: (data, own = rank) => this.#figures(own, 'PPO_UPDATE_COMPLETED', data, data.batch),
      step: (data, own = rank) => this.#figures(own, 'STEP_COMPLETED', data, data.step),
      memory: (data, own = rank) => this.#sample(() => this.#life.sample(own, data)),
      devices: (data, since) => {
        const timeMs = this.#clock.shownIn(since);
        this.#sample(() => this.#clock.at(timeMs, () => this.#life.devices(data)));
      },
      host: data => this.#sample(() => this.#life.beside(rank, 'HOST_SAMPLED', data)),
      figures: data => this.#sample(() => this.#life.beside(rank, 'FIGURES_LOGGED', data)),
      last: number => {
        const { reading, format } = this.#candidates;
        reading.last = number;
        if (format === reading.format) this.#life.last = number;
      },
      reached: (number, isDone) => {
        const { reading, format } = this.#candidates;
        if (format === reading.format) this.#life.reached = { number, isDone };
      },
      begins: isSure => {
        const { reading, format } = this.#candidates;
        if (this.#candidates.isWeak) this.#holdBare(() => this.#life.another(rank, isSure));
        else if (format === reading.format) this.#life.another(rank, isSure);
      },
      finished: (isOwn = false) => {
        // Until the format is known, any log may have these words.
        if (isOwn && this.#candidates.isWeak) this.#holdBare(() => this.lastWords());
        else if (isOwn || this.#candidates.format !== null) this.lastWords();
      },
      almost: why => this.#almost(why),
    };
  }

  /** An update or a step: it settles the format, but for a weak one, which is to show a few. */
  #figures<T extends 'PPO_UPDATE_COMPLETED' | 'STEP_COMPLETED'>(
    rank: number,
    type: T,
    data: Payload<T>,
    count: number,
  ): void {
    if (!isCount(count)) {
      this.#almost('a number of an update or a step that no count can be');
      return;
    }
    // An error may stand in the document that the figures are of.
    const since = this.#candidates.reading.parser.since ?? null;
    const line = since ?? this.line.number;
    const isLate = this.#isLate;
    if (!this.#candidates.isWeak) {
      this.#settleFormat();
      this.#report(rank, type, data, count, { line, isWithin: since !== null, isLate });
      return;
    }
    const { held } = this.#candidates.reading;
    const isBare = Object.keys(data).length === 1;
    const isFull = isBare && count === this.#candidates.reading.facts.maxSteps;
    const emit = () => this.#report(rank, type, data, count, { line, isWithin: since !== null, isLate });
    held.push({ ...this.#held(emit, line, isBare), isFull });
    if (held.length >= WEAK_REPORTS) this.#settleFormat();
  }

  /** @param isWithin whether its line is an earlier one than the one that is being read; `isLate`: whether it was held since before an error */
  #report<T extends 'PPO_UPDATE_COMPLETED' | 'STEP_COMPLETED'>(
    rank: number,
    type: T,
    data: Payload<T>,
    count: number,
    { line, isWithin, isLate }: { line: number; isWithin: boolean; isLate: boolean },
  ): void {
    // Figures that were held until now may have been read before the error.
    const isBefore = (this.#clock.isHeld || isWithin) && line <= this.failure.line;
    const isAgain = this.failure.isHeld && !isBefore && this.#life.isBehind(rank, count);
    // What begins again before the error was not survived: another process goes on from a checkpoint.
    if (!isLate && isAgain) this.#life.settle(this.#takeFailure());
    else if (!isLate && !isBefore) this.failure.survive(rank, count);
    if (!this.#life.report(rank, type, data)) this.#counts.repeated++;
    else if (rank === 0) {
      const turns = this.#alternation.with(count);
      if (turns !== null) this.#notices.alternates(turns);
    }
  }

  /** A sample of the log's own format, or of what stands beside it: that waits until the log's format is known. */
  #sample(emit: () => void): void {
    const { isBeside } = this.#candidates;
    if (isBeside) this.#candidates.release();
    else this.#settleFormat();
    if (!isBeside || this.#candidates.format !== null || this.#life.begun) emit();
    else this.#holdSample(emit);
  }

  /** One before the first figures waits for them: with them comes the training's total. */
  #refused(rank: number, refusal: SurvivedRefusal): void {
    const emit = () => this.#life.refused(rank, refusal);
    if (this.#life.begun) emit();
    else this.#holdSample(emit);
  }

  #holdSample(emit: () => void): void {
    this.#heldSamples.push(this.#held(emit));
    if (this.#heldSamples.length >= MOST_HELD) this.#begin();
  }

  /** What is no report waits for the log's format among those. */
  #holdBare(emit: () => void): void {
    this.#candidates.reading.held.push(this.#held(emit, this.line.number, true));
  }

  #held(emit: () => void, line = this.line.number, isBare = false): HeldReport {
    return { emit, timeMs: this.#clock.of(this.line), line, isBare };
  }

  #emitHeld(held: HeldReport[]): void {
    for (const { emit, timeMs } of held.splice(0)) this.#clock.at(timeMs, emit);
  }

  /** The first figures settle the format. */
  #settleFormat(): void {
    if (this.#candidates.format !== null) return;
    this.#candidates.settle();
    const { reading } = this.#candidates;
    for (const [why, line] of reading.almost) this.#countAlmost(why, line);
    // Samples stand among the reports, as in the log.
    const held = [...this.#heldSamples.splice(0), ...reading.held.splice(0)];
    // A bar that is full is drawn once more behind the trainer's last words.
    const isBefore = held.every(({ line, isFull }) => isFull === true || line <= this.#lastWordsAt);
    this.#begin();
    if (reading.last !== undefined) this.#life.last = reading.last;
    this.#emitHeld(held.sort((a, b) => a.line - b.line));
    if (this.#lastWordsAt >= 0 && isBefore) this.#life.lastWords(this.#isInFinally);
  }

  #begin(): void {
    const facts = this.#candidates.format === null ? {} : this.#candidates.reading.facts;
    const { name, source, config } = this.#options;
    const format = this.#candidates.format?.name ?? null;
    this.#life.begin({ name, facts, config: { log: source, format, ...config, ...facts.config } });
    this.#emitHeld(this.#heldSamples);
    if (this.#lastWordsAt >= 0) this.#life.lastWords(this.#isInFinally);
  }

  /** What ended the run, if anything that is held did; a run that has not begun begins with it, or with its last words. */
  #takeFailure(isOver = false): FailureOf | null {
    const failure = this.failure.take(this.#life.begun, isOver, this.line.number);
    if (!this.#life.begun && (failure !== null || this.#lastWordsAt >= 0)) this.#begin();
    return failure && this.around.beside(failure, this.#candidates.format !== null);
  }

  /** What parsers hold is of lines before an error that is held: it was not survived. */
  #endParsers(): void {
    this.#isLate = true;
    this.#candidates.end();
    this.#isLate = false;
  }

  #almost(why: string): void {
    const { almost, parser } = this.#candidates.reading;
    const number = parser.since ?? this.line.number;
    if (this.#candidates.format === null) almost.set(why, almost.get(why) ?? number);
    else this.#countAlmost(why, number);
  }

  #countAlmost(why: string, line: number): void {
    this.#counts.almost++;
    this.#notices.almost(why, line);
  }
}
