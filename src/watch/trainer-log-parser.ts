/**
 * Lines of a trainer's log → events of a run. It finds the log's format by the first figures, and counts what it
 * could not read. It knows no files and no clock.
 *
 * An error that was printed is a failure once the log falls silent or ends; figures that follow it prove otherwise.
 */
import type { Payload } from '../contract/index.ts';
import { isLastWords } from '../texts/index.ts';
import { Candidates, EVERYBODY, type HeldReport } from './candidates.ts';
import { withoutCutNumber } from './cut-number.ts';
import { drawnParts } from './drawn-parts.ts';
import type { Outlet } from './format.ts';
import { HeldFailure } from './held-failure.ts';
import { LineNumbers } from './line-numbers.ts';
import { type LineTime, LogClock } from './log-clock.ts';
import { type LogLine, readLogLine } from './log-line.ts';
import { OpeningLine } from './opening-line.ts';
import { isCount } from './printed.ts';
import { endsInCtrlC } from './raised.ts';
import { RankLabels } from './rank-labels.ts';
import { PATIENCE_LINES, ReaderNotices } from './reader-notices.ts';
import type { ReaderCounts, ReaderOptions } from './reader-options.ts';
import { type FailureOf, type InputEnd, RunLife, type SurvivedRefusal } from './run-life.ts';
import { Tracebacks } from './traceback.ts';

/** Characters of a line that the readers of text look at; longer lines are for those that parse a whole document. */
const LONGEST_TEXT = 32 * 1024;
/** Reports by which a weak format makes the log its own; half as many where the log falls silent. */
const WEAK_REPORTS = 3;
/** Samples of tools beside a log that are held until the log's format is known. */
const MOST_HELD = 64;

export class TrainerLogParser {
  readonly counts: ReaderCounts = { lines: 0, read: 0, unread: 0, almost: 0, repeated: 0, events: 0 };
  #options: ReaderOptions;
  #candidates: Candidates;
  /** Samples from beside the log, until its format is known. */
  #heldSamples: HeldReport[] = [];
  /** Of the newest line's rank. */
  #out = this.#outletOf(0);
  #outRank = 0;
  #life: RunLife;
  #failure = new HeldFailure((rank, refusal) => this.#refused(rank, refusal));
  /** Number of the line that had last words while the log had shown no figures; -1 where none had. */
  #lastWordsAt = -1;
  #line: LogLine = readLogLine('', 0);
  /** Of a sample that was read off its bytes: no text was made of it, and it shows no time. */
  #sampled: LogLine = readLogLine('', 0);
  #clock = new LogClock();
  #notices: ReaderNotices;
  /** Whether parsers emit what they have held since before an error. */
  #isLate = false;
  #lineNumbers = new LineNumbers();
  #opening = new OpeningLine();
  #labels = new RankLabels();
  /** Who has to look at the line that `wants` was asked about last; everybody where it was not. */
  #readers = EVERYBODY;
  /** Whether the input ended in the line that is being read. */
  #isOpen = false;
  /** The line that was read before it. */
  #before = '';

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#notices = new ReaderNotices(notice => options.onNotice(notice));
    this.#candidates = new Candidates(options.format, { map: options.map });
    this.#life = new RunLife((rank, type, data) => {
      this.counts.events++;
      options.onEvent({ rank, type, data, timeMs: this.#clock.ofEvent(this.#line) });
    });
  }

  /** Name of the log's format; null until it is known. */
  get format(): string | null {
    return this.#candidates.format?.name ?? null;
  }

  /** Whether the trainer has reported its end: it finished, or failed. */
  get ended(): boolean {
    return this.#life.ended;
  }

  /** When a log from before our time began, as far as it shows that: of the lines in front of the first that has a time. */
  startsAt(timeMs: number | null): void {
    this.#clock.startsAt(timeMs);
  }

  /**
   * Whether a line that has not been decoded yet is for `read`; one that is not is counted here, and so is a sample that is read off
   * its bytes. Asked of every line.
   */
  wants(bytes: Uint8Array, from: number, to: number, number: number, { nowMs, live }: LineTime): boolean {
    const sample = this.#candidates.sampleIn(bytes, from, to);
    if (sample !== null) {
      this.counts.lines++;
      this.counts.read++;
      this.#clock.set(nowMs, live);
      this.#sampled.number = number;
      this.#line = this.#sampled;
      this.#outOf(0).memory(sample);
      return false;
    }
    this.#readers = this.#candidates.readersOf(bytes, from, to);
    // `^C`: no word of the filter is as short.
    if (bytes[to - 1] === 67 && bytes[to - 2] === 94) this.#readers = EVERYBODY;
    const mayOpen = !this.#opening.isKnown || this.#failure.isHeld;
    if (this.#readers !== 0 || mayOpen || this.#failure.isOpen || this.#lineNumbers.isHolding) return true;
    this.#readers = EVERYBODY;
    this.counts.lines++;
    this.counts.unread++;
    this.#impatience();
    return false;
  }

  #impatience(): void {
    if (this.counts.lines === PATIENCE_LINES && this.#candidates.format === null) this.#notices.noFigures();
  }

  /**
   * Reads one line, without its newline.
   * @param live whether it was written just now, at `nowMs`; otherwise the time printed in it is its time.
   * @param isOpen whether the input ended in it, without a newline
   */
  read(raw: string, number: number, nowMs: number, live: boolean, isOpen = false): void {
    this.counts.lines++;
    this.#isOpen = isOpen;
    this.#impatience();
    this.#clock.set(nowMs, live);
    if (this.#lineNumbers.areNone) this.#readRaw(raw, number);
    else {
      const lines = this.#lineNumbers.take(raw, number);
      if (lines.length !== 1) this.#readers = EVERYBODY;
      for (const line of lines) this.#readRaw(line.text, line.number);
    }
    this.#readers = EVERYBODY;
    this.#before = raw;
  }

  #readRaw(raw: string, number: number): void {
    // A pager and `cat -v` write a carriage return as two characters.
    const isShown = raw.includes('^M') && raw.length <= LONGEST_TEXT;
    let isRead = false;
    // A terminal shows Ctrl-C in front of what the program still writes.
    const shown = raw.startsWith('^C') && raw.length > 2 ? raw.replace(/^(?:\^C){1,20}(?=.)/, '') : raw;
    for (const part of isShown ? shown.split('^M') : [shown])
      isRead = this.#readDrawn(part, number) || isRead;
    if (isRead) this.counts.read++;
    else this.counts.unread++;
  }

  /** Lines that were held for their numbers: no more come soon. */
  #readHeld(): void {
    for (const line of this.#lineNumbers.release()) this.#readRaw(line.text, line.number);
  }

  /** Whether any of it was of the format, or of an error. */
  #readDrawn(raw: string, number: number): boolean {
    const line = readLogLine(raw, number, this.#labels.areRanks);
    this.#labels.see(line);
    let isRead = false;
    for (const text of drawnParts(line.text, raw.length <= LONGEST_TEXT))
      isRead = this.#readLine(text === line.text ? line : { ...line, text }, raw.length) || isRead;
    return isRead;
  }

  #readLine(line: LogLine, length: number): boolean {
    this.#line = line;
    if (this.#opening.comesAgain(line.text, this.#failure.isHeld)) this.#startAgain();
    const { number } = line;
    const out = this.#outOf(line.source?.rank ?? 0);
    const isLong = length > LONGEST_TEXT;
    const readers = this.#readers;
    const isCtrlC = endsInCtrlC(line.text);
    const figured = isCtrlC
      ? { ...line, text: line.text.slice(0, -2) }
      : this.#isOpen
        ? { ...line, text: withoutCutNumber(line.text, this.#before) }
        : line;
    const known = this.#candidates.read(figured, out, readers, isLong, () => this.#notices.slow(number));
    if (!known) this.#candidates.flush();
    const mayEnd = Candidates.readsEnds(readers) || this.#failure.isOpen;
    // A record may hold the text of an error among its figures.
    const mayHold = !known || isCtrlC || Tracebacks.begins(line.text) || line.text.startsWith('{"');
    const isError = mayEnd && !isLong && mayHold && this.#readEnd(line);
    if (isLong && !known) this.#notices.long(number, length, LONGEST_TEXT);
    return known || isError;
  }

  /** A log that a command appends to: what ended the program before was not survived. */
  #startAgain(): void {
    if (this.#failure.isNameAlone) return;
    this.#candidates.flush();
    if (this.#life.begun) this.#life.settle(this.#takeFailure());
    else this.#failure.forget();
    this.#candidates.reading.parser.startAgain?.();
  }

  /** The log has been silent for a while: what was held is emitted. */
  settle(nowMs: number): void {
    this.#clock.set(nowMs, true);
    this.#readHeld();
    this.#failure.settle();
    this.#candidates.release();
    this.#candidates.flush();
    if (this.#candidates.takeWeak(WEAK_REPORTS - 1)) this.#settleFormat();
    if (this.#failure.isNameAlone) return;
    if (this.#failure.isHeld) this.#endParsers();
    this.#life.settle(this.#takeFailure());
  }

  /** The input's end. Nothing is read after it. */
  end(how: InputEnd, nowMs: number): void {
    this.#clock.set(nowMs, how !== 'ended');
    this.#readHeld();
    this.#candidates.flush();
    this.#endParsers();
    if (this.#candidates.takeWeak(1)) this.#settleFormat();
    if (this.#heldSamples.length > 0) this.#begin();
    this.#life.end(how, this.#takeFailure(true));
    // No format was found: what each could not read helps to see why.
    if (this.#candidates.format === null)
      for (const [why, line] of this.#candidates.almost) this.#tellAlmost(why, line);
  }

  #outOf(rank: number): Outlet {
    if (rank !== this.#outRank) this.#out = this.#outletOf(rank);
    this.#outRank = rank;
    return this.#out;
  }

  /** Where parsers put what they read of a rank's lines: what they hold keeps the rank that it is of. */
  #outletOf(rank: number): Outlet {
    return {
      facts: facts => {
        // What no count can be is not known.
        for (const [name, fact] of Object.entries(facts))
          if (typeof fact !== 'number' || Number.isSafeInteger(fact))
            Object.assign(this.#candidates.reading.facts, { [name]: fact });
      },
      update: (data, own = rank) => this.#figures(own, 'PPO_UPDATE_COMPLETED', data, data.batch),
      step: (data, own = rank) => this.#figures(own, 'STEP_COMPLETED', data, data.step),
      memory: (data, own = rank) => this.#sample(() => this.#life.sample(own, data)),
      devices: (data, since) => {
        const timeMs = this.#clock.shownIn(since);
        this.#sample(() => this.#clock.at(timeMs, () => this.#life.devices(data)));
      },
      figures: data => this.#sample(() => this.#life.beside(rank, 'FIGURES_LOGGED', data)),
      last: number => {
        const { reading, format } = this.#candidates;
        reading.last = number;
        if (format === reading.format) this.#life.last = number;
      },
      begins: isSure => {
        const { reading, format } = this.#candidates;
        if (this.#candidates.isWeak) this.#holdBare(() => this.#life.another(rank, isSure));
        else if (format === reading.format) this.#life.another(rank, isSure);
      },
      finished: (isOwn = false) => {
        // Until the format is known, any log may have these words.
        if (isOwn && this.#candidates.isWeak) this.#holdBare(() => this.#lastWords());
        else if (isOwn || this.#candidates.format !== null) this.#lastWords();
      },
      almost: why => this.#almost(why),
    };
  }

  /** What is no report waits for the log's format among those. */
  #holdBare(emit: () => void): void {
    const { held } = this.#candidates.reading;
    held.push({ emit, timeMs: this.#clock.of(this.#line), line: this.#line.number, isBare: true });
  }

  /** An update or a step: it settles the format, but for a weak one, which is to show a few. */
  #figures<T extends 'PPO_UPDATE_COMPLETED' | 'STEP_COMPLETED'>(
    rank: number,
    type: T,
    data: Payload<T>,
    count: number,
  ): void {
    const own = 'batch' in data ? data.batch : data.step;
    if (!isCount(own)) {
      this.#almost('a number of an update or a step that no count can be');
      return;
    }
    const isLate = this.#isLate;
    // An error may stand in the document that the figures are of.
    const since = this.#candidates.reading.parser.since ?? null;
    const isWithin = since !== null;
    const number = since ?? this.#line.number;
    const emit = () => {
      // Figures that were held until now may have been read before the error.
      const isBefore = (this.#clock.isHeld || isWithin) && number <= this.#failure.line;
      const isAgain = this.#failure.isHeld && !isBefore && this.#life.isBehind(rank, count);
      // What begins again before the error was not survived: another process goes on from a checkpoint.
      if (!isLate && isAgain) this.#life.settle(this.#takeFailure());
      else if (!isLate && !isBefore) this.#failure.survive(rank, count);
      if (!this.#life.report(rank, type, data)) this.counts.repeated++;
    };
    if (this.#candidates.isWeak) {
      const { held } = this.#candidates.reading;
      held.push({
        emit,
        timeMs: this.#clock.of(this.#line),
        line: number,
        isBare: Object.keys(data).length === 1,
      });
      if (held.length >= WEAK_REPORTS) this.#settleFormat();
    } else {
      this.#settleFormat();
      emit();
    }
  }

  /** A sample of the log's own format, or of what stands beside it: that waits until the log's format is known. */
  #sample(emit: () => void): void {
    const { isBeside } = this.#candidates;
    if (isBeside) this.#candidates.release();
    else this.#settleFormat();
    if (!isBeside || this.#candidates.format !== null || this.#life.begun) {
      emit();
      return;
    }
    this.#holdSample(emit);
  }

  #holdSample(emit: () => void): void {
    this.#heldSamples.push({
      emit,
      timeMs: this.#clock.of(this.#line),
      line: this.#line.number,
      isBare: false,
    });
    if (this.#heldSamples.length >= MOST_HELD) this.#begin();
  }

  /** What parsers hold is of lines before an error that is held: it was not survived. */
  #endParsers(): void {
    this.#isLate = true;
    this.#candidates.end();
    this.#isLate = false;
  }

  /** Whether the line is of an error, of an ending that another program reports, or the trainer's last words. */
  #readEnd(line: LogLine): boolean {
    if (this.#failure.read(line)) return true;
    if (!isLastWords(line.text)) return false;
    this.#lastWords();
    return true;
  }

  /** What the trainer reported last: an error that it had caught was survived. */
  #lastWords(): void {
    const { error } = this.#failure;
    if (error?.isQuoted === false && error.outOfMemory === null && !this.#life.begun) return;
    if (error !== null) this.#failure.goOn(error);
    this.#endParsers();
    if (this.#life.begun) this.#life.lastWords();
    else this.#lastWordsAt = this.#line.number;
  }

  /** One before the first figures waits for them: with them comes the training's total. */
  #refused(rank: number, refusal: SurvivedRefusal): void {
    const emit = () => this.#life.refused(rank, refusal);
    if (this.#life.begun) emit();
    else this.#holdSample(emit);
  }

  /** What ended the run, if anything that is held did; a run that has not begun begins with it, or with its last words. */
  #takeFailure(isOver = false): FailureOf | null {
    const failure = this.#failure.take(this.#life.begun, isOver, this.#line.number);
    if (!this.#life.begun && (failure !== null || this.#lastWordsAt >= 0)) this.#begin();
    return failure;
  }

  /** The first figures settle the format. */
  #settleFormat(): void {
    if (this.#candidates.format !== null) return;
    this.#candidates.settle();
    const { reading } = this.#candidates;
    for (const [why, line] of reading.almost) this.#tellAlmost(why, line);
    // Samples stand among the reports, as in the log.
    const held = [...this.#heldSamples.splice(0), ...reading.held.splice(0)];
    const isBefore = held.every(({ line }) => line <= this.#lastWordsAt);
    this.#begin();
    if (reading.last !== undefined) this.#life.last = reading.last;
    this.#emitHeld(held.sort((a, b) => a.line - b.line));
    if (this.#lastWordsAt >= 0 && isBefore) this.#life.lastWords();
  }

  #emitHeld(held: HeldReport[]): void {
    for (const { emit, timeMs } of held.splice(0)) this.#clock.at(timeMs, emit);
  }

  #begin(): void {
    const facts = this.#candidates.format === null ? {} : this.#candidates.reading.facts;
    this.#life.begin({
      name: this.#options.name,
      facts,
      config: { log: this.#options.source, format: this.format, ...this.#options.config, ...facts.config },
    });
    this.#emitHeld(this.#heldSamples);
    if (this.#lastWordsAt >= 0) this.#life.lastWords();
  }

  #almost(why: string): void {
    const { almost } = this.#candidates.reading;
    if (this.#candidates.format === null) almost.set(why, almost.get(why) ?? this.#line.number);
    else this.#tellAlmost(why, this.#line.number);
  }

  #tellAlmost(why: string, line: number): void {
    this.counts.almost++;
    this.#notices.almost(why, line);
  }
}
