/** What the server answers, as JSON. Null means "not measured", everywhere. */
import type { RankTable } from '../analysis/index.ts';
import type { AlarmSpan, RunReport, SanctumSnapshot } from '../contract/index.ts';
import type {
  Counted,
  Newest,
  NewestDevice,
  NewestRank,
  OutlinedDevice,
  StyledText,
} from '../present/index.ts';
import type { RunsCompared } from '../runs/index.ts';

export type XAxis = 'batch' | 'time';

/** The verdict of a run's report, and the judgement of the run in one line. */
export interface RunVerdict {
  kind: RunReport['verdict']['kind'];
  says: string;
  /** What the verdict makes of the status; null where nothing is wrong by it. */
  reason: string | null;
  headline: StyledText;
  /** What the run's numbers count. */
  counted: Counted;
}

/** One run of the list. */
export interface RunRow {
  id: string;
  name: string;
  createdMs: number;
  /** False until its log was looked at: then only what is above is known. */
  read: boolean;
  /** waiting, running, completed, interrupted, failed, unknown; or "gone": its writer died without a last event. */
  state: SanctumSnapshot['run']['state'] | 'gone';
  level: SanctumSnapshot['status']['level'];
  reason: string | null;
  algorithm: string | null;
  task: string | null;
  batch: number | null;
  maxBatches: number | null;
  episodicReturn: number | null;
  loss: number | null;
  /** Null until its log was looked at. */
  memory: SanctumSnapshot['tamiyo']['infrastructure'] | null;
  /** Peak against budget, percent, oldest first; null where it was not measured. */
  sparkline: (number | null)[];
  /** Null until its whole log was read. */
  verdict: RunVerdict | null;
  hasMemoryAlarm: boolean;
  lastEventMs: number | null;
  updateGapMs: number | null;
  tags: readonly string[];
  note: string | null;
  archived: boolean;
  problem: string | null;
}

/** A part of the list: found, sorted, in the columns that were asked for. */
export interface ListResponse {
  /** Ask again with `since=version`: nothing but the counts comes where nothing has changed. */
  version: number;
  /** Nothing has changed since: rows are left out. */
  isSame: boolean;
  /** Runs in all, archived ones where they are listed. */
  total: number;
  archived: number;
  live: number;
  /** That meet the filter. */
  found: number;
  /** Of all, those whose whole log is still to be read: columns of the verdict and the peak are empty until then. */
  unread: number;
  columns: { name: string; isNumber: boolean }[];
  /** From the first on, with a text a column. */
  rows: { run: RunRow; cells: string[] }[];
}

/** What columns there are. */
export interface ColumnsResponse {
  columns: readonly string[];
  /** Keys of recorded configurations. */
  config: string[];
  figures: { name: string; label: string }[];
}

/** The configuration that runs were started with. */
export interface ConfigResponse {
  runs: {
    id: string;
    name: string;
    /** argv that started the run; null where it is not recorded. */
    command: readonly string[] | null;
    /** JSON of each value, by its flat key. */
    config: Record<string, string>;
  }[];
}

export type CompareResponse = RunsCompared;

export interface RunsResponse {
  /** Ask again with `since=version`: then `runs` holds only what changed. */
  version: number;
  /** Runs in all; where it is not what the asker has, runs were removed: ask for all. */
  count: number;
  /** Newest first. */
  runs: RunRow[];
}

/** Buckets, oldest first; all arrays have one length. A bucket of one point begins and ends there. */
export interface Series {
  batch: number[];
  batchEnd: number[];
  timeMs: number[];
  timeEndMs: number[];
  figures: Record<string, { min: (number | null)[]; max: (number | null)[] }>;
}

export interface SeriesResponse extends Series {
  rank: number;
  /** Figures that the rank has, by name. */
  available: string[];
  /** Points of the whole run, and its ends. */
  points: number;
  batchRange: [number, number] | null;
  timeRange: [number, number] | null;
  /** The series holds every point before this event. */
  nextSeq: number;
  indexing: Indexing | null;
}

/** How far a run that is read for the first time was read; null once all of it was. */
export interface Indexing {
  events: number;
  /** 0–1 */
  fraction: number;
}

/** All ranks of a run over its time. */
export type RanksResponse = RankTable;

/** A snapshot without the histories, which the series hold better. */
export type SlimSnapshot = Newest;

/** Of a rank that a page does not look at: what its choice of ranks and its events need. */
export type RankOutline = Pick<NewestRank, 'rank' | 'hostname' | 'state' | 'events' | 'nextSeq' | 'log'>;

/** What a page needs of a snapshot: the rank that it looks at and the lowest in full, of the others an outline. */
export type PageSnapshot = Omit<Newest, 'ranks' | 'devices'> & {
  ranks: (NewestRank | RankOutline)[];
  devices: (NewestDevice | OutlinedDevice)[];
};

/** What reading the log met, counted since its beginning. */
export interface LogProblems {
  malformed: number;
  torn: number;
  lost: number;
  unknown: number;
}

/** Something that happened once and is worth a line in a chart. */
export interface RunMark {
  timeMs: number;
  batch: number | null;
  rank: number;
  kind: 'started' | 'completed' | 'failed' | 'checkpoint' | 'intervention';
  /** The device that it is about; null for the whole rank. */
  device: string | null;
  text: string;
}

/** One message of a live stream, and the answer to a question for a moment. */
export interface RunView {
  id: string;
  name: string;
  snapshot: SlimSnapshot;
  report: LogProblems;
  problem: string | null;
  marks: RunMark[];
  /** By the default rules, oldest first. */
  alarms: readonly AlarmSpan[];
  indexing: Indexing | null;
  /** Milliseconds that it still needs; null where the total is not known, and once it has ended. */
  etaMs: number | null;
}

/** As {@link RunView}, of a stream that was asked with `brief=1`: of thousands of ranks their full state is most of a message. */
export interface PageView extends Omit<RunView, 'snapshot'> {
  snapshot: PageSnapshot;
}

export interface PageMessage extends PageView, Pick<LiveMessage, 'points' | 'reset'> {}

export interface LiveMessage extends RunView {
  /** Updates since the message before. One may come twice: `seq` identifies it. */
  points: {
    rank: number;
    seq: number;
    batch: number;
    timeMs: number;
    figures: Record<string, number>;
    /** Figures that came after an update and belong to its point. */
    isLate?: true;
  }[];
  /** The points between were too many to send: ask for the series again. */
  reset: boolean;
}

export interface ErrorResponse {
  /** One sentence on what to do. */
  error: string;
}
