/** A run's folder → the report of all that its log holds. */
import { AlarmSpans } from '../alarms/index.ts';
import { RunAnalyser } from '../analysis/index.ts';
import { asLeft, type RunReport, resumedAt, type SanctumSnapshot } from '../contract/index.ts';
import { emptyReport, isWriterGone, type ReadReport, type RunFolder } from '../log/index.ts';
import { Reduction } from '../reduce/index.ts';
import { withRunName } from '../runs/index.ts';
import { warnOf } from './load-run.ts';
import { readLongLog } from './read-log.ts';

export interface AnsweredRun {
  report: RunReport;
  snapshot: SanctumSnapshot;
}

/** Report and snapshot as of now; what was wrong with the log is printed, or handed to `onRead`. Throws the file system's error where it cannot be listed. */
export async function answerOfRun(
  run: RunFolder,
  onRead: (report: ReadReport) => void = warnOf,
): Promise<AnsweredRun> {
  const analyser = new RunAnalyser();
  const reduction = new Reduction();
  const alarms = new AlarmSpans();
  const read = emptyReport();
  // Looked at first: what was written before it is in what is read after it.
  const gone = isWriterGone(run.path);
  await readLongLog(run.path, read, event => {
    analyser.take(event);
    const again = resumedAt(event);
    if (again !== null) alarms.rewind(event.rank, again);
    alarms.take(reduction.add(event));
  });
  onRead(read);
  const report = { ...analyser.report(read), alarms: alarms.asOf(reduction.now()) };
  return {
    report: asLeft(withRunName(report, run), gone, read.unreadable === 0),
    snapshot: reduction.snapshot(),
  };
}

/** The report by itself: see {@link answerOfRun}. */
export const reportOfRun = async (
  run: RunFolder,
  onRead?: (report: ReadReport) => void,
): Promise<RunReport> => (await answerOfRun(run, onRead)).report;
