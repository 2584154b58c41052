/** A run's folder → the report of all that its log holds. */
import { AlarmSpans } from '../alarms/index.ts';
import { RunAnalyser } from '../analysis/index.ts';
import { asLeft, type RunReport, resumedAt } from '../contract/index.ts';
import { emptyReport, isWriterGone, type ReadReport, type RunFolder } from '../log/index.ts';
import { Reduction } from '../reduce/index.ts';
import { withRunName } from '../runs/index.ts';
import { warnOf } from './load-run.ts';
import { readLongLog } from './read-log.ts';

/** The report as of now; what was wrong with the log is printed, or handed to `onRead`. Throws the file system's error where it cannot be listed. */
export async function reportOfRun(
  run: RunFolder,
  onRead: (report: ReadReport) => void = warnOf,
): Promise<RunReport> {
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
  const report = { ...analyser.report(read), alarms: [...alarms.all] };
  return asLeft(withRunName(report, run), gone, read.unreadable === 0);
}
