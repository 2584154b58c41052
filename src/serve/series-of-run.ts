/** The series of a run, read from its log once, without a server. */
import { readRun } from '../log/index.ts';
import type { SeriesResponse } from './api.ts';
import { RunIndex } from './run-index.ts';
import { blocksIn, bucketsOf, type SeriesQuery, wholeOf } from './series.ts';
import { Summary } from './summary.ts';

/**
 * Exact minimum and maximum of each bucket, in bounded memory.
 * @param rank null: the lowest that has a series
 * Throws the file system's error where the folder cannot be listed.
 */
export function seriesOfRun(folder: string, query: SeriesQuery, rank: number | null): SeriesResponse {
  const index = new RunIndex();
  for (const events of readRun(folder)) for (const event of events) index.take(event, false);
  const own = rank ?? Math.min(...index.ranksSeen);
  const summary = index.summaryOf(own) ?? new Summary();
  const answer = wholeOf(Number.isFinite(own) ? own : 0, summary, null);
  return { ...bucketsOf(summary, blocksIn(summary, query), query), ...answer };
}
