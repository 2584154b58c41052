/**
 * Summaries of ranks that were not kept while a run of many was read: where one is asked for, the rank's log is read again up to where
 * the run's follower is, which goes on from there.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { resumedAt } from '../contract/index.ts';
import { type Bookmark, emptyReport, eventsFile, type RunFolder, RunReader } from '../log/index.ts';
import type { ChartPoint } from '../query/index.ts';
import type { Indexing } from './api.ts';
import { PATIENCE_MS } from './limits.ts';
import { RankPoints } from './rank-points.ts';
import type { RunIndex } from './run-index.ts';
import { Summary } from './summary.ts';

interface RankRead {
  points: RankPoints | null;
  ended: Promise<void>;
}

/** The points of a rank between two events, both included. */
type PointsBetween = (rank: number, fromSeq: number, toSeq: number) => Promise<ChartPoint[]>;

export class RankReads {
  readonly #run: Pick<RunFolder, 'path'>;
  readonly #index: RunIndex;
  readonly #between: PointsBetween;
  readonly #reads = new Map<number, RankRead>();

  constructor(run: Pick<RunFolder, 'path'>, index: RunIndex, between: PointsBetween) {
    this.#run = run;
    this.#index = index;
    this.#between = between;
  }

  /** Gives the index the rank's summary. @returns what was read so far, where that takes long; else null */
  async read(rank: number): Promise<{ summary: Summary; indexing: Indexing } | null> {
    const index = this.#index;
    if (index.eventsOf(rank) === 0) return null;
    const read = this.#reads.get(rank) ?? this.#begin(rank);
    await Promise.race([read.ended, setTimeout(PATIENCE_MS, null, { ref: false })]);
    const { points } = read;
    if (index.summaryOf(rank) !== null || points === null) return null;
    const fraction = Math.min(0.99, points.events / index.eventsOf(rank));
    return { summary: points.summary!, indexing: { events: points.events, fraction } };
  }

  #begin(rank: number): RankRead {
    const index = this.#index;
    const read: RankRead = { points: null, ended: Promise.resolve() };
    this.#reads.set(rank, read);
    const source = {
      ...{ run: this.#run, rank },
      taken: () => index.eventsOf(rank),
      pointsBetween: (from: number, to: number) => this.#between(rank, from, to),
    };
    const begun = (points: RankPoints) => {
      read.points = points;
    };
    read.ended = readRank(source, begun, ({ summary }) => index.adopt(rank, summary!))
      // The folder can be listed no more: there is what was read.
      .catch(() => {})
      .finally(() => this.#reads.delete(rank));
    return read;
  }
}

/** Where the points of a rank are read again. */
interface RankSource {
  run: Pick<RunFolder, 'path'>;
  rank: number;
  /** Events of the rank that were taken by the run's follower so far. */
  taken(): number;
  /** The points between two events, both included. */
  pointsBetween(fromSeq: number, toSeq: number): Promise<ChartPoint[]>;
}

/**
 * Reads a rank's log up to where the run's follower is.
 * @param begun gets the points as they are read
 * @param done called with them at that very moment, before the follower goes on: what comes from then on is for the caller to add
 */
async function readRank(
  source: RankSource,
  begun: (points: RankPoints) => void,
  done: (points: RankPoints) => void,
): Promise<void> {
  const { path } = source.run;
  // Where somebody joined the logs of several ranks, its own has not all of it.
  for (const log of [[eventsFile(path, source.rank)], path]) {
    const points = new RankPoints(new Summary());
    begun(points);
    if (await readFrom(log, points, source, done)) return;
    if (log === path) done(points);
  }
}

/** @returns whether all events that were taken are there, and `done` was called */
async function readFrom(
  log: string | string[],
  points: RankPoints,
  source: RankSource,
  done: (points: RankPoints) => void,
): Promise<boolean> {
  const isAll = () => {
    if (points.events < source.taken()) return false;
    done(points);
    return true;
  };
  let from: Bookmark | null = null;
  for (let before = -1; points.events > before; ) {
    before = points.events;
    const reader: RunReader = new RunReader(log, emptyReport(), from);
    for (const events of reader) {
      for (const event of events) {
        if (isAll()) return true;
        if (event.rank !== source.rank) continue;
        const batch = resumedAt(event);
        if (batch !== null) await rewound(points, batch, source);
        points.take(event, false);
      }
      await setImmediate();
    }
    if (isAll()) return true;
    from = reader.bookmark;
  }
  return false;
}

async function rewound(points: RankPoints, batch: number, source: RankSource): Promise<void> {
  const cut = points.rewind(batch);
  if (cut === null) return;
  for (const point of await source.pointsBetween(cut.from, cut.to))
    if (point.batch <= batch) points.restore(point);
}
