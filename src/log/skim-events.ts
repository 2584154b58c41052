/** A log's beginning and end, without what lies between: enough for a list of many long runs. */
import { lookAtLog } from './log-file.ts';
import type { LoggedEvent } from './rank-lines.ts';
import { emptyReport, type ReadReport } from './read-report.ts';
import { RunReader, readRun } from './read-run.ts';
import { eventsFile, ranksIn } from './run-folder.ts';

/** Of each rank's end, and of thousands of ranks' less: the newest line is in it, and all together are read in a second. */
const END_BYTES = 64 * 1024;
const LEAST_END_BYTES = 8 * 1024;
const ENDS_BYTES = 8 * 2 ** 20;

/** 0 where it cannot be seen: the reader reports why. */
function sizeOf(file: string): number {
  try {
    return lookAtLog(file)?.size ?? 0;
  } catch {
    return 0;
  }
}

/** The first events of a run, then the last of each rank; in a log of middling length some come twice. Throws the file system's error. */
export function* skimEvents(folder: string, report: ReadReport = emptyReport()): Generator<LoggedEvent[]> {
  const files = ranksIn(folder).map(rank => eventsFile(folder, rank));
  const sizes = files.map(sizeOf);
  const endBytes = Math.max(LEAST_END_BYTES, Math.min(END_BYTES, Math.floor(ENDS_BYTES / files.length)));
  if (sizes.every(size => size <= endBytes)) {
    yield* readRun(files, report);
    return;
  }
  for (const beginning of readRun(files, report)) {
    yield beginning;
    if (beginning.length > 0) break;
  }
  const ends = new Map(
    files.map((file, i) => [file, { offset: Math.max(0, sizes[i]! - endBytes), skip: 0 }]),
  );
  yield* new RunReader(files, emptyReport(), ends);
}
