/** What a page gets of a run. */
import type { RunReport, SanctumSnapshot } from '../contract/index.ts';
import type { ReadReport, RunFolder } from '../log/index.ts';
import { etaMs } from '../present/index.ts';
import type { Indexing, PageSnapshot, PageView, RunView, SlimSnapshot } from './api.ts';
import type { RunIndex } from './run-index.ts';

/** Without the histories: they are most of a snapshot, and a page has the series. */
const slim = (snapshot: SanctumSnapshot): SlimSnapshot => ({
  ...snapshot,
  devices: snapshot.devices.map(device => without(device, ['history'])),
  ranks: snapshot.ranks.map(rank => without(rank, ['history', 'ownHistory'])),
});

/** Of the rank that a page looks at and the lowest all but the histories, of the others an outline. */
function outlined(snapshot: SanctumSnapshot, of: number): PageSnapshot {
  const isFull = ({ rank }: { rank: number }) => rank === of || rank === snapshot.tamiyo.rank;
  return {
    ...snapshot,
    ranks: snapshot.ranks.map(own => {
      if (isFull(own)) return without(own, ['history', 'ownHistory']);
      const { rank, hostname, state, events, nextSeq, log } = own;
      return { rank, hostname, state, events, nextSeq, log };
    }),
    devices: snapshot.devices.map(own => {
      if (isFull(own)) return without(own, ['history']);
      const { rank, device, usedPercent } = own;
      const { contradiction, memoryStatus } = own.infrastructure;
      return { rank, device, usedPercent, infrastructure: { contradiction, memoryStatus } };
    }),
  };
}

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
export const viewOf = (viewed: Viewed, snapshot = viewed.snapshot): RunView => ({
  ...aroundOf(viewed, snapshot),
  snapshot: slim(snapshot),
});

/** The same for a page. @param of the rank that it looks at */
export const pageViewOf = (viewed: Viewed, of: number): PageView => ({
  ...aroundOf(viewed, viewed.snapshot),
  snapshot: outlined(viewed.snapshot, of),
});

function aroundOf(viewed: Viewed, snapshot: SanctumSnapshot): Omit<RunView, 'snapshot'> {
  const { run, read, index, indexing } = viewed;
  const { malformed, torn, unknown } = read;
  return {
    id: run.id,
    name: run.name,
    report: { malformed, torn, unknown, lost: snapshot.ranks.reduce((sum, r) => sum + r.lostEvents, 0) },
    problem: run.problem,
    marks: index.marks,
    alarms: index.alarms,
    indexing,
    etaMs: etaMs(snapshot),
  };
}
