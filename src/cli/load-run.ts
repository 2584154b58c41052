/** A run's log → the snapshot that it comes to, at its end or as it was after a batch. */
import { batchOf, type SanctumSnapshot } from '../contract/index.ts';
import { countedIn } from '../figures/index.ts';
import { type LoggedEvent, passedOver, type ReadProblem, type ReadReport, readRun } from '../log/index.ts';
import { emptySnapshot, reduceAll } from '../reduce/index.ts';
import { CommandError } from './command-error.ts';
import { sayError } from './say.ts';

/** Every event, one by one, up to the one with which rank 0 completes the batch. */
function* upTo(
  atBatch: number | null,
  batches: Iterable<LoggedEvent[]>,
  onEvent: (event: LoggedEvent) => void = () => {},
) {
  for (const events of batches)
    for (const event of events) {
      onEvent(event);
      yield event;
      if (atBatch !== null && event.rank === 0 && (batchOf(event) ?? -1) >= atBatch) return;
    }
}

/**
 * Reads a run in bounded memory.
 * @param atBatch stop once rank 0 has completed this batch; null for the whole log.
 * @param report counts what was read.
 * @param onEvent called for every event on the way.
 * Throws a CommandError where the run never got as far.
 */
export function loadRun(
  folder: string,
  report: ReadReport,
  atBatch: number | null = null,
  onEvent?: (event: LoggedEvent) => void,
): SanctumSnapshot {
  const snapshot = reduceAll(emptySnapshot(), upTo(atBatch, readRun(folder, report), onEvent));
  const last = snapshot.tamiyo.batch ?? snapshot.tamiyo.step;
  if (atBatch === null || (last !== null && last >= atBatch)) return snapshot;
  const counted = countedIn(snapshot.tamiyo);
  throw new CommandError(
    last === null
      ? `The run has completed no ${counted} yet.`
      : `The run has no ${counted} ${atBatch}: its last is ${last}.`,
  );
}

/** One problem of a log that is followed, on a line of its own, as it is met. */
export const printProblem = ({ file, line, reason }: ReadProblem): void =>
  sayError(
    `esper: not read: ${reason.includes(file) ? '' : `${file}${line === null ? '' : `:${line}`}: `}${reason}`,
  );

/**
 * One line on stderr for what was wrong with the log; nothing where all was well. A file that could not be read is a
 * failure of the command: its exit code shows it.
 */
export function warnOf(report: ReadReport): void {
  if (report.unreadable > 0) {
    const { file, reason } = report.problems.find(({ line }) => line === null) ?? {
      file: 'a file',
      reason: '',
    };
    const more = report.unreadable === 1 ? '' : `, and ${report.unreadable - 1} more`;
    sayError(`esper: not read: ${reason.includes(file) ? reason : `${file}: ${reason}`}${more}`);
    process.exitCode = 1;
  }
  const lines = passedOver(report);
  if (lines !== null) sayError(`esper: ${lines}`);
}

/** Of a log that was followed: the sum of what {@link printProblem} printed, where it printed only the first. */
export function sumProblems(report: ReadReport): void {
  const printed =
    report.problems.filter(({ line }) => line !== null).length +
    [report.firstUnknown, report.firstRepeated].filter(Boolean).length;
  const { malformed, torn, unknown, repeated } = report;
  if (malformed + torn + unknown + repeated > printed) sayError(`esper: ${passedOver(report)}`);
}
