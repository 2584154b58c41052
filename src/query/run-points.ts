/**
 * A run's events → a row for every update of every rank, with all that belongs to it: the figures of its event, those of its
 * devices, and those that were logged by themselves after it. One reader for CSV, event files, Parquet and SQL: they hold the same.
 */
import type { DeviceMemory } from '../contract/index.ts';
import type { LoggedEvent } from '../log/index.ts';
import { type ChartPoint, PointReader } from './chart-points.ts';

export interface RunPoint extends ChartPoint {
  rank: number;
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
  readonly #isAll: boolean;

  /** @param isAll every figure of the learner, and not only those that are drawn */
  constructor(take: (point: RunPoint) => void, isAll = false) {
    this.#take = take;
    this.#isAll = isAll;
  }

  /** Whether any event came. */
  get hasEvents(): boolean {
    return this.#ranks.size > 0;
  }

  take(event: LoggedEvent): void {
    const { rank } = event;
    let own = this.#ranks.get(rank);
    if (own === undefined) {
      own = { reader: new PointReader(true, this.#isAll), held: null, hasUpdates: false };
      this.#ranks.set(rank, own);
    }
    own.reader.take(event);
    const point = own.reader.point(event);
    if (point !== null) {
      own.hasUpdates = true;
      this.#hold(own, { ...point, rank, memory: memoryOf(event) });
      return;
    }
    const newest = own.held?.batch ?? 0;
    const late = own.reader.late(event, newest);
    if (late === null) return;
    if (own.hasUpdates) Object.assign(own.held!.figures, late.figures);
    else this.#hold(own, { ...late, batch: batchNamed(event) ?? newest + 1, rank, memory: [] });
  }

  /** After the last event: hands on the points that waited for more. */
  end(): void {
    for (const { held } of this.#ranks.values()) if (held !== null) this.#take(held);
  }

  #hold(own: Rank, point: RunPoint): void {
    // An edge of a drawing, and no figure.
    for (const name of Object.keys(point.figures))
      if (name.endsWith('/strandedEdgeBytes')) delete point.figures[name];
    if (own.held !== null) this.#take(own.held);
    own.held = point;
  }
}

const memoryOf = (event: LoggedEvent): readonly DeviceMemory[] =>
  'unknown' in event || !('memory' in event.data) ? [] : ((event.data.memory as DeviceMemory[] | null) ?? []);

const batchNamed = (event: LoggedEvent): number | null =>
  !('unknown' in event) && event.type === 'FIGURES_LOGGED' ? (event.data.batch ?? null) : null;
