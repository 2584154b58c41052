/**
 * What is kept of a run's events for its pages, in bounded memory: a summary of every rank's figures, what happened once,
 * and what the analysis makes of it all. One pass over the log makes the three.
 */
import { type AlarmNotice, AlarmSpans, defaultRules, RankAlarms, VerdictAlarms } from '../alarms/index.ts';
import { type RankTable, RunAnalyser } from '../analysis/index.ts';
import { type AlarmSpan, batchOf, isUnknown, type RunReport } from '../contract/index.ts';
import type { LoggedEvent, ReadReport } from '../log/index.ts';
import { judgementOf } from '../present/index.ts';
import { type ChartPoint, PointReader } from '../query/index.ts';
import type { RunMark } from './api.ts';
import { FIRST_JUDGING_MS, JUDGING_MS, MANY_RANKS, REPORT_MS } from './limits.ts';
import { markOf } from './marks.ts';
import { Summary } from './summary.ts';

const MARKS = 500;

export class RunIndex {
  readonly summaries = new Map<number, Summary>();
  /** Newest `MARKS` of what happened once. */
  marks: RunMark[] = [];
  events = 0;
  readonly #readers = new Map<number, PointReader>();
  readonly #updating = new Set<number>();
  readonly #analyser = new RunAnalyser();
  readonly #alarms = new AlarmSpans();
  readonly #verdicts = new VerdictAlarms();
  readonly #rankAlarms = new RankAlarms();
  #reported: { events: number; atMs: number; isWhole: boolean; report: RunReport } | null = null;

  /** Memory that the summaries take. */
  get bytes(): number {
    return [...this.summaries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** @returns the event's point, where one is wanted and the event is an update */
  take(event: LoggedEvent, isPointWanted: boolean): ChartPoint | null {
    this.events++;
    this.#analyser.take(event);
    const verdict = () => judgementOf(this.#analyser.reportOfRank(event.rank), 'running');
    this.notice(this.#verdicts.take(event, verdict));
    this.notice(this.#rankAlarms.take(event, () => this.#analyser.acrossRanks()));
    const mark = isUnknown(event) ? null : markOf(event);
    if (mark !== null) {
      this.marks.push({ ...mark, batch: this.#summary(event.rank).lastBatch });
      if (this.marks.length > MARKS) this.marks.splice(0, MARKS / 2);
    }
    const reader = madeOnce(this.#readers, event.rank, () => new PointReader(true));
    reader.take(event);
    const batch = batchOf(event);
    if (batch === null) return this.#late(event, reader, isPointWanted);
    this.#updating.add(event.rank);
    const summary = this.#summary(event.rank);
    summary.add(event.seq, batch, event.timeMs, reader.edgeSeq ?? event.seq);
    const point = isPointWanted ? reader.point(event) : null;
    if (point === null) reader.read(event, summary.put);
    else for (const name in point.figures) summary.put(name, point.figures[name]);
    return point;
  }

  /** Whether the rank makes updates, or steps: one that logs figures alone has points without them. */
  hasUpdates(rank: number): boolean {
    return this.#updating.has(rank);
  }

  /** Figures that were logged by themselves: of the newest point, or a point of their own where the rank makes no updates. */
  #late(event: LoggedEvent, reader: PointReader, isPointWanted: boolean): ChartPoint | null {
    if (isUnknown(event) || event.type !== 'FIGURES_LOGGED') return null;
    const summary = this.#summary(event.rank);
    const newest = summary.lastBatch ?? 0;
    const isLate = this.hasUpdates(event.rank);
    const late = reader.late(event, isLate ? newest : (event.data.batch ?? newest + 1))!;
    const { isLate: _, ...alone } = late;
    const point = isLate ? late : alone;
    summary.addPoint(point);
    return isPointWanted ? point : null;
  }

  /** All ranks over the run. */
  ranks(): RankTable {
    return this.#analyser.rankTable();
  }

  /** By the default rules and the verdict, oldest first. */
  get alarms(): readonly AlarmSpan[] {
    return this.#alarms.all;
  }

  /** Takes what an event raised and cleared. */
  notice(notices: readonly AlarmNotice[]): void {
    this.#alarms.take(notices);
  }

  /**
   * Forgets what a rank did after this batch, because a resumed run makes it again.
   * @returns the events of a block of the summary that was cut through: those up to the batch are to be restored.
   */
  rewind(rank: number, batch: number): { from: number; to: number } | null {
    this.marks = this.marks.filter(mark => mark.rank !== rank || (mark.batch ?? 0) <= batch);
    this.#alarms.rewind(rank, batch);
    return this.#summary(rank).rewind(batch);
  }

  restore(rank: number, point: ChartPoint): void {
    this.#summary(rank).addPoint(point);
  }

  /**
   * The report of the run so far; of a run that goes on not rebuilt for every event. Of many ranks that go on those that stand out are
   * judged now, the others as it is asked for again: a device that never was judged is not in it yet.
   * @param isWhole all are judged
   */
  report(read: Pick<ReadReport, 'malformed' | 'torn'>, isWhole: boolean): RunReport {
    const before = this.#reported;
    const nowMs = performance.now();
    if (before !== null && (before.isWhole || !isWhole)) {
      const isSame = before.events === this.events && before.isWhole;
      if (isSame || nowMs - before.atMs < REPORT_MS) return before.report;
    }
    const judgingMs =
      isWhole || this.summaries.size <= MANY_RANKS
        ? Number.POSITIVE_INFINITY
        : before === null
          ? FIRST_JUDGING_MS
          : JUDGING_MS;
    const isAll = this.#analyser.judgeSome(() => performance.now() - nowMs < judgingMs);
    const alarms = this.alarms.filter(({ rule }) => defaultRules.some(({ name }) => name === rule));
    const report = { ...this.#analyser.reportAsJudged(read), alarms };
    this.#reported = { events: this.events, atMs: nowMs, isWhole: isAll, report };
    return report;
  }

  #summary(rank: number): Summary {
    return madeOnce(this.summaries, rank, () => new Summary());
  }
}

/** The entry of the map, made where it is not there yet. */
function madeOnce<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
