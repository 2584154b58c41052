/** A log's beginning and end, without what lies between: enough for a list of many long runs. */
import { statSync } from 'node:fs';
import type { LoggedEvent } from './rank-file.ts';
import { emptyReport } from './read-report.ts';
import { RunReader, readRun } from './read-run.ts';
import { eventsFile, ranksIn } from './run-folder.ts';

const END_BYTES = 128 * 1024;

/** The first events of a run, then the last of each rank; in a short log some come twice. Throws what the disk says. */
export function* skimEvents(folder: string): Generator<LoggedEvent[]> {
  const [beginning = []] = readRun(folder);
  yield beginning;
  const ends = new Map(
    ranksIn(folder).map(rank => {
      const path = eventsFile(folder, rank);
      return [path, { offset: Math.max(0, statSync(path).size - END_BYTES), skip: 0 }];
    }),
  );
  yield* new RunReader(folder, emptyReport(), ends);
}
