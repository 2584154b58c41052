/** A line that names an error: behind a traceback, or by itself. */
import { type MemoryError, mentionsMemoryError, readMemoryError } from '../texts/index.ts';

export interface Raised {
  errorType: string;
  /** With the modules that stand before it: some classes are known by them. */
  dotted?: string;
  message: string;
}

/** An error that one line shows, without a traceback. */
export interface RaisedInLine extends Raised {
  /** Whether it is an error by its name. */
  isError: boolean;
  /** Whether nothing but its name shows that it is the end of anything. */
  isLoose: boolean;
}

/** `torch.OutOfMemoryError: CUDA out …`, `ray.exceptions.RayTaskError(ValueError): …`, `KeyboardInterrupt`. */
const RAISED =
  /^((?:[A-Za-z_]\w{0,99}\.){0,20})([A-Za-z_]\w{0,99})(?:\(([A-Za-z_]\w{0,99})\))?(?::\s?(.*))?$/;
/** NCCL's lines begin with a host, a process and a thread, and the device in brackets. */
const OF_THREAD = /^[^\s:]{1,100}:\d{1,9}:\d{1,9} \[\d{1,3}\] /;
/** Names of classes that errors have; outside of a traceback any other word before a colon is a logger's. */
const ERROR_NAME = /(?:Error|Exception|Interrupt|Resources|Exit)$/;
export const isErrorName = (name: string): boolean => ERROR_NAME.test(name);
/** The class of an error behind a logger's words. */
const NAMED_IN_LINE = /\b([A-Z][A-Za-z]{2,60}(?:Error|Exception|OfResources)): /;
/** The status of an operation that failed, of XLA. */
const STATUS = /\b(RESOURCE_EXHAUSTED): /;
/** The simulator's own errors of a kernel, which raise nothing in Python. */
const SIMULATOR =
  /\bPhysX error: .{1,200}(?:(?:failed|error)\D{0,40}\b7\d\d\b|fail to launch)|\b(?:Pxg?|Np)[A-Z]\w{1,60}\.(?:cpp|h|cu) \(\d{1,6}\) : internal error : |\[carb\.gym\.plugin\] Gym cuda error: /;
/** A kernel's assertion, a line a thread, before PyTorch's own error. */
const ASSERTION = /: block: \[\d{1,9},\d{1,9},\d{1,9}\], thread: \[.{1,200}Assertion .{1,400} failed\.?\s*$/;
/** What a program's last resort writes of an error, behind a logger's words. */
const UNCAUGHT =
  /\bUncaught ((?:[A-Za-z_]\w{0,99}\.){0,8})([A-Za-z_]\w{0,99}(?:Error|Exception)): (.{1,2000})$/;
/** The error that ended a program in C++: `terminating with uncaught exception of type std::bad_cast: …`, `  what():  …`. */
const UNCAUGHT_OF_CPP =
  /\b(?:terminating with|terminating due to) uncaught exception of type ([\w:]{1,100}): (.{1,2000})$/;
const WHAT = /^\s{0,4}what\(\):\s{1,4}(\S.{0,2000})$/;
/** VS Code's debugger, whose next line has the message. */
const OCCURRED =
  /^Exception has occurred: (?:[A-Za-z_]\w{0,99}\.){0,8}([A-Za-z_]\w{0,99})\s*(?:\(.{0,200}\))?$/;
export const isOfDebugger = (text: string): boolean => text.startsWith('Exception has occurred: ');
/** The interpreter's own last word, in front of the stacks of its threads. */
const FATAL = /^Fatal Python error: (\S.{0,400})$/;
/** What batchgenerators prints of an error in one of its workers. */
const ERRNO = /^\s{0,4}(\[Errno \d{1,3}\] \S.{0,400})$/;
/** What Python prints where `python -m` does not find the module that it is to run, or one above it. */
const NO_MODULE =
  /^(?:\S{1,300}[\\/])?(?:python|pypy)[\d.]{0,8}(?:\.exe)?: (?:Error while finding module specification for '[^']{1,200}' \((\w{1,60}Error): (.{1,300})\)|(No module named .{1,300}))$/;
/** What torchvision's references, DETR and MAE print before they exit with 1, and Keras' TerminateOnNaN, behind a row that is under way. */
const STOPPED =
  /^(?:.{0,100}\s)?(Loss is (?:nan|-?inf), stopping training)\b|Batch \d{1,12}: (Invalid loss, terminating training)\b/;
/** Lightning's words for Ctrl-C, and ML-Agents'. */
const INTERRUPTED =
  /Detected KeyboardInterrupt, attempting graceful|\b(?:Learning|Training) was interrupted\. Please wait while the graph is generated/;
/** Ctrl-C as a terminal shows it, at the end of a line. */
const CTRL_C = '^C';

export const endsInCtrlC = (text: string): boolean => text.endsWith(CTRL_C);

/** What the line behind a traceback's frames names; null where it names nothing. */
export function raisedIn(text: string): Raised | null {
  const raised = OF_THREAD.test(text) ? null : RAISED.exec(text);
  return raised === null
    ? null
    : {
        errorType: raised[3] ?? raised[2]!,
        dotted: `${raised[1]}${raised[2]}`,
        message: raised[4] ?? '',
      };
}

/** An error’s last line, as far as its beginning shows: what reads errors decides on `TDError: 0.25`, a figure. */
const ERROR_ROW = /^(?:[A-Za-z_]\w{0,99}\.){0,20}[A-Za-z_]\w{0,99}(?:Error|Exception): /;

/** Whether a line that has the form of a block's row, `Name: value`, is an error's. @param isOpen whether a traceback stands above it */
export const isErrorRow = (text: string, isOpen: boolean): boolean =>
  ERROR_ROW.test(text) && (isOpen || /out of memory/i.test(text));

/** `RuntimeError: `, whose text stands in the lines behind it, and `torch.….RendezvousClosedError`, which has none, a notebook's `KeyboardInterrupt: `: an error by its name, where frames stood before it. */
export function emptyIn(text: string): RaisedInLine | null {
  const raised = /^\S/.test(text) ? raisedIn(text.trimEnd()) : null;
  return raised?.message === '' && /(?:Error|Interrupt)$/.test(raised.errorType) && /:|\.\w/.test(text)
    ? { ...raised, isError: true, isLoose: true }
    : null;
}

/** The error that a line shows by itself; null where it shows none. */
export function raisedInLine(text: string): RaisedInLine | null {
  if (INTERRUPTED.test(text))
    return { errorType: 'KeyboardInterrupt', message: '', isError: true, isLoose: false };
  if (endsInCtrlC(text)) return { errorType: 'KeyboardInterrupt', message: '', isError: true, isLoose: true };
  const stopped = text.includes(', stopping') || text.includes(', terminating') ? STOPPED.exec(text) : null;
  if (stopped !== null)
    return { errorType: 'Stopped', message: (stopped[1] ?? stopped[2])!, isError: true, isLoose: false };
  const uncaught = text.includes('Uncaught ') ? UNCAUGHT.exec(text) : null;
  if (uncaught !== null)
    return { errorType: uncaught[2]!, message: uncaught[3]!, isError: true, isLoose: false };
  const cpp = text.includes('uncaught exc') ? UNCAUGHT_OF_CPP.exec(text) : null;
  if (cpp !== null)
    return { errorType: cpp[1]!, message: cpp[2]!, isError: true, isLoose: isLooseOfCpp(cpp[2]!) };
  const what = text.includes('what():') ? WHAT.exec(text) : null;
  if (what !== null)
    return { errorType: 'exception', message: what[1]!, isError: true, isLoose: isLooseOfCpp(what[1]!) };
  const occurred = isOfDebugger(text) ? OCCURRED.exec(text) : null;
  if (occurred !== null) return { errorType: occurred[1]!, message: '', isError: true, isLoose: true };
  const fatal = text.startsWith('Fatal Python') ? FATAL.exec(text) : null;
  if (fatal !== null)
    return { errorType: 'Fatal Python error', message: fatal[1]!, isError: true, isLoose: false };
  const missing =
    text.includes(': Error while find') || text.includes(': No module') ? NO_MODULE.exec(text) : null;
  if (missing !== null) {
    const [, errorType = 'ModuleNotFoundError', of, bare] = missing;
    return { errorType, message: of ?? bare!, isError: true, isLoose: false };
  }
  const errno = text.includes('[Errno ') ? ERRNO.exec(text) : null;
  if (errno !== null) return { errorType: 'OSError', message: errno[1]!, isError: true, isLoose: true };
  if (text.includes('Assertion ') && ASSERTION.test(text)) {
    const message = `device-side assert triggered: ${text.trim()}`;
    return { errorType: 'AssertionError', message, isError: true, isLoose: true };
  }
  // What only sounds so counts as an error's own text alone.
  const memory = readMemoryError(text, { loose: false });
  if (memory === null && SIMULATOR.test(text))
    return { errorType: 'PhysXError', message: text.trim(), isError: true, isLoose: true };
  return namedInLine(text, memory);
}

/** A program in C++ ends with what nobody caught: that it is of memory is no warning. */
const isLooseOfCpp = (message: string): boolean => !isOutOfMemory(readMemoryError(message, { loose: false }));

function namedInLine(text: string, memory: MemoryError | null): RaisedInLine | null {
  const named = RAISED.exec(text.trim());
  if (named !== null && ERROR_NAME.test(named[2]!)) {
    const message = named[4] ?? '';
    const isMemory = memory !== null;
    if (!isMemory && (/^\s/.test(text) || named[2] === 'Error' || message === '')) return null;
    const dotted = `${named[1]}${named[2]}`;
    return { errorType: named[3] ?? named[2]!, dotted, message, isError: true, isLoose: !isMemory };
  }
  // One that only sounds so is a warning, as far as a line without a name shows.
  const isWarning = memory !== null && memory.outOfMemory === null;
  if ((!isWarning && !isOutOfMemory(memory)) || mentionsMemoryError(text)) return null;
  const errorType = isWarning
    ? (NAMED_IN_LINE.exec(text)?.[1] ??
      STATUS.exec(text)?.[1] ??
      (memory.memory === 'page file' ? 'OSError' : 'Warning'))
    : 'OutOfMemoryError';
  return { errorType, message: text.trim(), isError: false, isLoose: isWarning };
}

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
export const isOutOfMemory = (error: MemoryError | null): boolean =>
  error?.outOfMemory != null && !KILLERS.has(error.by);
