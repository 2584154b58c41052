/**
 * The whole chart of a long run before its events are reduced: its points alone, by a reader that is many times as fast, from the
 * packed figures or from parts of the log that are read side by side. The same summary, to the byte, as the index comes to.
 */
import type { GrowingCounters } from '../figures/index.ts';
import { eventsFile, isWriterGone, logBytes, type RunFolder, ranksIn } from '../log/index.ts';
import { columnsOfLog, DependentLinesError } from '../query/index.ts';
import { EARLY_BYTES } from './limits.ts';
import { Summary } from './summary.ts';

export interface EarlySeries {
  rank: number;
  summary: Summary;
  /** Nothing is written any more: the summary is of the whole run. */
  isWhole: boolean;
}

/** Null where the run is short, has several ranks, or a line that means something for those after it. Never throws. */
export async function earlySeries({ path }: RunFolder, signal: AbortSignal): Promise<EarlySeries | null> {
  try {
    const [rank, ...others] = ranksIn(path);
    if (rank === undefined || others.length > 0 || logBytes(path) < EARLY_BYTES) return null;
    // Looked at first: what was written before it is read.
    const isWhole = isWriterGone(path);
    const summary = new Summary();
    const growing = new Map<string, GrowingCounters>();
    for await (const columns of columnsOfLog(eventsFile(path, rank), rank, signal))
      summary.addColumns(columns, growing);
    return signal.aborted || summary.points === 0 ? null : { rank, summary, isWhole };
  } catch (error) {
    if (!(error instanceof DependentLinesError) && process.env.ESPER_DEBUG) console.error(error);
    return null;
  }
}
