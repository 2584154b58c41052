/**
 * Tracebacks and errors of memory → why a run may have failed. Lines of several processes interleave, so each
 * process's error is followed apart, by what stands in front of its lines. An error is held, not yet believed: a
 * trainer may catch it and go on. Its text may take several lines: a terminal wraps it, a library adds its cause.
 */
import { EMPTY_POOL, isRepeat, memoryErrorWords, noRoomWords, readMemoryError } from '../texts/index.ts';
import { ErrorContext } from './error-context.ts';
import { Frames } from './frames.ts';
import {
  explainsMore,
  type HeldError,
  isCaught,
  isOfPool,
  memoryOf,
  reportsMore,
  withStats,
} from './held-error.ts';
import { type LogLine, workerOf } from './log-line.ts';
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

const HEAD = 'Traceback (most recent call last)';
/** A traceback after one of these was printed, not raised. */
const HARMLESS = /^Exception ignored in|--- Logging error ---\s*$/;
/** One of these stands in every line that opens an error's text. Lower case. */
export const errorWords: readonly string[] = [
  HEAD.toLowerCase(),
  'file "',
  'most recent call first',
  'exception ignored in',
  ' in replica ',
  'exception has occurred',
  ' : internal error : ',
  ': no module named ',
  'what():  ',
  'uncaught exception of type',
  '--- logging error ---',
  'cache flushes since last step',
  'retrying with',
  'trying again',
  'oomed: switched',
  'falling back to',
  'error: ',
  '[errno ',
  'exception during training',
  'overall training speed: ',
  ', stopping training',
  'exception: ',
  'interrupt',
  'outofresources',
  'pin_memory',
  'physx error: ',
  ', thread: [',
  'cudahost',
  'limit:  ',
  'inuse:  ',
  'sleep mode freed',
  EMPTY_POOL,
  ...noRoomWords,
  ...memoryErrorWords,
];
/** IPython's head of a traceback begins with the error's class; the first versions put no blank behind it. */
const NAMED_HEAD = /^\s{0,8}([A-Za-z_]\w{0,99}(?:Error|Exception|Interrupt))\s{0,200}$/;
/** Lines from the sentence that chains two errors to the head of the second. */
const CHAIN_LINES = 3;
const CHAIN = /^(?:During handling of the above exception|The above exception was the direct cause)/;
/** An error in such a line is quoted: the trainer caught it. */
const QUOTED =
  /^(?!.{0,200}Error reported to Coordinator).{0,2000}\b(?:UserWarning|WARNING|WARN|INFO|DEBUG|warning|info|skipping|retrying|Skipping|Retrying|caught|Caught)\b/;
/** `I get a CUDA out of memory error.` */
const SPOKEN =
  /^[A-Z][^:\d]{0,200}[a-z,] [^:]{0,200}\bout[ -]of[ -]memory (?:error|issue|problem|exception)s?\b/;
/** In front of the head of a worker's traceback that is the text of an error: `RuntimeError: Traceback …`, `Original Traceback …`. */
const AS_TEXT = /^(?:Original |(?:\w{1,60}\.){0,8}\w{0,60}(?:Error|Exception): )$/;
/** The name that NCCL has for the error of the line before. */
const OF_NCCL = /^nccl\w{3,40}Error: /;
/** Lines that say what an error's first line does not: keys and sizes of a checkpoint, the place in a file of configuration. */
const DETAIL = /^\s{1,8}(?:in "[^"]{1,200}", line \d|size mismatch for |(?:Missing|Unexpected) key\(s\) in )/;
/** A line of rules, as launchers and boxes draw them. */
const RULE = /^[\s=\-─━_*+|╭╮╰╯│]{3,200}$/;
/** Processes whose error is open at a time. */
const MOST_OPEN = 64;
/** Lines that the text of an error may go on for, and characters of it that are kept. */
const MOST_LINES = 12;
const LONGEST_MESSAGE = 2000;

interface Open {
  /** Number of the line that it began in. */
  line: number;
  state: 'frames' | 'raised' | 'harmless';
  /** What stands in front of each line of this process, digits made alike. */
  prefix: string;
  rank: number | null;
  /** Of the error whose text may go on: its lines so far. */
  lines: string[];
  error: HeldError | null;
  frames: Frames;
  /** The error's class, where the head has it. */
  named: string | null;
  /** The program's own line that the error of a worker was raised again at; null where its traceback is no other's text. */
  caller: string | null;
  /** Number of the newest line with a frame that a page has taken the indentation of; -1 for none. */
  flatAt: number;
}

export class Tracebacks {
  #open = new Map<string, Open>();
  #held: HeldError | null = null;
  /** What lines without an error add to one. */
  #context = new ErrorContext();
  /** Number of the newest line that chains another error to the one before. */
  #chainedAt = -1;
  /** The error of memory that the newest line was part of: a terminal that wraps it leaves a launcher's prefix out. */
  #wrapped: { open: Open; line: number } | null = null;
  /** Frames whose traceback's head is not in the text, or stands in lines of another form. */
  #frames = new Frames();
  /** The traceback whose head was the newest line of its process. */
  #begun: { open: Open; source: string } | null = null;
  /** The program's own line where the newest error of a worker was raised again. */
  #caughtAt: string | null = null;
  /** Refusals that the allocator itself warned of. */
  #refusals: SurvivedRefusal[] = [];
  /** Whether another request was refused after the one that is held: what stands behind is of that one. */
  #isAnother = false;

  /** Whether a traceback begins in the line, whatever else stands in front. */
  static begins(text: string): boolean {
    return text.includes(HEAD);
  }

  /** Whether any line may be part of an error's text; otherwise only those that have one of `errorWords`. */
  get isOpen(): boolean {
    return this.#open.size > 0;
  }

  /** Whether the line is part of an error's text. */
  read(line: LogLine): boolean {
    const source = workerOf(line) ?? `${line.source?.rank ?? ''}`;
    const head = line.text.indexOf(HEAD);
    if (source === this.#begun?.source) this.#unprefix(source, line.text);
    const opened = head === -1 ? this.#openOf(source, line.text) : undefined;
    if (head === -1 && opened === undefined && this.#readWrapped(line)) return true;
    const text =
      head > 0 ? line.text.slice(head) : opened === undefined ? line.text : behind(opened.prefix, line.text);
    const isOfAllocator = this.#context.read(text, line.number, source);
    if (head !== -1 && this.#frames.isStack) this.#frames.clear();
    // A stack that a crash prints closes what was open: its frames are of no error's own.
    const isStack = this.#frames.isStack || Frames.beginsStack(text);
    const frames = isStack ? this.#frames : (opened?.frames ?? this.#frames);
    const isFrame = Frames.mayRead(text) && frames.read(text);
    if (isFrame && opened !== undefined && text.startsWith('File ')) opened.flatAt = line.number;
    // The stack of a process that crashed stands behind its last word.
    if (isFrame && frames.isOfCrash && this.#held !== null && frames.place !== null)
      this.#held.place = frames.place;
    if (isOfAllocator) {
      if (this.#held !== null) this.#held = withStats(this.#held, this.#context.stats);
      return true;
    }
    if (text.includes(EMPTY_POOL) && this.#held !== null && isOfPool(this.#held)) {
      this.#held.message += `\n${EMPTY_POOL}`;
      return true;
    }
    if (isRetry(text) && this.#survive()) return true;
    if (HARMLESS.test(text)) {
      this.#set(source, '', 'harmless', line);
      return true;
    }
    if (head !== -1) {
      // A progress bar that was drawn on the line is in front of this line alone.
      const before = line.text.slice(0, head);
      // So does a terminal that shows Ctrl-C.
      const front = before.includes('%|') || before.endsWith('^C') ? '' : before;
      const prefix = alike(front);
      const state = this.#open.get(source + prefix)?.state;
      if (state !== 'harmless') this.#begin(source, prefix, line, front);
      return true;
    }
    const refusal = refusalIn(text);
    // A warning is no part of the error in front of it.
    if (refusal === null && opened !== undefined && this.#continue(opened, source, text, line)) return true;
    if (refusal !== null) {
      this.#refusals.push(refusal);
      return true;
    }
    const isAfterFrames = !isFrame && this.#frames.place !== null;
    const raised = isFrame ? null : (raisedInLine(text) ?? (isAfterFrames ? emptyIn(text) : null));
    if (raised === null) return false;
    const open = this.#set(source, '', 'raised', line);
    this.#raise(open, line, raised);
    if (isOfDebugger(text)) open.frames.turn();
    return true;
  }

  /** The error held, or null. */
  get held(): HeldError | null {
    return this.#held;
  }

  /** The traceback whose frames have been read, and its error has not; null where none is open. */
  get cut(): {
    line: number;
    rank: number | null;
    errorType: string | null;
    place: string | null;
    own: string | null;
    /** Whether they stand behind the words of their error. */
    isBehind: boolean;
    /** What an engine printed before it, that it has no room. */
    noRoom: string | null;
  } | null {
    for (const { line, state, rank, lines, frames, named } of this.#open.values())
      if (state === 'frames') {
        const of = frames.place === null ? this.#frames : frames;
        const { noRoom } = this.#context;
        const own = this.#isAnother ? null : of.own;
        const isBehind = lines.length > 0;
        return { line, rank, errorType: named, place: of.place, own, isBehind, noRoom };
      }
    return null;
  }

  /** Whether what stands behind the error that is held is of another one, which came of it. */
  get isChained(): boolean {
    return this.#held !== null && this.#chainedAt > this.#held.line;
  }

  /** Whether the traceback that begins in a line is of an error which came of the one that is held. */
  isChainedTo(head: number): boolean {
    return this.isChained && head > this.#chainedAt && head <= this.#chainedAt + CHAIN_LINES;
  }

  /** The program's own frame among those that stand behind the last error, without a traceback; null for none. */
  get ownBehind(): string | null {
    return this.#frames.isStack || this.#isAnother ? null : this.#frames.own;
  }

  /** Refusals that were warned of since this was asked last. */
  takeRefusals(): SurvivedRefusal[] {
    return this.#refusals.splice(0);
  }

  /** The run goes on, or the error was emitted: it is held no more. */
  clear(): void {
    this.#held = null;
    this.#isAnother = false;
    this.#context.clear();
    this.#wrapped = null;
    this.#begun = null;
    this.#open.clear();
    this.#frames.clear();
  }

  /** The error that is held was survived, if it was a device's refusal. */
  #survive(): boolean {
    const outOfMemory = this.#held?.outOfMemory ?? null;
    if (outOfMemory === null || outOfMemory.device === 'cpu') return false;
    this.#refusals.push({ outOfMemory, retries: null });
    this.clear();
    return true;
  }

  /** A traceback's head, with what stands in front of it. */
  #begin(source: string, prefix: string, line: LogLine, front: string): void {
    // A worker's own traceback, as the text of the error that is raised for it.
    const outer = AS_TEXT.test(front) ? (this.#open.get(source)?.frames.own ?? this.#caughtAt) : null;
    const open = this.#set(source, prefix, 'frames', line, front);
    open.caller = outer;
    this.#begun = { open, source };
  }

  /** A line of a process whose error is open. False where it closed it, and is no part of it. */
  #continue(open: Open, source: string, text: string, line: LogLine): boolean {
    const isChain = CHAIN.test(text);
    if (isChain) this.#chainedAt = line.number;
    // The end of what a page quotes.
    if (open.state === 'frames' && /^`{1,3}\s*$/.test(text)) return true;
    if (text === '' || /^\s/.test(text) || isChain) {
      if (open.state === 'raised' && /^\s+File /.test(text)) open.state = 'frames';
      else if (open.state === 'raised' && !isChain && text.trim() !== '')
        if (!this.#append(open, text.trim()) && open.error?.memory === null && DETAIL.test(text))
          open.error.message = open.lines.join('\n').trim().slice(0, LONGEST_MESSAGE);
      if (isChain || text.trim() === '') open.error = null;
      return true;
    }
    const raised = raisedIn(text);
    const isFlat = open.state === 'frames' && line.number - open.flatAt < 2;
    // The frame itself, or its line of source.
    if (isFlat && (raised === null || !isErrorName(raised.errorType))) return true;
    if (open.state === 'harmless') {
      this.#open.delete(source + open.prefix);
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
    if (open.state === 'raised' && open.error !== null && open.lines.length < MOST_LINES)
      // A line that adds nothing may be of the log, and the error's text go on behind it.
      return this.#append(open, text);
    if (
      open.state === 'raised' &&
      raised !== null &&
      isOutOfMemory(readMemoryError(text, { loose: false }))
    ) {
      this.#raise(open, line, { ...raised, isError: true, isLoose: false });
      return true;
    }
    this.#open.delete(source + open.prefix);
    return false;
  }

  /** What stood in front of a traceback's head was of that line alone, where its first frame stands at the line's beginning. */
  #unprefix(source: string, text: string): void {
    const { open } = this.#begun!;
    this.#begun = null;
    if (open.prefix === '' || !text.startsWith('  File "')) return;
    this.#open.delete(source + open.prefix);
    open.prefix = '';
    this.#open.set(source, open);
  }

  /** Whether the line is what a terminal wrapped of the error in the line before it. */
  #readWrapped(line: LogLine): boolean {
    const wrapped = this.#wrapped;
    if (wrapped === null || wrapped.line !== line.number - 1 || line.source !== null) return false;
    if (!/^\S/.test(line.text) || !this.#append(wrapped.open, line.text)) return false;
    this.#wrapped = { open: wrapped.open, line: line.number };
    return true;
  }

  /** The open error that the line may belong to: the one whose prefix it has, the longest first. */
  #openOf(source: string, text: string): Open | undefined {
    let found: Open | undefined;
    for (const [key, open] of this.#open)
      if (
        key === source + open.prefix &&
        alike(text.slice(0, open.prefix.length)) === open.prefix &&
        (found === undefined || open.prefix.length > found.prefix.length)
      )
        found = open;
    return found;
  }

  #set(source: string, prefix: string, state: Open['state'], line: LogLine, printed = ''): Open {
    const key = source + prefix;
    if (!this.#open.has(key) && this.#open.size >= MOST_OPEN) this.#open.clear();
    const open: Open = {
      line: line.number,
      state,
      prefix,
      rank: line.source?.rank ?? rankIn(printed),
      lines: [],
      error: null,
      frames: new Frames(),
      named: NAMED_HEAD.exec(printed)?.[1] ?? this.#context.caught,
      caller: null,
      flatAt: -1,
    };
    this.#open.set(key, open);
    return open;
  }

  #raise(open: Open, line: LogLine, { errorType, message, isError, isLoose }: RaisedInLine): void {
    const whole = this.#context.of(message, line.number, this.#held);
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
      ...memoryOf(errorType, whole),
      rank: open.rank,
      line: line.number,
      place,
      own,
      isQuoted: !isError && QUOTED.test(message),
      isLoose,
      isSpoken: !isError && SPOKEN.test(message),
      isLauncher: isRepeat(errorType, whole),
      asleep: [...this.#context.asleep],
    };
    // Who logs a refusal as caught, and then another one, went on in between.
    if (error.isQuoted && isCaught(this.#held)) this.#survive();
    open.error = error;
    this.#wrapped = error.outOfMemory === null ? null : { open, line: line.number };
    this.#hold(error);
    this.#takeCallerOf(error, open.line);
  }

  /** One line more of an error's text, which counts where it explains more than the lines before it. */
  #append(open: Open, text: string): boolean {
    const { error } = open;
    if (error === null || open.lines.length >= MOST_LINES) return false;
    if (RULE.test(text)) return true;
    const before = open.lines.at(-1) ?? '';
    // A line with a time in front is the log's: it announces nothing.
    const isAnnounced =
      error.memory?.outOfMemory == null && /[:(]\s*$/.test(before) && !/^\[?\d{4}-\d\d-\d\d/.test(before);
    const isFigures = error.memory?.memory === 'on-chip' && /^Required: \d/.test(text);
    open.lines.push(text);
    const whole = open.lines.join('\n').trim().slice(0, LONGEST_MESSAGE);
    const read = memoryOf(error.errorType, whole);
    if (!reportsMore(read, error) && error.message !== '' && !isAnnounced && !isFigures) return false;
    Object.assign(error, { message: whole, ...read, isLauncher: isRepeat(error.errorType, whole) });
    this.#hold(error);
    return true;
  }

  /** A library caught its own error and raised another: the traceback of that one begins further out, where the program called it. */
  #takeCallerOf(error: HeldError, head: number): void {
    const held = this.#held;
    if (held === null || held.own !== null || held.place === null || error.own === null) return;
    if (this.isChainedTo(head) && held.rank === error.rank)
      this.#held = { ...held, place: `${error.own} (within ${held.place})`, own: error.own };
  }

  #hold(error: HeldError): void {
    if (this.#held !== null && !explainsMore(error, this.#held)) {
      // What called the library that refused raises its own error behind its lines, or the same one.
      const isOfCaller = this.#held.memory?.by === 'ggml' || isSameRefusal(this.#held, error);
      if (isOfCaller && this.#held.place === null)
        this.#held = { ...this.#held, place: error.place, own: error.own };
      this.#isAnother ||= !isOfCaller && error.outOfMemory !== null;
      return;
    }
    this.#isAnother = false;
    this.#held = withStats(error, this.#context.stats);
  }
}

/** What a library prints of a refusal, and the error that is raised for it: they have the same amount, or neither has one. */
const isSameRefusal = (held: HeldError, error: HeldError): boolean =>
  held.outOfMemory !== null &&
  error.outOfMemory !== null &&
  held.outOfMemory.triedBytes === error.outOfMemory.triedBytes &&
  (held.outOfMemory.triedBytes != null ||
    (held.outOfMemory.by === error.outOfMemory.by && held.rank === error.rank));

/** A prefix whose numbers change from line to line, as times do. */
const alike = (prefix: string) => prefix.replace(/\d/g, '0');
/** A line without the prefix of its process. */
const behind = (prefix: string, text: string) => text.slice(prefix.length);

/** Rank in a prefix: `3: ` of srun, `[1,3]<stderr>:` of mpirun, `… [rank3]: `. */
function rankIn(prefix: string): number | null {
  const rank =
    /\[rank(\d{1,6})\]/.exec(prefix) ??
    /^ {0,6}(\d{1,6}): $/.exec(prefix) ??
    /^\[\d{1,6},(?:mpirank:)?(\d{1,6})[,\]]/.exec(prefix);
  return rank === null ? null : Number(rank[1]);
}
