/** What was held of an error or an ending → the failure of the run. */
import type { Ending } from '../contract/index.ts';
import { CUT, signalName, timesRefused, workersKilled } from '../texts/index.ts';
import { weightOf } from './held-ending.ts';
import { type HeldError, memoryOf, timesOf } from './held-error.ts';
import type { CutTraceback } from './open-errors.ts';
import type { FailureOf } from './run-life.ts';

/** Endings that the text of an error names a few lines on: what came of other ranks. */
const OF_OTHERS: ReadonlySet<string> = new Set([
  'collective timeout',
  'rendezvous timeout',
  'connection lost',
]);
const TEXT_LINES = 8;
const FATAL = 'Fatal Python error';
/** What the interpreter calls a signal that ends it: by the signal's number. */
const FATAL_SIGNALS: Readonly<Record<string, number>> = {
  'Illegal instruction': 4,
  Aborted: 6,
  'Bus error': 7,
  'Floating-point exception': 8,
  'Floating point exception': 8,
  'Segmentation fault': 11,
};
const OF_WORKER = /DataLoader worker .{0,80}exited unexpectedly/;
/** Windows' codes for a crash are above this. */
const WINDOWS_CODES = 0xc0000000;

/** Whether an ending explains more than an error that was printed: the first cause, and what explains most. */
export function outweighs(ending: Ending, line: number, error: HeldError): boolean {
  if (error.outOfMemory?.device === 'cpu' && ending.kind === 'host memory') return true;
  if (error.memory !== null) return ending.kind === 'host memory' && line < error.line;
  if (line === error.line || error.isLauncher || error.errorType === 'KeyboardInterrupt') return true;
  if (OF_OTHERS.has(ending.kind) && line > error.line && line <= error.line + TEXT_LINES) return true;
  // An exception in C++ that nobody caught ends the interpreter.
  if (OF_OTHERS.has(ending.kind) && error.errorType === FATAL && error.line <= line + TEXT_LINES) return true;
  const weight = weightOf(ending);
  // The loader of data only reports that a worker died; a code of Windows behind it is the cause.
  if (OF_WORKER.test(error.message) && (ending.exitCode ?? 0) >>> 0 > WINDOWS_CODES) return true;
  return weight > 3 || (weight >= 2 && line < error.line);
}

/** The interpreter's last word names no rank: it is that of the process which a launcher's list has with the same signal. */
export function withRankOf(error: HeldError, ending: Ending | null): HeldError {
  const signal = error.errorType === FATAL ? FATAL_SIGNALS[error.message.split('\n')[0]!.trim()] : undefined;
  const isSame = error.rank === null && signal !== undefined && ending?.signal === signal;
  return isSame && ending?.rank != null ? { ...error, rank: ending.rank } : error;
}

export const failureOfError = (error: HeldError): FailureOf => {
  const { errorType, message, outOfMemory, rank, place, asleep } = error;
  const times = timesOf(error);
  return {
    rank,
    data: {
      errorType,
      // How often, who else had the device, and how much of it.
      message:
        outOfMemory === null
          ? message
          : [message, ...(times > 1 ? [timesRefused(times)] : []), ...asleep].join('\n'),
      ...(outOfMemory !== null && { outOfMemory }),
      ending: {
        kind: outOfMemory === null ? 'error' : outOfMemory.device === 'cpu' ? 'host memory' : 'out of memory',
        ...(place !== null && { evidence: place }),
      },
    },
  };
};

type Cut = Pick<CutTraceback, 'rank' | 'errorType' | 'place' | 'noRoom'>;

/** Of a text that ends in the frames of a traceback. */
export function failureOfCut({ rank, errorType, place, noRoom }: Cut): FailureOf {
  // The head of IPython's has the error's class.
  const { outOfMemory } = errorType === null ? { outOfMemory: null } : memoryOf(errorType, '');
  const kind = outOfMemory === null ? 'error' : 'out of memory';
  return {
    rank,
    data: {
      errorType,
      message: noRoom === null ? CUT : `${noRoom}\n${CUT}`,
      ...(outOfMemory !== null && { outOfMemory }),
      ending: { kind, ...(place !== null && { evidence: place }) },
    },
  };
}

/** Whether an error is raised for it in the program: where a rank waited, or asked a process for its result, or a worker for a batch. */
const hasPlace = ({ kind, by }: Ending): boolean =>
  OF_OTHERS.has(kind) ||
  kind === 'silent' ||
  (kind === 'host memory' && by === 'ray') ||
  (kind === 'signal' && by === 'data loader');

/**
 * @param lines numbers of the first and of the newest line of the ending: a title may have its words before the text
 * @param error what else was held: the ending may be the text of it, and its frames have the place.
 */
export function failureOfEnding(read: Ending, lines: readonly number[], error: HeldError | null): FailureOf {
  const isOfError =
    error !== null &&
    hasPlace(read) &&
    lines.some(line => line >= error.line && line <= error.line + TEXT_LINES);
  const ending = isOfError && error.place !== null ? { ...read, place: error.place } : read;
  // A collective hangs because of a rank that is not there: those that report it only waited.
  const rank = ending.kind === 'collective timeout' ? null : (ending.rank ?? null);
  return { rank, data: { errorType: nameOf(ending), message: sentence(ending), ending } };
}

const nameOf = ({ kind, signal }: Ending): string =>
  kind === 'signal' && signal != null ? signalName(signal) : kind;

/** One sentence of what ended the training; the evidence is kept beside it. */
function sentence(ending: Ending): string {
  const { kind, by, scope, signal, exitCode, pid, process } = ending;
  const who =
    by === 'data loader' && kind === 'signal'
      ? `A DataLoader worker${pid == null ? '' : ` (process ${pid})`}`
      : pid == null
        ? 'A process'
        : `Process ${pid}${process == null ? '' : ` (${process})`}`;
  const workers = workersKilled(ending.evidence ?? '');
  switch (kind) {
    case 'host memory':
      return `${pid == null && workers !== null ? `${workers} workers of Ray’s were` : `${who} was`} killed (${by}) for lack of host memory${
        scope === 'machine'
          ? ', the whole machine’s'
          : scope === 'container'
            ? ', the limit of its container or job'
            : ''
      }`;
    case 'time limit':
      return `${by} ended the job at its time limit`;
    case 'cancelled':
      return `${by}: the job was cancelled by a person or an administrator`;
    case 'preempted':
      return /REQUEUE/.test(ending.evidence ?? '')
        ? `${by} ended the job to start it again`
        : `${by} took the node for another job`;
    case 'node failure':
      return `${by}: a node failed`;
    case 'collective timeout': {
      const [first] = ending.collectives ?? [];
      const what = [first?.operation, first?.work == null ? null : `work ${first.work}`].filter(
        part => part != null,
      );
      return `A collective operation hung and timed out${what.length > 0 ? `: ${what.join(', ')}` : ''}`;
    }
    case 'signal':
      return `${who} was ${by === 'torchrun' ? 'ended by torchrun with' : 'killed by'} ${signal == null ? 'a signal' : signalName(signal)}`;
    case 'rendezvous timeout':
      return 'Ranks waited for others that never joined';
    case 'connection lost':
      return 'A rank lost its connection to another one';
    case 'evicted':
      return `${by} evicted the job from its node`;
    case 'silent':
      return `${who} died without a word (${by})`;
    case 'device fault':
      return `The driver reports a fault of the device, Xid ${ending.xid}`;
    default:
      if (by === 'ray tune') return 'All trials of Ray Tune ended with an error of their own';
      if (by === 'torchrun') return `${who} failed first, as torchrun lists them`;
      return `${who} ended with exit code ${exitCode ?? 'unknown'}`;
  }
}
