/**
 * One run, followed: its newest snapshot, a summary of every rank's figures, and its moments. What is not kept of them is read
 * again from the log when it is asked for, so memory is bounded however long the run is.
 */

import { setImmediate, setTimeout } from 'node:timers/promises';
import type { AlarmNotice } from '../alarms/index.ts';
import type { RunReport, SanctumSnapshot } from '../contract/index.ts';
import { isOver, resumedAt } from '../contract/index.ts';
import { RunFollower } from '../follow/index.ts';
import {
  emptyReport,
  eventsFile,
  type LoggedEvent,
  logBytes,
  placeOfSeq,
  type ReadReport,
  type RunFolder,
  RunReader,
  ranksIn,
  readRun,
} from '../log/index.ts';
import { type ChartPoint, PointReader } from '../query/index.ts';
import { emptySnapshot } from '../reduce/index.ts';
import type { Indexing } from './api.ts';
import { type EarlySeries, earlySeries } from './early-series.ts';
import { MANY_RANKS, PATIENCE_MS, RAW_POINTS } from './limits.ts';
import { Moments } from './moments.ts';
import { RankReads } from './rank-reads.ts';
import { RunIndex } from './run-index.ts';
import { Summary } from './summary.ts';

/** Events that are reduced together while a long log is read; a snapshot of many ranks takes its time, and stays for so many times that. */
const GATHER = 1024;
const TIMES_ITS_COST = 10;
/** How often a run that is read for the first time reports its progress. */
const PROGRESS_MS = 500;

/** Whether the points of a rank are wanted. */
export type WantsPoints = (rank: number) => boolean;

export interface FeedUpdate {
  points: { rank: number; point: ChartPoint }[];
  /** All is new: the run was read again from its start. */
  reset: boolean;
}

export class RunFeed {
  readonly run: RunFolder;
  snapshot: SanctumSnapshot = emptySnapshot();
  index = new RunIndex(MANY_RANKS);
  /** Resolves once all that the log held at first has been read. */
  readonly complete: Promise<void>;
  /** Resolves once the chart of a long run is there, or there is none to wait for. */
  early: Promise<unknown> = Promise.resolve();
  #early: EarlySeries | null = null;
  #completed!: () => void;
  #share: { fraction: number; dueMs: number } = { fraction: 0, dueMs: Number.NEGATIVE_INFINITY };
  #eventBytes = 0;
  /** Something came since listeners were notified. */
  #changed = false;
  /** Events since the newest snapshot. */
  #pending = 0;
  #moments = new Moments();
  /** What listeners are to get once the log has been read to its end. */
  #fresh: FeedUpdate = { points: [], reset: false };
  #hasBegun = false;
  #notifiedMs = 0;
  #reduceDueMs = 0;
  readonly #follower: RunFollower;
  #listeners = new Map<(update: FeedUpdate) => void, WantsPoints>();
  #rankReads = this.#newReads();
  #stop = new AbortController();
  #following: Promise<void> | null = null;

  constructor(run: RunFolder) {
    this.run = run;
    this.complete = new Promise(resolve => {
      this.#completed = resolve;
    });
    this.#follower = new RunFollower(run.path, {
      began: () => this.#begin(),
      before: event => {
        const batch = resumedAt(event);
        if (batch === null) return;
        this.#fresh.reset = true;
        const cut = this.index.rewind(event.rank, batch);
        return cut === null ? undefined : this.#restore(event.rank, batch, cut);
      },
      event: (event, notices) => this.#take(event, notices),
      batch: () => this.#gather(),
      caughtUp: isFirst => this.#caughtUp(isFirst),
      writers: () => this.#writersChanged(),
    });
  }

  /** What reading the log met. */
  get read(): ReadReport {
    return this.#follower.read;
  }

  /** Whether all that the log held at first has been read. */
  get isComplete(): boolean {
    return this.#follower.isCaughtUp;
  }

  /** The snapshot is of all events that were taken. */
  get isReduced(): boolean {
    return this.#pending === 0;
  }

  get indexing(): Indexing | null {
    return this.isComplete ? null : { events: this.index.events, fraction: this.#fraction() };
  }

  /** The report of the run so far. @param isWhole every device judged now, however many go on; see {@link RunIndex.report} */
  report(isWhole = !this.#goesOn): RunReport {
    return this.#follower.asLeft(this.index.report(this.read, isWhole, this.snapshot));
  }

  get #goesOn(): boolean {
    return !isOver(this.snapshot.run.state);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Called with what is new, at the end of each round of reading; and without points where only the run's state changed. */
  subscribe(listener: (update: FeedUpdate) => void, wants: WantsPoints = () => true): () => void {
    this.#listeners.set(listener, wants);
    return () => this.#listeners.delete(listener);
  }

  /** The summary of a rank so far; see {@link RankReads}. */
  async summaryOf(rank: number): Promise<{ summary: Summary; indexing: Indexing | null }> {
    const known = this.index.summaryOf(rank);
    const read = known === null && (await this.#rankReads.read(rank));
    return read || { summary: this.index.summaryOf(rank) ?? new Summary(), indexing: this.indexing };
  }

  follow(): void {
    this.#following ??= this.#begun().finally(() => this.#completed());
  }

  /** The chart of a long run comes first, with all of the machine: then its events are read. */
  async #begun(): Promise<void> {
    const { signal } = this.#stop;
    const early = earlySeries(this.run, signal);
    this.early = early;
    const found = await early;
    this.#early = found;
    // Its first answer has the machine to itself.
    if (found !== null) {
      await setTimeout(PATIENCE_MS, null, { signal, ref: false }).catch(() => {});
      await found.idle();
    }
    if (!signal.aborted) await this.#follower.follow(signal);
  }

  /** The series of a rank while the log is read for the first time; null where there are none, or it has been read. */
  earlyOf(rank: number | null): EarlySeries | null {
    const early = this.isComplete ? null : this.#early;
    return early !== null && (rank ?? early.rank) === early.rank ? early : null;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#following;
    this.#early?.close();
    this.#early = null;
  }

  /** The run as it was; see {@link Moments}. */
  at(moment: { timeMs?: number; batch?: number }): Promise<SanctumSnapshot> {
    return this.#moments.at(this.run.path, moment);
  }

  /**
   * The points of a rank between two events, both included, those that a resumed run made again left out. Figures that were
   * logged by themselves are in the point before them; before the first they are a late point.
   */
  async points(rank: number, fromSeq: number, toSeq: number): Promise<ChartPoint[]> {
    const path = eventsFile(this.run.path, rank);
    const points: ChartPoint[] = [];
    const reader = new PointReader(fromSeq === 0);
    const from = new Map([[path, placeOfSeq(path, fromSeq)]]);
    for (const events of new RunReader([path], emptyReport(), from)) {
      for (const event of events) {
        if (event.seq < fromSeq) continue;
        if (event.seq > toSeq || points.length >= 2 * RAW_POINTS) return points;
        const batch = resumedAt(event);
        while (batch !== null && (points.at(-1)?.batch ?? batch) > batch) points.pop();
        reader.take(event);
        const before = points.at(-1);
        const point = reader.point(event) ?? reader.late(event, before?.batch ?? 0);
        if (point?.isLate && before !== undefined) Object.assign(before.figures, point.figures);
        else if (point !== null) points.push(point);
      }
      await setImmediate();
    }
    return points;
  }

  #begin(): void {
    this.snapshot = emptySnapshot();
    this.index = new RunIndex(MANY_RANKS);
    this.#rankReads = this.#newReads();
    this.#moments = new Moments();
    this.#pending = 0;
    this.#notifiedMs = performance.now();
    this.#fresh = { points: [], reset: this.#hasBegun };
    this.#hasBegun = true;
  }

  #take(event: LoggedEvent, notices: readonly AlarmNotice[]): void {
    this.#pending++;
    this.#changed = true;
    if (notices.length > 0) this.index.notice(notices);
    // While a long log is read for the first time there is nobody to send each of its points to.
    const point = this.index.take(event, this.isComplete && this.#wantsPoints(event.rank));
    if (point !== null) this.#fresh.points.push({ rank: event.rank, point });
  }

  #newReads(): RankReads {
    const between = (rank: number, from: number, to: number) => this.points(rank, from, to);
    return new RankReads(this.run, this.index, between);
  }

  #wantsPoints(rank: number): boolean {
    for (const wants of this.#listeners.values()) if (wants(rank)) return true;
    return false;
  }

  #gather(): void {
    if (this.#pending >= GATHER && performance.now() >= this.#reduceDueMs) this.#reduce();
    if (this.isComplete || performance.now() - this.#notifiedMs < PROGRESS_MS) return;
    this.#notifiedMs = performance.now();
    this.#notify({ points: [], reset: false });
  }

  #caughtUp(isFirst: boolean): void {
    this.#reduce();
    this.#early?.close();
    this.#early = null;
    this.#completed();
    const fresh = this.#fresh;
    if (isFirst || fresh.points.length > 0 || fresh.reset || this.#changed) this.#notify(fresh);
    this.#changed = false;
    this.#fresh = { points: [], reset: false };
  }

  #writersChanged(): void {
    this.snapshot = this.#follower.snapshot();
    this.#notify({ points: [], reset: false });
  }

  async #restore(rank: number, batch: number, cut: { from: number; to: number }): Promise<void> {
    for (const point of await this.points(rank, cut.from, cut.to))
      if (point.batch <= batch) this.index.restore(rank, point);
  }

  #reduce(): void {
    if (this.#pending === 0) return;
    const began = performance.now();
    this.snapshot = this.#follower.snapshot();
    const ended = performance.now();
    this.#reduceDueMs = ended + TIMES_ITS_COST * (ended - began);
    this.#pending = 0;
    this.#moments.note(this.index.events, this.snapshot);
  }

  #notify(update: FeedUpdate): void {
    for (const listener of this.#listeners.keys()) listener(update);
  }

  /** Share of the log that was read, as far as its size and its first events show; thousands of files take their time to be looked at. */
  #fraction(): number {
    const began = performance.now();
    if (began < this.#share.dueMs) return this.#share.fraction;
    const fraction = this.#fractionNow();
    const ended = performance.now();
    this.#share = { fraction, dueMs: ended + TIMES_ITS_COST * (ended - began) };
    return fraction;
  }

  #fractionNow(): number {
    try {
      const { path } = this.run;
      const bytes = logBytes(path);
      if (this.#eventBytes === 0) {
        const [lead = 0] = ranksIn(path);
        const [sample = []] = readRun([eventsFile(path, lead)]);
        const length = sample.reduce((sum, event) => sum + JSON.stringify(event).length + 1, 0);
        this.#eventBytes = length / Math.max(1, sample.length);
      }
      return bytes === 0 ? 1 : Math.min(0.99, (this.index.events * this.#eventBytes) / bytes);
    } catch {
      return 0;
    }
  }
}
