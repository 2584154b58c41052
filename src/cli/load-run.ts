/** A run's log → the snapshot that it comes to, at its end or as it was after a batch. */
import type { SanctumSnapshot } from '../contract/index.ts';
import { type LoggedEvent, type ReadReport, readRun, skimEvents } from '../log/index.ts';
import { emptySnapshot, reduceAll } from '../reduce/index.ts';
import { CommandError } from './command-error.ts';
import { batchOf } from './updates.ts';

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
 * @param onEvent told of every event on the way.
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
  throw new CommandError(
    last === null
      ? 'The run has completed no batch yet.'
      : `The run has no batch ${atBatch}: its last is ${last}.`,
  );
}

/** What a run's beginning and end say: enough for a list. Sums and counts of events are not to be had from it. */
export const skimRun = (folder: string): SanctumSnapshot =>
  reduceAll(emptySnapshot(), upTo(null, skimEvents(folder)));

/** One line on stderr for what was wrong with the log; nothing where all was well. */
export function warnOf(report: ReadReport): void {
  const { malformed, torn, unknown } = report;
  const parts = [
    malformed && `${malformed} malformed`,
    torn && `${torn} torn`,
    unknown && `${unknown} of unknown types or versions`,
  ].filter(Boolean);
  if (parts.length === 0) return;
  const first = report.problems[0];
  const where = first
    ? `; first: ${first.file}${first.line === null ? '' : `:${first.line}`}: ${first.reason}`
    : '';
  console.error(`esper: lines passed over: ${parts.join(', ')}${where}`);
}
