/** What a page gets of a run. */
import type { RunReport, SanctumSnapshot } from '../contract/index.ts';
import type { ReadReport, RunFolder } from '../log/index.ts';
import { etaMs } from '../present/index.ts';
import type { Indexing, RunView, SlimSnapshot } from './api.ts';
import type { RunIndex } from './run-index.ts';

/** Without the histories: they are most of a snapshot, and a page has the series. */
export const slim = (snapshot: SanctumSnapshot): SlimSnapshot => ({
  ...snapshot,
  devices: snapshot.devices.map(device => without(device, ['history'])),
  ranks: snapshot.ranks.map(rank => without(rank, ['history', 'ownHistory'])),
});

/** A history is put together when it is read, and here it is not. */
function without<T extends object, K extends keyof T & string>(state: T, left: readonly K[]): Omit<T, K> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(state))
    if (!(left as readonly string[]).includes(key)) copy[key] = (state as Record<string, unknown>)[key];
  return copy as Omit<T, K>;
}

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
