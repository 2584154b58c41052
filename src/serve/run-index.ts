/**
 * What is kept of a run's events for its pages, in bounded memory: a summary of every rank's figures, what happened once,
 * and what the analysis makes of it all. One pass over the log makes the three.
 */
import { type AlarmNotice, AlarmSpans, defaultRules, RankAlarms, VerdictAlarms } from '../alarms/index.ts';
import { type RankTable, RunAnalyser } from '../analysis/index.ts';
import { type AlarmSpan, isUnknown, type RunReport, type SanctumSnapshot } from '../contract/index.ts';
import type { LoggedEvent, ReadReport } from '../log/index.ts';
import { judgementOf } from '../present/index.ts';
import type { ChartPoint } from '../query/index.ts';
import type { RunMark } from './api.ts';
import { FIRST_JUDGING_MS, JUDGING_MS, MANY_RANKS, REPORT_MS } from './limits.ts';
import { markOf } from './marks.ts';
import { RankPoints } from './rank-points.ts';
import { Summary } from './summary.ts';

const MARKS = 500;

export class RunIndex {
  /** Newest `MARKS` of what happened once. */
  marks: RunMark[] = [];
  events = 0;
  readonly #points = new Map<number, RankPoints>();
  readonly #summarised: number;
  readonly #analyser = new RunAnalyser();
  readonly #alarms = new AlarmSpans();
  readonly #verdicts = new VerdictAlarms();
  readonly #rankAlarms = new RankAlarms();
  #reported: { events: number; atMs: number; isWhole: boolean; report: RunReport } | null = null;

  /** @param summarised so many ranks get a summary as they come; others where they are asked for, see {@link adopt} */
  constructor(summarised = Number.POSITIVE_INFINITY) {
    this.#summarised = summarised;
  }

  /** Memory that the summaries take. */
  get bytes(): number {
    return [...this.#points.values()].reduce((sum, { summary }) => sum + (summary?.bytes ?? 0), 0);
  }

  /** In the order in which they came. */
  get ranksSeen(): number[] {
    return [...this.#points.keys()];
  }

  /** Null where the rank has none. */
  summaryOf(rank: number): Summary | null {
    return this.#points.get(rank)?.summary ?? null;
  }

  /** @returns the event's point, where one is wanted and the event is an update */
  take(event: LoggedEvent, isPointWanted: boolean): ChartPoint | null {
    this.events++;
    this.#analyser.take(event);
    const verdict = () => judgementOf(this.#analyser.reportOfRank(event.rank), 'running');
    this.notice(this.#verdicts.take(event, verdict));
    this.notice(this.#rankAlarms.take(event, () => this.#analyser.acrossRanks()));
    const own = this.#of(event.rank);
    const mark = isUnknown(event) ? null : markOf(event);
    if (mark !== null) {
      this.marks.push({ ...mark, batch: own.lastBatch });
      if (this.marks.length > MARKS) this.marks.splice(0, MARKS / 2);
    }
    return own.take(event, isPointWanted);
  }

  /** Whether the rank makes updates, or steps: one that logs figures alone has points without them. */
  hasUpdates(rank: number): boolean {
    return this.#points.get(rank)?.hasUpdates ?? false;
  }

  /** Events of a rank that were taken. */
  eventsOf(rank: number): number {
    return this.#points.get(rank)?.events ?? 0;
  }

  /** From now on the rank has this summary, of all of its events so far. */
  adopt(rank: number, summary: Summary): void {
    this.#of(rank).summary = summary;
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
    return this.#of(rank).rewind(batch);
  }

  restore(rank: number, point: ChartPoint): void {
    this.#of(rank).restore(point);
  }

  /**
   * The report of the run so far; of a run that goes on not rebuilt for every event. Of many ranks that go on those that stand out are
   * judged now, the others as it is asked for again: a device that never was judged is not in it yet.
   * @param isWhole all are judged
   * @param snapshot of the same events: what was refused since an alarm was raised
   */
  report(
    read: Pick<ReadReport, 'malformed' | 'torn'>,
    isWhole: boolean,
    snapshot: Pick<SanctumSnapshot, 'devices'>,
  ): RunReport {
    const before = this.#reported;
    const nowMs = performance.now();
    if (before !== null && (before.isWhole || !isWhole)) {
      const isSame = before.events === this.events && before.isWhole;
      if (isSame || nowMs - before.atMs < REPORT_MS) return before.report;
    }
    const judgingMs =
      isWhole || this.#points.size <= MANY_RANKS
        ? Number.POSITIVE_INFINITY
        : before === null
          ? FIRST_JUDGING_MS
          : JUDGING_MS;
    const isAll = this.#analyser.judgeSome(() => performance.now() - nowMs < judgingMs);
    const alarms = this.#alarms
      .asOf(snapshot)
      .filter(({ rule }) => defaultRules.some(({ name }) => name === rule));
    const report = { ...this.#analyser.reportAsJudged(read), alarms };
    this.#reported = { events: this.events, atMs: nowMs, isWhole: isAll, report };
    return report;
  }

  #of(rank: number): RankPoints {
    const known = this.#points.get(rank);
    if (known !== undefined) return known;
    const made = new RankPoints(this.#points.size < this.#summarised ? new Summary() : null);
    this.#points.set(rank, made);
    return made;
  }
}
