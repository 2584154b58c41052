/** What a page gets of a run. */
import type { RunReport, SanctumSnapshot } from '../contract/index.ts';
import type { ReadReport, RunFolder } from '../log/index.ts';
import { etaMs } from '../present/index.ts';
import type { Indexing, RunView, SlimSnapshot } from './api.ts';
import type { RunIndex } from './run-index.ts';

/** Without the histories: they are most of a snapshot, and a page has the series. */
export const slim = (snapshot: SanctumSnapshot): SlimSnapshot => ({
  ...snapshot,
  devices: snapshot.devices.map(({ history: _, ...device }) => device),
  ranks: snapshot.ranks.map(({ history: _, ownHistory: __, ...rank }) => rank),
});

/** A report without what a page has from elsewhere: timelines from the series, alarms from the view. */
export const slimReport = ({ alarms: _, ...report }: RunReport): RunReport => ({
  ...report,
  devices: report.devices.map(device => ({ ...device, timeline: [] })),
  learning: { ...report.learning, timeline: [] },
  own: report.own?.map(own => ({ ...own, timeline: [] })),
});

/** What a view is made of: a run that is followed, or one that was read at once. */
export interface Viewed {
  run: Pick<RunFolder, 'id' | 'name' | 'problem'>;
  snapshot: SanctumSnapshot;
  read: Pick<ReadReport, 'malformed' | 'torn' | 'unknown'>;
  index: Pick<RunIndex, 'marks' | 'alarms'>;
  indexing: Indexing | null;
}

/** @param snapshot another than the newest: the run as it was */
export function viewOf(viewed: Viewed, snapshot = viewed.snapshot): RunView {
  const { run, read, index, indexing } = viewed;
  const { malformed, torn, unknown } = read;
  return {
    id: run.id,
    name: run.name,
    snapshot: slim(snapshot),
    report: { malformed, torn, unknown, lost: snapshot.ranks.reduce((sum, r) => sum + r.lostEvents, 0) },
    problem: run.problem,
    marks: index.marks,
    alarms: index.alarms,
    indexing,
    etaMs: etaMs(snapshot),
  };
}
