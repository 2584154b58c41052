/**
 * Lines of a trainer's log → events of a run. It finds the log's format by the first figures, and counts what it
 * could not read. It knows no files and no clock.
 *
 * An error that was printed is a failure once the log falls silent or ends; figures that follow it prove otherwise.
 */
import { isInFinally, isLastWords } from '../texts/index.ts';
import { Candidates, EVERYBODY } from './candidates.ts';
import { withoutCutNumber } from './cut-number.ts';
import { drawnParts } from './drawn-parts.ts';
import { Intake } from './intake.ts';
import { LineNumbers } from './line-numbers.ts';
import { type LineTime, LogClock } from './log-clock.ts';
import { type LogLine, readLogLine } from './log-line.ts';
import { OpeningLine } from './opening-line.ts';
import { endsInCtrlC, isErrorRow } from './raised.ts';
import { RankLabels } from './rank-labels.ts';
import { PATIENCE_LINES, ReaderNotices } from './reader-notices.ts';
import type { ReaderCounts, ReaderOptions } from './reader-options.ts';
import type { InputEnd } from './run-life.ts';
import { Tracebacks } from './traceback.ts';

/** Characters of a line that the readers of text look at; longer lines are for those that parse a whole document. */
const LONGEST_TEXT = 32 * 1024;

export class TrainerLogParser {
  readonly counts: ReaderCounts = { lines: 0, read: 0, unread: 0, almost: 0, repeated: 0, events: 0 };
  #candidates: Candidates;
  #intake: Intake;
  /** Of a sample that was read off its bytes: no text was made of it, and it shows no time. */
  #sampled: LogLine = readLogLine('', 0);
  #clock = new LogClock();
  #notices: ReaderNotices;
  #lineNumbers = new LineNumbers();
  #opening = new OpeningLine();
  #labels = new RankLabels();
  /** Who has to look at the line that `wants` was asked about last; everybody where it was not. */
  #readers = EVERYBODY;
  /** Whether the input ended in the line that is being read. */
  #isOpen = false;
  #isLive = false;
  /** The line that was read before it. */
  #before = '';

  constructor(options: ReaderOptions) {
    this.#notices = new ReaderNotices(notice => options.onNotice(notice));
    this.#candidates = new Candidates(options.format, { map: options.map });
    this.#intake = new Intake(options, this.#candidates, this.#clock, this.#notices, this.counts);
  }

  /** Name of the log's format; null until it is known. */
  get format(): string | null {
    return this.#candidates.format?.name ?? null;
  }

  /** Whether the trainer has reported its end: it finished, or failed. */
  get ended(): boolean {
    return this.#intake.ended;
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
      this.#intake.line = this.#sampled;
      this.#intake.outOf(0).memory(sample);
      return false;
    }
    this.#readers = this.#candidates.readersOf(bytes, from, to);
    // `^C`: no word of the filter is as short.
    if (bytes[to - 1] === 67 && bytes[to - 2] === 94) this.#readers = EVERYBODY;
    const { isHeld, isOpen } = this.#intake.failure;
    const mayOpen = !this.#opening.isKnown || isHeld || this.#opening.mayBe(bytes, from, to);
    if (this.#readers !== 0 || mayOpen || isOpen || this.#lineNumbers.isHolding) return true;
    this.#readers = EVERYBODY;
    this.counts.lines++;
    this.counts.unread++;
    // A command in front of an error has no word of a reader’s.
    if (this.#intake.around.isBeginning) this.#intake.around.add(bytes.subarray(from, to));
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
    this.#isLive = live;
    this.#impatience();
    this.#clock.set(nowMs, live);
    this.#intake.around.add(raw);
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
    const line = readLogLine(raw, number, this.#labels.areRanks, this.#isLive);
    this.#labels.see(line);
    let isRead = false;
    for (const text of drawnParts(line.text, raw.length <= LONGEST_TEXT))
      isRead = this.#readLine(text === line.text ? line : { ...line, text }, raw.length) || isRead;
    return isRead;
  }

  #readLine(line: LogLine, length: number): boolean {
    const { failure } = this.#intake;
    this.#intake.line = line;
    const isUnderWay = this.#candidates.format !== null;
    if (this.#opening.comesAgain(line.text, failure.isHeld, isUnderWay)) {
      if (failure.isHeld) this.#intake.startAgain();
      else this.#intake.mayStartAgain();
    }
    const { number } = line;
    const out = this.#intake.outOf(line.source?.rank ?? 0);
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
    const mayEnd = Candidates.readsEnds(readers) || failure.isOpen;
    // A record may hold the text of an error among its figures.
    const mayHold =
      !known ||
      isCtrlC ||
      Tracebacks.begins(line.text) ||
      line.text.startsWith('{"') ||
      isErrorRow(line.text, failure.isOpen);
    const isError = mayEnd && !isLong && mayHold && this.#readEnd(line);
    if (isLong && !known) this.#notices.long(number, length, LONGEST_TEXT);
    return known || isError;
  }

  /** The log has been silent for a while: what was held is emitted. */
  settle(nowMs: number): void {
    this.#clock.set(nowMs, true);
    this.#readHeld();
    this.#intake.settle();
  }

  /** The input's end. Nothing is read after it. */
  end(how: InputEnd, nowMs: number): void {
    this.#clock.set(nowMs, how !== 'ended');
    this.#readHeld();
    this.#intake.end(how);
  }

  /** Whether the line is of an error, of an ending that another program reports, or the trainer's last words. */
  #readEnd(line: LogLine): boolean {
    if (this.#intake.failure.read(line)) return true;
    if (!isLastWords(line.text)) return false;
    this.#intake.lastWords(isInFinally(line.text));
    return true;
  }
}
