/** One rank's events → the points of its charts, and their summary where one is kept. */
import { batchOf, isUnknown } from '../contract/index.ts';
import type { LoggedEvent } from '../log/index.ts';
import { type ChartPoint, PointReader } from '../query/index.ts';
import type { Summary } from './summary.ts';

export class RankPoints {
  /** Events that were taken. */
  events = 0;
  /** Of the newest point; null before the first. */
  lastBatch: number | null = null;
  /** Whether the rank makes updates, or steps: one that logs figures alone has points without them. */
  hasUpdates = false;
  /** Null where none is kept: of thousands of ranks they are most of a run's memory and time. */
  summary: Summary | null;
  readonly #reader = new PointReader(true);

  constructor(summary: Summary | null) {
    this.summary = summary;
  }

  /** @returns the event's point, where one is wanted and the event is an update or has figures */
  take(event: LoggedEvent, isPointWanted: boolean): ChartPoint | null {
    this.events++;
    const [reader, { summary }] = [this.#reader, this];
    reader.take(event);
    const batch = batchOf(event);
    if (batch === null) return this.#late(event, isPointWanted);
    this.hasUpdates = true;
    this.lastBatch = batch;
    summary?.add(event.seq, batch, event.timeMs, reader.edgeSeq ?? event.seq);
    const point = isPointWanted ? reader.point(event) : null;
    if (point !== null) for (const name in point.figures) summary?.put(name, point.figures[name]);
    else if (summary !== null) reader.read(event, summary.put);
    else reader.skip(event);
    return point;
  }

  /**
   * Forgets what the rank did after this batch, because a resumed run makes it again.
   * @returns the events of a block of the summary that was cut through: those up to the batch are to be restored.
   */
  rewind(batch: number): { from: number; to: number } | null {
    const cut = this.summary?.rewind(batch) ?? null;
    this.lastBatch = this.summary
      ? this.summary.lastBatch
      : this.lastBatch && Math.min(this.lastBatch, batch);
    return cut;
  }

  restore(point: ChartPoint): void {
    this.summary?.addPoint(point);
    this.lastBatch = this.summary?.lastBatch ?? this.lastBatch;
  }

  /** Figures that were logged by themselves: of the newest point, or a point of their own where the rank makes no updates. */
  #late(event: LoggedEvent, isPointWanted: boolean): ChartPoint | null {
    if (isUnknown(event) || event.type !== 'FIGURES_LOGGED') return null;
    const newest = this.lastBatch ?? 0;
    const isLate = this.hasUpdates;
    const late = this.#reader.late(event, isLate ? newest : (event.data.batch ?? newest + 1))!;
    const { isLate: _, ...alone } = late;
    const point = isLate ? late : alone;
    if (!isLate) this.lastBatch = point.batch;
    this.summary?.addPoint(point);
    return isPointWanted ? point : null;
  }
}
