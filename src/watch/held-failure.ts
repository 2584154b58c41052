/**
 * What may have ended the run: errors and endings that were printed. They are held, not yet believed, until the log falls silent
 * or ends; figures that follow, or last words, show that the trainer went on.
 */
import type { Ending } from '../contract/index.ts';
import { failureOfCut, failureOfEnding, failureOfError, outweighs, withRankOf } from './failure.ts';
import { HeldEnding, weightOf } from './held-ending.ts';
import type { HeldError } from './held-error.ts';
import type { LogLine } from './log-line.ts';
import type { FailureOf, SurvivedRefusal } from './run-life.ts';
import { Tracebacks } from './traceback.ts';

/** Reports of what has ended already, by a scheduler or its own words, which may still come. */
const MOST_LATE = 3;
/** detectron2 logs the error that it raises again, and then its last figures. */
const GIVES_UP = ' Exception during training:';
/** Lines of the log behind an error that was survived before, by which it was survived again. */
const LINES_BEHIND = 5;
/** Kinds of errors that were survived which are kept. */
const MOST_KINDS = 64;
/** What somebody writes of an error that was met before, or is no more; what a program prints of one that it goes on after. */
const FORMER =
  /\b(?:previous|earlier|before|at first|used to|fixed|solved|resolved|no longer|anymore|without|instead|until|unless|caught|skip|retry|ignor|continu)/i;
/** Lines from a warning to the head of the traceback that comes of it. */
const LINES_BEFORE = 3;
/** Its hook behind the last step, whether that went well or not. */
const AFTER_TRAINING = 'Overall training speed: ';
/** A text that ends in the words in front of a traceback. */
const UNKNOWN = { rank: null, errorType: null, place: null, noRoom: null };
/** The error of a thread that hands batches on: no more of them come. */
const OF_FEEDER = /^(?:One or more|Some) background workers are no longer alive/;

/** Those that name what they kill, and nothing else. */
const NAMES_KILL: ReadonlySet<string> = new Set(['kernel', 'slurm']);

export class HeldFailure {
  #tracebacks = new Tracebacks();
  #ending = new HeldEnding();
  /** Newest number of the other ranks when a rank failed. */
  #heldAt: number | null = null;
  /** Reports that came behind such an end. */
  #late = 0;
  /** Whether the trainer wrote that what comes next has ended it. */
  #givesUp = false;
  /** Errors, by class and place, that the training went on after. */
  #survived = new Set<string>();
  /** Whether any report has come. */
  #hasReports = false;
  /** What somebody writes above a log of how it ended. */
  #above: HeldError | null = null;
  /** The line of a killer of processes that figures followed: of an end without a cause it has the cause. */
  #killer: { ending: Ending; line: number } | null = null;
  #refused: (rank: number, refusal: SurvivedRefusal) => void;

  /** @param refused gets each request of memory that the device refused, and that the trainer survived. */
  constructor(refused: (rank: number, refusal: SurvivedRefusal) => void) {
    this.#refused = refused;
  }

  /** Whether any line may be part of an error's text. */
  get isOpen(): boolean {
    return this.#tracebacks.isOpen;
  }

  /** The error that is held; null for none. */
  get error(): HeldError | null {
    return this.#tracebacks.held;
  }

  /** Whether an error or an ending is held. */
  get isHeld(): boolean {
    return this.#tracebacks.held !== null || this.#ending.held !== null;
  }

  /** The program was started again, and what was held had ended it before it began. */
  forget(): void {
    this.#tracebacks.clear();
    this.#ending.clear();
  }

  /** Whether the name of an error is all that is held: it may be of one that was caught. */
  get isNameAlone(): boolean {
    const error = this.#tracebacks.held;
    return error?.isLoose === true && error.memory === null && this.#ending.held === null;
  }

  /** Number of the newest line of what is held, or of a traceback whose error has not come; -1 where nothing is. */
  get line(): number {
    const ending = this.#ending.held === null ? -1 : this.#ending.line;
    const { held, cut } = this.#tracebacks;
    return Math.max(held?.line ?? -1, cut?.line ?? -1, ending);
  }

  /** Whether the line is of an error, or of an ending that another program reports. */
  read(line: LogLine): boolean {
    const isOver = this.#tracebacks.held !== null && line.text.includes(AFTER_TRAINING);
    if (isOver || line.text.endsWith(GIVES_UP)) this.#givesUp = true;
    const isError = this.#tracebacks.read(line);
    const { held } = this.#tracebacks;
    if (held?.isSpoken === true && !this.#hasReports && !FORMER.test(held.message)) this.#above = held;
    for (const refusal of this.#tracebacks.takeRefusals()) this.#refused(line.source?.rank ?? 0, refusal);
    const isEnding = this.#ending.read(line.text, line.source?.rank ?? null, line.number);
    return isError || isEnding;
  }

  /** The log is silent, not over: that some process has ended with an exit code is believed once the log has ended too. */
  settle(): void {
    const { held } = this.#ending;
    if (held !== null && weightOf(held) < 2) this.#ending.clear();
  }

  /** Whether a scheduler has ended the whole job, and figures behind its line are the last that were on their way. */
  #isLastOfJob(): boolean {
    const held = this.#ending.held;
    return (
      held !== null &&
      this.#tracebacks.held === null &&
      (held.kind === 'time limit' ||
        held.kind === 'cancelled' ||
        (held.kind === 'host memory' && held.by === 'slurm'))
    );
  }

  /** Figures of a rank: what was held before them was survived, unless another rank failed and these are its last. */
  survive(rank: number, number: number): void {
    const error = this.#tracebacks.held;
    this.#hasReports = true;
    if (error !== null && error === this.#above) return;
    // The trainer goes on until it asks for the next batch, or writes what it still has.
    const isGivenUp = error !== null && (this.#givesUp || OF_FEEDER.test(error.message));
    if ((isGivenUp || this.#isLastOfJob()) && ++this.#late <= MOST_LATE) return;
    this.#late = 0;
    this.#givesUp = false;
    const failed = error?.rank ?? this.#ending.held?.rank ?? null;
    const isOther = failed !== null && failed !== rank;
    if (isOther && number <= (this.#heldAt ?? number) + 1) {
      this.#heldAt ??= number;
      return;
    }
    this.#heldAt = null;
    if (error !== null) this.goOn(error);
    this.#tracebacks.clear();
    const { held, line } = this.#ending;
    if (held?.kind === 'host memory' && NAMES_KILL.has(held.by ?? '')) this.#killer = { ending: held, line };
    this.#ending.clear();
  }

  /** The trainer went on after an error: of memory, it was a refusal. */
  goOn(error: HeldError): void {
    this.#tracebacks.clear();
    if (error.place !== null && this.#survived.size < MOST_KINDS) this.#survived.add(kindOf(error));
    const { outOfMemory, isSpoken } = error;
    if (outOfMemory !== null && outOfMemory.device !== 'cpu' && !isSpoken)
      this.#refused(error.rank ?? 0, { outOfMemory, retries: null });
  }

  /** An end by SIGKILL alone, with the killer that the text has named before. */
  #explained(ending: Ending | null, line: number): { ending: Ending | null; line: number } {
    const isBare = ending?.kind === 'signal' && ending.signal === 9 && ending.exitCode == null;
    if (!isBare || this.#killer === null) return { ending, line };
    return { ending: { ...this.#killer.ending, ...(ending.rank != null && { rank: ending.rank }) }, line };
  }

  /**
   * What ended the run, of all that is held, if anything did; it is held no more.
   * @param begun whether the run has begun.
   * @param isOver whether nothing comes after it: a traceback whose error has not come is one that the text was cut in.
   * @param line number of the newest line of the log
   */
  take(begun: boolean, isOver: boolean, line: number): FailureOf | null {
    const cut = isOver ? this.#tracebacks.cut : null;
    const error = isOver ? withOwnPlace(this.#tracebacks) : this.#tracebacks.held;
    const { ending, line: endingLine } = this.#explained(this.#ending.held, this.#ending.line);
    const { newest } = this.#ending;
    this.#tracebacks.clear();
    this.#ending.clear();
    if (error?.isQuoted && ending === null && error.outOfMemory !== null && (begun || cut !== null)) {
      // What was written as caught may have ended the training after all: the traceback of it is cut.
      if (cut !== null && isOfCut(error, cut.line))
        return failureOfError({ ...error, errorType: null, place: cut.place });
      // Caught, as far as its line shows, and nothing after it contradicts that.
      this.goOn(error);
      return cut === null ? null : failureOfCut(cut);
    }
    // A program’s warning of it alone: whether it went on is not in the text.
    if (error?.isQuoted && ending === null && error.outOfMemory !== null && isOver)
      return failureOfError({ ...error, errorType: 'Warning' });
    // An error that the training went on after, and now the log goes on behind it.
    const isAgain = error !== null && error.memory === null && this.#survived.has(kindOf(error));
    if (isAgain && ending === null && line >= error.line + LINES_BEHIND) return null;
    const isWarning = error?.isLoose === true && error.memory !== null && begun;
    if ((error === null || isWarning) && ending === null) {
      if (cut !== null)
        return error !== null && isOfCut(error, cut.line)
          ? failureOfError({ ...error, errorType: null, place: cut.place })
          : failureOfCut(cut);
      return isOver && this.#givesUp ? failureOfCut(UNKNOWN) : null;
    }
    const isEnding = ending !== null && (error === null || outweighs(ending, endingLine, error));
    return isEnding
      ? failureOfEnding(ending, [endingLine, newest], error)
      : failureOfError(withRankOf(error!, ending));
  }
}

/** Whether a warning of memory stands right in front of a traceback that the text is cut in: a worker printed it as it died. */
const isOfCut = (error: HeldError, head: number): boolean =>
  (error.isLoose || error.isQuoted) &&
  error.memory !== null &&
  head > error.line &&
  head <= error.line + LINES_BEFORE;

const kindOf = ({ errorType, place }: HeldError): string => `${errorType} ${place}`;

/** The error, with the program's own line where only what stands behind it has one: a traceback that the text was cut in, a frame by itself. */
function withOwnPlace(tracebacks: Tracebacks): HeldError | null {
  const { held, cut, ownBehind, isChained } = tracebacks;
  if (held === null || held.own !== null) return held;
  const { nameless } = tracebacks;
  if (nameless !== null && held.place === null && nameless.rank === held.rank && cut === null)
    return { ...held, place: nameless.place };
  // Of a chained error that is cut: who called the library that raised the first one.
  const isCaller = held.place !== null && cut !== null && tracebacks.isChainedTo(cut.line);
  if (isChained && !isCaller) return held;
  const own = cut === null ? (held.place === null ? ownBehind : null) : cut.own;
  if (own === null || (cut !== null && cut.rank !== held.rank)) return held;
  const place = cut?.isBehind === true ? cut.place : own;
  return { ...held, place: held.place === null ? place : `${own} (within ${held.place})` };
}
