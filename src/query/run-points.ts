/**
 * A run's events → a row for every update of every rank, with all that belongs to it: the figures of its event, those of its
 * devices, and those that were logged by themselves after it. One reader for CSV, event files, Parquet and SQL: they hold the same.
 */
import type { DeviceMemory } from '../contract/index.ts';
import type { LoggedEvent } from '../log/index.ts';
import { type ChartPoint, PointReader } from './chart-points.ts';

const EDGE = '/strandedEdgeBytes';

export interface RunPoint extends ChartPoint {
  rank: number;
  /** The first and the last event that it is made of. */
  firstSeq: number;
  lastSeq: number;
  /** The readings of its event; none where there are none. */
  memory: readonly DeviceMemory[];
}

interface Rank {
  reader: PointReader;
  held: RunPoint | null;
  hasUpdates: boolean;
}

/** Takes every event of a run in order, and hands on its points, those of a rank in their order. */
export class RunPoints {
  readonly #ranks = new Map<number, Rank>();
  readonly #take: (point: RunPoint) => void;
  readonly #hasEdges: boolean;

  /** @param hasEdges also what is no figure but an edge of a drawing */
  constructor(take: (point: RunPoint) => void, hasEdges = false) {
    this.#take = take;
    this.#hasEdges = hasEdges;
  }

  /** Whether any event came. */
  get hasEvents(): boolean {
    return this.#ranks.size > 0;
  }

  take(event: LoggedEvent): void {
    const { rank } = event;
    let own = this.#ranks.get(rank);
    if (own === undefined) {
      own = { reader: new PointReader(true, true), held: null, hasUpdates: false };
      this.#ranks.set(rank, own);
    }
    own.reader.take(event);
    const firstSeq = own.reader.edgeSeq ?? event.seq;
    const point = own.reader.point(event);
    if (point !== null) {
      own.hasUpdates = true;
      this.#hold(own, { ...point, rank, firstSeq, lastSeq: event.seq, memory: memoryOf(event) });
      return;
    }
    const newest = own.held?.batch ?? 0;
    const late = own.reader.late(event, newest);
    if (late === null) return;
    if (own.hasUpdates) {
      const { figures } = own.held!;
      for (const name in late.figures)
        if (name in figures && figures[name] !== late.figures[name]) own.held!.isFolded = true;
      Object.assign(figures, late.figures);
      own.held!.lastSeq = event.seq;
      return;
    }
    const batch = batchNamed(event) ?? newest + 1;
    this.#hold(own, { ...late, batch, rank, firstSeq: event.seq, lastSeq: event.seq, memory: [] });
  }

  /** After the last event: hands on the points that waited for more. */
  end(): void {
    for (const { held } of this.#ranks.values()) if (held !== null) this.#take(held);
  }

  #hold(own: Rank, point: RunPoint): void {
    for (const name of Object.keys(point.figures))
      if (!this.#hasEdges && name.endsWith(EDGE)) delete point.figures[name];
    if (own.held !== null) this.#take(own.held);
    own.held = point;
  }
}

const memoryOf = (event: LoggedEvent): readonly DeviceMemory[] =>
  'unknown' in event || !('memory' in event.data) ? [] : ((event.data.memory as DeviceMemory[] | null) ?? []);

const batchNamed = (event: LoggedEvent): number | null =>
  !('unknown' in event) && event.type === 'FIGURES_LOGGED' ? (event.data.batch ?? null) : null;
