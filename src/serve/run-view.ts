/** What a page is told of a run. */
import type { SanctumSnapshot } from '../contract/index.ts';
import type { RunView, SlimSnapshot } from './api.ts';
import type { RunFeed } from './run-feed.ts';

/** Without the histories: they are most of a snapshot, and a page has the series. */
export const slim = (snapshot: SanctumSnapshot): SlimSnapshot => ({
  ...snapshot,
  devices: snapshot.devices.map(({ history: _, ...device }) => device),
  ranks: snapshot.ranks.map(({ history: _, ...rank }) => rank),
});

export function viewOf(feed: RunFeed, snapshot: SanctumSnapshot = feed.snapshot): RunView {
  const { malformed, torn, unknown } = feed.report;
  return {
    id: feed.run.id,
    name: feed.run.name,
    snapshot: slim(snapshot),
    report: { malformed, torn, unknown, lost: snapshot.ranks.reduce((sum, r) => sum + r.lostEvents, 0) },
    writerGone: feed.writerGone,
    problem: feed.run.problem,
    marks: feed.marks,
    indexing: feed.indexing,
  };
}
