/**
 * Tracebacks and errors of memory → why a run may have failed. Lines of several processes interleave, so each
 * process's error is followed apart, by what stands in front of its lines. An error is held, not yet believed: a
 * trainer may catch it and go on. Its text may take several lines: a terminal wraps it, a library adds its cause.
 */
import type { OutOfMemory } from '../contract/index.ts';
import { type MemoryError, memoryErrorWords, readMemoryError } from '../texts/index.ts';
import { type LogLine, workerOf } from './log-line.ts';
import type { SurvivedRefusal } from './run-life.ts';

const HEAD = 'Traceback (most recent call last)';
/** A traceback after one of these was printed, not raised. */
const HARMLESS = /^(?:Exception ignored in|--- Logging error ---)/;
/** One of these stands in every line that opens an error's text. Lower case. */
export const errorWords: readonly string[] = [
  HEAD.toLowerCase(),
  'exception ignored in',
  '--- logging error ---',
  'cache flushes since last step',
  'retrying with',
  'trying again',
  'oomed: switched',
  'falling back to',
  'error: ',
  'exception: ',
  'interrupt',
  'outofresources',
  'pin_memory',
  'physx error: ',
  ', thread: [',
  'cudahost',
  'limit:  ',
  'inuse:  ',
  ...memoryErrorWords,
];
const CHAIN = /^(?:During handling of the above exception|The above exception was the direct cause)/;
/** `torch.OutOfMemoryError: CUDA out …`, `ray.exceptions.RayTaskError(ValueError): …`, `KeyboardInterrupt`. */
const RAISED =
  /^((?:[A-Za-z_]\w{0,99}\.){0,20})([A-Za-z_]\w{0,99})(?:\(([A-Za-z_]\w{0,99})\))?(?::\s?(.*))?$/;
/** Names of classes that errors have; outside of a traceback any other word before a colon is a logger's. */
const ERROR_NAME = /(?:Error|Exception|Interrupt|Resources|Exit)$/;
/** The class of an error behind a logger's words. */
const NAMED_IN_LINE = /\b([A-Z][A-Za-z]{2,60}(?:Error|Exception|OfResources)): /;
/** An error in such a line is quoted: the trainer caught it. */
const QUOTED =
  /\b(?:WARNING|WARN|INFO|DEBUG|warning|info|skipping|retrying|Skipping|Retrying|caught|Caught)\b/;
/** The allocator's and DeepSpeed's own warnings: the device refused, and the training went on. */
const REFUSED =
  /memory allocation failed with OOM|allocator cache flushes since last step|caller indicates that this is not a failure/;
/** The program asks again, for less or otherwise: what was refused before has not ended it. */
const RETRIED =
  /\bretrying with(?:out)?\b|\btrying again\b|\bOOMed: switched to\b|\bfalling back to (?:tiled|sliced|cpu)\b/i;
const FLUSHES = /(\d{1,9}) pytorch allocator cache flushes since last step/;
/** The simulator's own errors of a kernel, which raise nothing in Python. */
const SIMULATOR = /\bPhysX error: .{1,200}(?:failed|error)\D{0,40}\b7\d\d\b/;
/** A kernel's assertion, a line a thread, before PyTorch's own error. */
const ASSERTION = /: block: \[\d{1,9},\d{1,9},\d{1,9}\], thread: \[.{1,200}Assertion .{1,400} failed\.?\s*$/;
/** What a program's last resort writes of an error, behind a logger's words. */
const UNCAUGHT =
  /\bUncaught ((?:[A-Za-z_]\w{0,99}\.){0,8})([A-Za-z_]\w{0,99}(?:Error|Exception)): (.{1,2000})$/;
/** Lightning's words for Ctrl-C. */
const INTERRUPTED = /Detected KeyboardInterrupt, attempting graceful/;
/** A frame that asks for page-locked host memory; the driver's words for a refusal are then the same as of a full device. */
const PINS = /\bpin_memory\b|cudaHostAlloc|cudaHostRegister/;
/** The lines of the innermost frame: its file, its code, what it underlines. */
const LINES_OF_FRAME = 3;
const DRIVER_REFUSED =
  /^CUDA (?:driver )?error: out of memory|CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation/i;
/** `Limit:                  7891419136`, `InUse:                  7420432128`, in bytes. */
const BFC_STAT = /^(?:.{0,200} )?(Limit|InUse): {2,30}(\d{4,15})\s*$/;
/** NCCL's words for a call to the system that failed. */
const SYSTEM_CALL = /unhandled system error|ncclSystemError/;
/** A line of rules, as launchers and boxes draw them. */
const RULE = /^[\s=\-─━_*+|╭╮╰╯│]{3,200}$/;
/** Errors by which a launcher repeats that a process of its own has ended. */
const LAUNCHER =
  /^(?:ChildFailedError|ActorDiedError|RayActorError|WorkerCrashedError|CalledProcessError|SignalException|ProcessExitedException|ProcessRaisedException|SystemExit)$/;
/** Processes whose error is open at a time. */
const MOST_OPEN = 64;
/** Lines that the text of an error may go on for, and characters of it that are kept. */
const MOST_LINES = 12;
const LONGEST_MESSAGE = 2000;

export interface HeldError {
  errorType: string | null;
  message: string;
  outOfMemory: OutOfMemory | null;
  /** What the text reports of any memory, a device's or not; null for an error of something else. */
  memory: MemoryError | null;
  /** Rank whose lines it stood in, where they name one. */
  rank: number | null;
  /** Number of its line. */
  line: number;
  /** Whether it was printed as something that the trainer had caught. */
  isQuoted: boolean;
  /** Whether it is a line of an error's name alone, without a traceback: the trainer may have gone on. */
  isLoose: boolean;
  /** Whether a launcher only repeats that something else has ended. */
  isLauncher: boolean;
}

interface Open {
  state: 'frames' | 'raised' | 'harmless';
  /** What stands in front of each line of this process, digits made alike. */
  prefix: string;
  rank: number | null;
  /** Of the error whose text may go on: its lines so far. */
  lines: string[];
  error: HeldError | null;
}

export class Tracebacks {
  #open = new Map<string, Open>();
  #held: HeldError | null = null;
  /** What the allocator of TensorFlow and JAX prints of itself around an error. */
  #bfc: { allowedBytes?: number; allocatedBytes?: number } = {};
  /** Number of the newest line of a frame that pins host memory. */
  #pinsAt = Number.NEGATIVE_INFINITY;
  /** The error of memory that the newest line was part of: a terminal that wraps it leaves a launcher's prefix out. */
  #wrapped: { open: Open; line: number } | null = null;
  /** Refusals that the allocator itself warned of. */
  #refusals: SurvivedRefusal[] = [];

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
    const opened = head === -1 ? this.#openOf(source, line.text) : undefined;
    if (head === -1 && opened === undefined && this.#readWrapped(line)) return true;
    const text =
      head > 0 ? line.text.slice(head) : opened === undefined ? line.text : behind(opened.prefix, line.text);
    if (PINS.test(text)) this.#pinsAt = line.number;
    const stat = BFC_STAT.exec(text);
    if (stat !== null) {
      this.#bfc[stat[1] === 'Limit' ? 'allowedBytes' : 'allocatedBytes'] ??= Number(stat[2]);
      if (this.#held !== null) this.#held = withStats(this.#held, this.#bfc);
      return true;
    }
    if (RETRIED.test(text) && this.#survive()) return true;
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
      if (state !== 'harmless') this.#set(source, prefix, 'frames', line, front);
      return true;
    }
    if (opened !== undefined && this.#continue(opened, source, text, line)) return true;
    if (REFUSED.test(text)) {
      const flushes = FLUSHES.exec(text)?.[1];
      this.#refusals.push({
        outOfMemory: readMemoryError(text)?.outOfMemory ?? { device: null },
        retries: flushes === undefined ? 1 : Number(flushes),
      });
      return true;
    }
    const raised = RAISED.exec(text.trim());
    const isNamed = raised !== null && ERROR_NAME.test(raised[2]!);
    if (INTERRUPTED.test(text)) {
      this.#raise(this.#set(source, '', 'raised', line), line, [null, '', 'KeyboardInterrupt'], true);
      return true;
    }
    const uncaught = text.includes('Uncaught ') ? UNCAUGHT.exec(text) : null;
    if (uncaught !== null) {
      this.#raise(
        this.#set(source, '', 'raised', line),
        line,
        [null, '', uncaught[2], undefined, uncaught[3]],
        true,
      );
      return true;
    }
    if (text.includes('Assertion ') && ASSERTION.test(text)) {
      const error = [null, '', 'AssertionError', undefined, `device-side assert triggered: ${text.trim()}`];
      this.#raise(this.#set(source, '', 'raised', line), line, error, true, true);
      return true;
    }
    if (SIMULATOR.test(text) && readMemoryError(text, { loose: false }) === null) {
      this.#raise(
        this.#set(source, '', 'raised', line),
        line,
        [null, '', 'PhysXError', undefined, text.trim()],
        true,
        true,
      );
      return true;
    }
    // What only sounds so counts as an error's own text alone.
    const memory = readMemoryError(text, { loose: false });
    // One that only sounds so is a warning, as far as a line without a name shows.
    const isWarning = !isNamed && memory !== null && memory.outOfMemory === null;
    const isMemory = isNamed ? memory !== null : isWarning || isOutOfMemory(memory);
    const isBare = isNamed && !/^\s/.test(text) && raised[2] !== 'Error' && (raised[4] ?? '') !== '';
    if (!isMemory && !isBare) return false;
    const inLine = isWarning ? NAMED_IN_LINE.exec(text)?.[1] : undefined;
    const name = inLine ?? (isWarning ? 'Warning' : 'OutOfMemoryError');
    const error = isNamed ? raised : [null, '', name, undefined, text.trim()];
    this.#raise(this.#set(source, '', 'raised', line), line, error, isNamed, !isMemory || isWarning);
    return true;
  }

  /** The error held, or null. */
  get held(): HeldError | null {
    return this.#held;
  }

  /** The traceback whose frames have been read, and its error has not; null where none is open. */
  get cut(): { rank: number | null } | null {
    for (const open of this.#open.values()) if (open.state === 'frames') return open;
    return null;
  }

  /** Refusals that were warned of since this was asked last. */
  takeRefusals(): SurvivedRefusal[] {
    return this.#refusals.splice(0);
  }

  /** The run goes on, or the error was emitted: it is held no more. */
  clear(): void {
    this.#held = null;
    this.#bfc = {};
    this.#wrapped = null;
    this.#open.clear();
  }

  /** The error that is held was survived, if it was a device's refusal. */
  #survive(): boolean {
    const outOfMemory = this.#held?.outOfMemory ?? null;
    if (outOfMemory === null || outOfMemory.device === 'cpu') return false;
    this.#refusals.push({ outOfMemory, retries: null });
    this.clear();
    return true;
  }

  /** A line of a process whose error is open. False where it closed it, and is no part of it. */
  #continue(open: Open, source: string, text: string, line: LogLine): boolean {
    const isChain = CHAIN.test(text);
    if (text === '' || /^\s/.test(text) || isChain) {
      if (open.state === 'raised' && /^\s+File /.test(text)) open.state = 'frames';
      else if (open.state === 'raised' && !isChain && text.trim() !== '') this.#append(open, text.trim());
      if (isChain || text.trim() === '') open.error = null;
      return true;
    }
    const raised = RAISED.exec(text);
    if (open.state === 'harmless') {
      this.#open.delete(source + open.prefix);
      return raised !== null;
    }
    if (open.state === 'frames' && raised !== null) {
      this.#raise(open, line, raised, true);
      open.state = 'raised';
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
      this.#raise(open, line, raised, true);
      return true;
    }
    this.#open.delete(source + open.prefix);
    return false;
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
      state,
      prefix,
      rank: line.source?.rank ?? rankIn(printed),
      lines: [],
      error: null,
    };
    this.#open.set(key, open);
    return open;
  }

  #raise(
    open: Open,
    line: LogLine,
    [, , name, inner, message = '']: readonly (string | null | undefined)[],
    isError: boolean,
    isLoose = false,
  ): void {
    const errorType = inner ?? name ?? null;
    const whole = this.#inContext(message ?? '', line.number);
    open.lines = [whole];
    const error: HeldError = {
      errorType,
      message: whole.slice(0, LONGEST_MESSAGE),
      ...memoryOf(errorType, whole),
      rank: open.rank,
      line: line.number,
      isQuoted: !isError && QUOTED.test(message ?? ''),
      isLoose,
      isLauncher: LAUNCHER.test(errorType ?? ''),
    };
    // Who logs a refusal as caught, and then another one, went on in between.
    if (error.isQuoted && isCaught(this.#held)) this.#survive();
    open.error = error;
    this.#wrapped = error.outOfMemory === null ? null : { open, line: line.number };
    this.#hold(error);
  }

  /** The same words are of another memory where the innermost frame, or the error held before, is of pinning host memory. */
  #inContext(message: string, line: number): string {
    const isPinning =
      (line - this.#pinsAt <= LINES_OF_FRAME && DRIVER_REFUSED.test(message)) ||
      /in pin memory thread/.test(this.#held?.message ?? '');
    if (isPinning) return `${message} (in pin_memory)`;
    // The error that comes of an assertion does not name it.
    if (this.#held?.errorType === 'AssertionError' && message.startsWith('CUDA error'))
      return `${message}\n${this.#held.message}`;
    // A warning of NCCL's names what the error after it does not.
    return SYSTEM_CALL.test(message) &&
      this.#held?.errorType === 'Warning' &&
      this.#held.memory?.by === 'nccl'
      ? `${message}\n${this.#held.message}`
      : message;
  }

  /** One line more of an error's text, which counts where it explains more than the lines before it. */
  #append(open: Open, text: string): boolean {
    const { error } = open;
    if (error === null || open.lines.length >= MOST_LINES) return false;
    if (RULE.test(text)) return true;
    open.lines.push(text);
    const whole = open.lines.join('\n').trim().slice(0, LONGEST_MESSAGE);
    const read = memoryOf(error.errorType, whole);
    const saysMore =
      figuresIn(read.outOfMemory) > figuresIn(error.outOfMemory) ||
      (read.memory !== null && error.memory === null) ||
      // TensorFlow names the processor behind its text.
      (read.memory?.memory === 'host' &&
        error.memory?.by === 'tensorflow' &&
        error.memory.memory === 'device') ||
      // The host's exception, thrown for a device.
      (read.memory?.memory === 'device' && error.memory?.memory === 'host');
    if (!saysMore && error.message !== '') return false;
    Object.assign(error, { message: whole, ...read });
    this.#hold(error);
    return true;
  }

  /** The first error is the cause of those after it; one about memory explains most, a launcher's least. */
  #hold(error: HeldError): void {
    const saysMore =
      this.#held?.line === error.line ||
      (error.outOfMemory !== null && this.#held?.outOfMemory == null) ||
      (error.memory !== null && this.#held?.memory === null) ||
      (error.outOfMemory?.triedBytes != null && this.#held?.outOfMemory?.triedBytes == null) ||
      (this.#held?.isLauncher === true && !error.isLauncher) ||
      (this.#held?.isQuoted === true && !error.isQuoted) ||
      (this.#held?.isLoose === true && !error.isLoose);
    if (this.#held !== null && !saysMore) return;
    this.#held = withStats(error, this.#bfc);
  }
}

/** Whether a program has logged the error as one that it caught; NCCL calls its own last words a warning. */
const isCaught = (error: HeldError | null): boolean =>
  error?.isQuoted === true && error.memory?.by !== 'nccl';

/** An error of that allocator's, with its figures. */
const withStats = (error: HeldError, stats: Partial<OutOfMemory>): HeldError =>
  error.outOfMemory !== null && /^(?:tensorflow|jax)$/.test(error.outOfMemory.by ?? '')
    ? { ...error, outOfMemory: { ...error.outOfMemory, ...stats } }
    : error;

function memoryOf(errorType: string | null, message: string): Pick<HeldError, 'memory' | 'outOfMemory'> {
  const memory = readMemoryError(message, { errorType });
  return { memory, outOfMemory: memory?.outOfMemory ?? null };
}

const figuresIn = (outOfMemory: OutOfMemory | null): number =>
  outOfMemory === null ? -1 : Object.values(outOfMemory).filter(value => value != null).length;

/** Programs whose words are an ending, not an error of the trainer's. */
const KILLERS: ReadonlySet<string> = new Set([
  'kernel',
  'kernel, limit of a container',
  'systemd',
  'slurm',
  'kubernetes',
  'aws batch',
]);

/** Whether a line that is no error's by its name reports that memory ran out. */
const isOutOfMemory = (error: MemoryError | null): boolean =>
  error?.outOfMemory != null && !KILLERS.has(error.by);

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
