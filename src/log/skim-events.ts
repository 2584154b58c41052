/** A log's beginning and end, without what lies between: enough for a list of many long runs. */
import { statSync } from 'node:fs';
import type { LoggedEvent } from './rank-file.ts';
import { emptyReport } from './read-report.ts';
import { RunReader, readRun } from './read-run.ts';
import { eventsFile, ranksIn } from './run-folder.ts';

const END_BYTES = 64 * 1024;

/** The first events of a run, then the last of each rank; in a log of middling length some come twice. Throws what the disk says. */
export function* skimEvents(folder: string): Generator<LoggedEvent[]> {
  const files = ranksIn(folder).map(rank => eventsFile(folder, rank));
  const sizes = files.map(file => statSync(file).size);
  if (sizes.every(size => size <= END_BYTES)) {
    yield* readRun(files);
    return;
  }
  const [beginning = []] = readRun(files);
  yield beginning;
  const ends = new Map(
    files.map((file, i) => [file, { offset: Math.max(0, sizes[i]! - END_BYTES), skip: 0 }]),
  );
  yield* new RunReader(files, emptyReport(), ends);
}
