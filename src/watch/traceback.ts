/**
 * Tracebacks and errors of memory → why a run may have failed. Lines of several processes interleave, so each
 * process's error is followed apart, by what stands in front of its lines. An error is held, not yet believed: a
 * trainer may catch it and go on. Its text may take several lines: a terminal wraps it, a library adds its cause.
 */
import { EMPTY_POOL, isRepeat, readMemoryError } from '../texts/index.ts';
import { alike } from './by-shape.ts';
import { ErrorContext } from './error-context.ts';
import { addDetail, addLine, LONGEST_MESSAGE, mayGoOn } from './error-text.ts';
import { TRACEBACK, UNHANDLED } from './error-words.ts';
import { FirstError } from './first-error.ts';
import { Frames } from './frames.ts';
import { type HeldError, isCaught, isOfPool, isQuoted, isSpoken, memoryOf, withStats } from './held-error.ts';
import { type LogLine, workerOf } from './log-line.ts';
import { type CutTraceback, isRightBehind, type OpenError, OpenErrors } from './open-errors.ts';
import {
  emptyIn,
  isErrorName,
  isOfDebugger,
  isOutOfMemory,
  type RaisedInLine,
  raisedIn,
  raisedInLine,
} from './raised.ts';
import { isRetry, refusalIn } from './refusal-lines.ts';
import type { SurvivedRefusal } from './run-life.ts';

/** A traceback after one of these was printed, not raised. */
const HARMLESS = /^Exception ignored in|--- Logging error ---\s*$/;
const CHAIN = /^(?:During handling of the above exception|The above exception was the direct cause)/;
/** In front of the head of a worker's traceback that is the text of an error: `RuntimeError: Traceback …`, `Original Traceback …`. */
const AS_TEXT = /^(?:Original |(?:\w{1,60}\.){0,8}\w{0,60}(?:Error|Exception): )$/;
/** The name that NCCL has for the error of the line before. */
const OF_NCCL = /^nccl\w{3,40}Error: /;
export class Tracebacks {
  readonly #open = new OpenErrors();
  readonly #first = new FirstError();
  /** What lines without an error add to one. */
  #context = new ErrorContext();
  /** The error that the newest line was part of, of memory or behind a launcher's prefix: a terminal that wraps it leaves the prefix out. */
  #wrapped: { open: OpenError; line: number } | null = null;
  /** Frames whose traceback's head is not in the text, or stands in lines of another form. */
  #frames = new Frames();
  /** The traceback whose head was the newest line of its process. */
  #begun: OpenError | null = null;
  /** The program's own line where the newest error of a worker was raised again. */
  #caughtAt: string | null = null;
  /** Refusals that the allocator itself warned of. */
  #refusals: SurvivedRefusal[] = [];

  /** Whether a traceback begins in the line, whatever else stands in front. */
  static begins(text: string): boolean {
    return text.includes(TRACEBACK);
  }

  /** Whether any line may be part of an error's text; otherwise only those that have one of `errorWords`. */
  get isOpen(): boolean {
    return this.#open.size > 0;
  }

  /** Whether the line is part of an error's text. */
  read(line: LogLine): boolean {
    const source = workerOf(line) ?? `${line.source?.rank ?? ''}`;
    const head = line.text.indexOf(TRACEBACK);
    if (source === this.#begun?.source) this.#unprefix(line.text);
    const opened = head === -1 ? this.#open.of(source, line.text) : undefined;
    if (head === -1 && opened === undefined && this.#readWrapped(line)) return true;
    const text =
      head > 0
        ? line.text.slice(head)
        : opened === undefined
          ? line.text
          : line.text.slice(opened.prefix.length);
    const isOfAllocator = this.#context.read(text, line.number, source);
    if (head !== -1 && this.#frames.isStack) this.#frames.clear();
    // A stack that a crash prints closes what was open: its frames are of no error's own.
    const isStack = this.#frames.isStack || Frames.beginsStack(text);
    const frames = isStack ? this.#frames : (opened?.frames ?? this.#frames);
    if (opened !== undefined && isRightBehind(opened, line.number) && text.startsWith('  File "'))
      opened.frames.turn();
    const isFrame = Frames.mayRead(text) && frames.read(text);
    if (isFrame && opened !== undefined && (text.startsWith('File ') || opened.flatAt >= 0))
      opened.flatAt = line.number;
    // The stack of a process that crashed stands behind its last word.
    if (isFrame && frames.isOfCrash && this.#first.held !== null && frames.place !== null)
      this.#first.held.place = frames.place;
    if (isOfAllocator) {
      if (this.#first.held !== null) this.#first.held = withStats(this.#first.held, this.#context.stats);
      return true;
    }
    if (text.includes(EMPTY_POOL) && this.#first.held !== null && isOfPool(this.#first.held)) {
      this.#first.held.message += `\n${EMPTY_POOL}`;
      return true;
    }
    if (isRetry(text) && this.#survive()) return true;
    if (HARMLESS.test(text)) {
      this.#open.set(source, 'harmless', line);
      return true;
    }
    if (head !== -1) {
      // A progress bar that was drawn on the line, or Ctrl-C, is in front of this line alone; so is an indentation that another process left.
      const before = line.text.slice(0, head);
      const isMixed = before.trim() === '' && this.#open.get(source)?.state === 'frames';
      const front = before.includes('%|') || before.endsWith('^C') || isMixed ? '' : before;
      if (this.#open.get(source, alike(front))?.state === 'harmless') return true;
      this.#begin(source, line, front);
      if (isMixed) this.#begun!.flatAt = line.number;
      return true;
    }
    // Ray reports the error of a task that nobody asked for; its frames stand behind.
    if (text.startsWith(UNHANDLED)) {
      this.#begin(source, line, '');
      return true;
    }
    const refusal = refusalIn(text);
    // A warning is no part of the error in front of it.
    if (refusal === null && opened !== undefined && this.#continue(opened, text, line)) return true;
    if (refusal !== null) {
      this.#refusals.push(refusal);
      return true;
    }
    const isAfterFrames = !isFrame && this.#frames.place !== null;
    const raised = isFrame ? null : (raisedInLine(text) ?? (isAfterFrames ? emptyIn(text) : null));
    if (raised === null) return false;
    const open = this.#open.set(source, 'raised', line, { named: this.#context.caught });
    this.#raise(open, line, raised);
    if (isOfDebugger(text)) open.frames.turn();
    return true;
  }

  /** The error held, or null. */
  get held(): HeldError | null {
    return this.#first.held;
  }

  /** The traceback whose frames have been read, and its error has not; null where none is open. */
  get cut(): CutTraceback | null {
    const open = this.#open.inFrames;
    if (open === undefined) return null;
    const { line, rank, named, lines } = open;
    const of = open.frames.place === null ? this.#frames : open.frames;
    const own = this.#first.isAnother ? null : of.own;
    const { noRoom } = this.#context;
    return { line, rank, errorType: named, place: of.place, own, isBehind: lines.length > 0, noRoom };
  }

  /** Whether what stands behind the error that is held is of another one, which came of it. */
  get isChained(): boolean {
    return this.#first.isChained;
  }

  /** Whether the traceback that begins in a line is of an error which came of the one that is held. */
  isChainedTo(head: number): boolean {
    return this.#first.isChainedTo(head);
  }

  /** The program's own frame among those that stand behind the last error, without a traceback; null for none. */
  get ownBehind(): string | null {
    return this.#frames.isStack || this.#first.isAnother ? null : this.#frames.own;
  }

  /** The traceback behind the error that is held whose own error is not in the text; null for none. */
  get nameless() {
    return this.#first.nameless;
  }

  /** Refusals that were warned of since this was asked last. */
  takeRefusals(): SurvivedRefusal[] {
    return this.#refusals.splice(0);
  }

  /** The run goes on, or the error was emitted: it is held no more. */
  clear(): void {
    this.#first.clear();
    this.#context.clear();
    this.#wrapped = null;
    this.#begun = null;
    this.#open.clear();
    this.#frames.clear();
  }

  /** The error that is held was survived, if it was a device's refusal. */
  #survive(): boolean {
    const outOfMemory = this.#first.held?.outOfMemory ?? null;
    if (outOfMemory === null || outOfMemory.device === 'cpu') return false;
    this.#refusals.push({ outOfMemory, retries: null });
    this.clear();
    return true;
  }

  /** A traceback's head, with what stands in front of it. */
  #begin(source: string, line: LogLine, front: string): void {
    // A worker's own traceback, as the text of the error that is raised for it.
    const outer = AS_TEXT.test(front) ? (this.#open.get(source)?.frames.own ?? this.#caughtAt) : null;
    const open = this.#open.set(source, 'frames', line, { front, named: this.#context.caught });
    open.caller = outer;
    this.#begun = open;
  }

  /** A line of a process whose error is open. False where it closed it, and is no part of it. */
  #continue(open: OpenError, text: string, line: LogLine): boolean {
    const isChain = CHAIN.test(text);
    if (isChain) this.#first.chainedAt = line.number;
    // The end of what a page quotes.
    if (open.state === 'frames' && /^`{1,3}\s*$/.test(text)) return true;
    if (text === '' || /^\s/.test(text) || isChain) {
      if (open.state === 'raised' && /^\s+File /.test(text)) open.state = 'frames';
      else if (open.state === 'raised' && !isChain && text.trim() !== '')
        if (!this.#append(open, text.trim()) && open.error?.memory === null)
          addDetail(open.error, open, text);
      if (isChain || text.trim() === '') open.error = null;
      return true;
    }
    const raised = raisedIn(text);
    const isFlat = open.state === 'frames' && line.number - open.flatAt < 2;
    // The frame itself, or its line of source.
    if (isFlat && (raised === null || !isErrorName(raised.errorType))) return true;
    if (open.state === 'harmless') {
      this.#open.close(open);
      return raised !== null;
    }
    if (open.state === 'frames' && raised !== null) {
      this.#raise(open, line, { ...raised, isError: true, isLoose: false });
      open.state = 'raised';
      return true;
    }
    if (open.state === 'raised' && OF_NCCL.test(text) && open.lines[0]?.includes('NCCL error')) {
      open.lines.push(text);
      return true;
    }
    if (open.state === 'raised' && mayGoOn(open))
      // A line that adds nothing may be of the log, and the error's text go on behind it.
      return this.#append(open, text);
    const isRefused = raised !== null && isOutOfMemory(readMemoryError(text, { loose: false }));
    if (open.state === 'raised' && isRefused) {
      this.#raise(open, line, { ...raised, isError: true, isLoose: false });
      return true;
    }
    if (open.state === 'frames') this.#first.passNameless(open);
    this.#open.close(open);
    return false;
  }

  /** What stood in front of a traceback's head was of that line alone, where its first frame stands at the line's beginning. */
  #unprefix(text: string): void {
    const open = this.#begun!;
    this.#begun = null;
    if (open.prefix !== '' && text.startsWith('  File "')) this.#open.unprefix(open);
  }

  /** Whether the line is what a terminal wrapped of the error in the line before it. */
  #readWrapped(line: LogLine): boolean {
    const wrapped = this.#wrapped;
    if (wrapped === null || wrapped.line !== line.number - 1 || line.source !== null) return false;
    if (!/^\S/.test(line.text) || !this.#append(wrapped.open, line.text)) return false;
    this.#wrapped = { open: wrapped.open, line: line.number };
    return true;
  }

  #raise(open: OpenError, line: LogLine, raised: RaisedInLine): void {
    const { errorType, message, isError, isLoose } = raised;
    const whole = this.#context.of(message, line.number, this.#first.held);
    open.lines = [whole];
    const frames = open.frames.place === null ? this.#frames : open.frames;
    const own = frames.own ?? open.caller;
    const isOuter = frames.own === null && open.caller !== null && frames.place !== null;
    const place = isOuter ? `${open.caller} (within ${frames.place})` : (frames.place ?? open.caller);
    this.#caughtAt = message.startsWith('Caught ') ? own : null;
    open.frames.clear();
    this.#frames.clear();
    const error: HeldError = {
      errorType,
      message: whole.slice(0, LONGEST_MESSAGE),
      ...memoryOf(raised.dotted ?? errorType, whole),
      rank: open.rank,
      line: line.number,
      place,
      own,
      isQuoted: !isError && isQuoted(message),
      isLoose,
      isSpoken: !isError && isSpoken(message),
      isLauncher: isRepeat(errorType, whole),
      asleep: [...this.#context.asleep],
      times: 1 + line.unseen,
    };
    // Who logs a refusal as caught, and then another one, went on in between.
    if (error.isQuoted && isCaught(this.#first.held)) this.#survive();
    open.error = error;
    const mayBeWrapped = error.outOfMemory !== null || line.source !== null;
    this.#wrapped = mayBeWrapped ? { open, line: line.number } : null;
    this.#first.take(error, this.#context.stats);
    this.#first.takeCallerOf(error, open.line);
  }

  /** One line more of an error's text, which counts where it explains more than the lines before it. */
  #append(open: OpenError, text: string): boolean {
    const added = addLine(open, text);
    if (added === 'more') this.#first.take(open.error!, this.#context.stats);
    return added !== null;
  }
}
