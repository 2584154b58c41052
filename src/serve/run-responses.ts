/** What a page would get of a run of which all events are at hand, without a server. */
import type { RunReport, SanctumSnapshot } from '../contract/index.ts';
import type { LoggedEvent, ReadReport } from '../log/index.ts';
import type { RunView, SeriesResponse } from './api.ts';
import { RunIndex } from './run-index.ts';
import { viewOf } from './run-view.ts';
import { blocksIn, bucketsOf, type SeriesQuery, wholeOf } from './series.ts';
import { Summary } from './summary.ts';

/** @param snapshot what the events come to */
export function runResponses(
  events: readonly LoggedEvent[],
  snapshot: SanctumSnapshot,
  read: Pick<ReadReport, 'malformed' | 'torn' | 'unknown'>,
): { view: RunView; series: SeriesResponse; report: RunReport } {
  const index = new RunIndex();
  for (const event of events) index.take(event, false);
  const rank = snapshot.tamiyo.rank ?? 0;
  const summary = index.summaryOf(rank) ?? new Summary();
  const figures = [...summary.figures.keys()];
  const query: SeriesQuery = { figures, x: 'batch', from: null, to: null, width: 1000 };
  const { id, name } = snapshot.run;
  return {
    view: viewOf({
      run: { id: id ?? '', name: name ?? id ?? '', problem: null },
      snapshot,
      read,
      index,
      indexing: null,
    }),
    series: { ...bucketsOf(summary, blocksIn(summary, query), query), ...wholeOf(rank, summary, null) },
    report: index.report(read, true, snapshot),
  };
}
