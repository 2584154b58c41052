/**
 * The list of runs, kept current by looking while somebody asks: a folder's files show by size and time whether its row is
 * still true. Every change of a row has a number, so that a client that asks again gets only what is new.
 */

import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { isOver, type RunReport, type SanctumSnapshot } from '../contract/index.ts';
import {
  byNewest,
  clusterNoted,
  namesIn,
  passedOver,
  type ReadReport,
  type RunFolder,
  runNamed,
} from '../log/index.ts';
import { judgementOf, type RunJudgement, withJudgement } from '../present/index.ts';
import { type FolderLook, type ListedRun, RunMemory } from '../runs/index.ts';
import type { ColumnsResponse, ListResponse, RunRow, RunsResponse } from './api.ts';
import { aboutOf, isSameLook, lookOf } from './folder-look.ts';
import { IDLE_MS, ROWS } from './limits.ts';
import { columnsAnswer, FolderSizes, type ListQuery, listAnswer } from './list-answer.ts';
import { type Rows, remembered, rowsOf, unread } from './run-row.ts';
import type { RunStore } from './run-store.ts';
import { VerdictReaders } from './verdict-readers.ts';
import { type Listing, mayGrow, VerdictRounds } from './verdict-rounds.ts';

const REFRESH_MS = 500;
/** A run that ended is looked at in one round of so many. */
const ENDED_ROUNDS = 10;
/** Work is done in slices, between which questions are answered. */
const SLICE_MS = 2;
/** How often it is looked whether a verdict is there that somebody waits for. */
const JUDGED_MS = 20;

interface Known extends Listing {
  createdMs: number;
  /** Number of the row's newest change. */
  version: number;
  /** What its manifest and its labels looked like. */
  about: string;
}

const reportOf = ({ whole }: Known): RunReport | null =>
  whole !== null && 'report' in whole ? whole.report : null;

export class RunList {
  readonly #runs: string;
  readonly #store: RunStore;
  #known = new Map<string, Known>();
  /** The same, newest first; null since one came or went. */
  #order: readonly Known[] | null = null;
  #version = 0;
  #round = 0;
  /** Resolves once the runs that a list begins with have been read for the first time. */
  readonly #newestRead: Promise<void>;
  #readNewest!: () => void;
  #refreshedMs = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | null = null;
  /** When somebody last asked. */
  #askedMs = Number.NEGATIVE_INFINITY;
  readonly #verdicts: VerdictReaders;
  readonly #rounds: VerdictRounds<Known>;
  /** Why the folder of all runs could not be listed the last time. */
  #failure: Error | null = null;
  #isClosed = false;
  readonly #esper: string | null;
  /** What was known the last time, read when somebody first asks; null where nothing is kept. */
  #memory: RunMemory | null = null;
  readonly #sizes = new FolderSizes();

  /** @param esper version of Esper, whose lists keep what they know of ended runs; null: nothing is kept */
  constructor(runs: string, store: RunStore, esper: string | null = null) {
    this.#runs = runs;
    this.#store = store;
    this.#newestRead = new Promise(resolve => {
      this.#readNewest = resolve;
    });
    this.#verdicts = new VerdictReaders(store);
    this.#rounds = new VerdictRounds(
      {
        newestFirst: () => this.#newestFirst(),
        has: known => this.#known.get(known.id) === known,
        isWanted: () => !this.#isClosed && performance.now() - this.#askedMs < IDLE_MS,
        judged: (known, rows, met, seen) => this.#judged(known, rows, met, seen),
        done: () => this.#memory?.save(new Set(this.#names())),
      },
      this.#verdicts,
      store,
    );
    this.#esper = esper;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** The run of this id; null where there is none. Only what the folder itself lists is ever opened. */
  find(id: string): RunFolder | null {
    const known = this.#known.get(id);
    if (known !== undefined) return known.run ?? this.#open(id);
    return this.#names().includes(id) ? this.#open(id) : null;
  }

  /** Rows that changed after `since`, newest run first. Throws the file system's error on the folder of all runs. */
  async changed(since: number, patienceMs: number): Promise<RunsResponse> {
    await Promise.race([this.refresh(), setTimeout(patienceMs, undefined, { ref: false })]);
    const runs = this.#newestFirst()
      .filter(({ version }) => version > since)
      .map(({ row }) => row);
    return { version: this.#version, count: this.#known.size, runs };
  }

  /** A part of the list as of the newest look. Throws a ListError, and as {@link changed}. */
  async list(query: ListQuery, since: number, patienceMs: number): Promise<ListResponse> {
    const refreshed = this.refresh();
    // What is typed is answered at once: the next round has what came since.
    if (this.#round > 1) refreshed.catch(() => {});
    else {
      const isOfAll = query.filter !== '' || query.sort !== null || query.ids !== null || query.count > ROWS;
      const late = setTimeout(patienceMs, undefined, { ref: false });
      await Promise.race([refreshed, late, ...(isOfAll ? [] : [this.#newestRead])]);
    }
    if (this.#failure !== null) throw this.#failure;
    const version = this.#version;
    const { shown, ...answer } = listAnswer(this.#newestFirst(), query, ({ path }) => this.#sizes.of(path));
    for (const known of shown) known.shownMs = this.#askedMs;
    this.#rounds.show(shown);
    const isSame = since === version;
    return { version, isSame, ...answer, rows: isSame ? [] : answer.rows };
  }

  columns(): ColumnsResponse {
    return columnsAnswer(this.#newestFirst());
  }

  /** Every run as lists have it, newest first, as of the newest look. */
  listed(): ListedRun[] {
    return this.#newestFirst().map(({ listed }) => listed);
  }

  /** Runs as of the newest look; the snapshots and judgements are those of runs that go on. */
  rows(): {
    row: RunRow;
    cluster: string | null;
    snapshot: SanctumSnapshot | null;
    judgement: RunJudgement | null;
    report: RunReport | null;
  }[] {
    return [...this.#known.values()].map(known => {
      const { row, snapshot } = known;
      const report = reportOf(known);
      const cluster = snapshot === null ? null : clusterNoted(this.#runs, known.id);
      if (snapshot === null || report === null) return { row, cluster, snapshot, judgement: null, report };
      const judgement = judgementOf(report, row.state, snapshot);
      return { row, cluster, snapshot: withJudgement(snapshot, judgement), judgement, report };
    });
  }

  /** Resolves once the whole log of every run that goes on was read, or could not be, or after so long. */
  async judged(patienceMs: number): Promise<void> {
    const until = performance.now() + patienceMs;
    const isMissing = () =>
      [...this.#known.values()].some(known => known.snapshot !== null && known.judged === null);
    while (isMissing() && performance.now() < until && !this.#isClosed) await setTimeout(JUDGED_MS);
  }

  /** Looks again, at most twice a second; the rows of many runs come one by one. */
  refresh(): Promise<void> {
    this.#askedMs = performance.now();
    if (this.#refreshing === null && performance.now() - this.#refreshedMs >= REFRESH_MS)
      // Who asks is answered first: to look which folders there are takes its time.
      this.#refreshing = setImmediate()
        .then(() => this.#refresh())
        .then(
          () => {
            this.#failure = null;
          },
          (error: Error) => {
            this.#failure = error;
            throw error;
          },
        )
        .finally(() => {
          this.#refreshedMs = performance.now();
          this.#refreshing = null;
          void this.#rounds.make();
        });
    return this.#refreshing ?? Promise.resolve();
  }

  #newestFirst(): readonly Known[] {
    this.#order ??= [...this.#known.values()].sort(byNewest);
    return this.#order;
  }

  async #refresh(): Promise<void> {
    this.#round++;
    if (this.#esper !== null) this.#memory ??= new RunMemory(this.#runs, this.#esper);
    const names = this.#names();
    const there = new Set(names);
    for (const id of this.#known.keys()) if (!there.has(id)) this.#forget(id);
    const pause = slices();
    // Everything is listed first, the newest first as far as a name shows it; the content of its logs follows.
    for (const name of names.sort().reverse()) {
      if (this.#known.has(name)) continue;
      await pause();
      const found = this.#found(name);
      if (found === null) continue;
      this.#order = null;
      this.#known.set(name, found);
    }
    for (const [i, known] of this.#newestFirst().entries()) {
      if (i === ROWS) this.#readNewest();
      const isNew = known.look === null && performance.now() - known.shownMs < IDLE_MS;
      if (!mayGrow(known) && !isNew && (i + this.#round) % ENDED_ROUNDS !== 0) continue;
      await pause();
      if (this.#isClosed) return;
      this.#look(known);
    }
  }

  /** The run of a folder that was not there before; null where it is none. */
  #found(id: string): Known | null {
    const path = join(this.#runs, id);
    const listed = this.#memory?.row(id, path);
    if (listed?.verdict != null) {
      const known = { ...listed, verdict: listed.verdict };
      const { createdMs } = listed;
      return this.#new(id, remembered(known), { createdMs, run: null, whole: { remembered: known } });
    }
    const run = this.#open(id);
    return run === null ? null : this.#new(id, unread(run), { createdMs: run.createdMs, run, whole: null });
  }

  /** Written out, as rows are: what is spread into an object has V8 make a class of its own for each, which are slow to go through. */
  #new(
    id: string,
    { row, listed }: Rows,
    { createdMs, run, whole }: Pick<Known, 'createdMs' | 'run' | 'whole'>,
  ): Known {
    const path = join(this.#runs, id);
    return {
      id,
      path,
      row,
      listed,
      createdMs,
      run,
      whole,
      version: ++this.#version,
      about: run === null ? '' : aboutOf(path),
      look: run === null ? null : new Map(),
      snapshot: null,
      judged: null,
      judgedMs: run === null ? performance.now() : Number.NEGATIVE_INFINITY,
      shownMs: Number.NEGATIVE_INFINITY,
    };
  }

  #look(known: Known): void {
    const { id, path, row: before } = known;
    // Of a run that is known from the last time a page wants the newest readings too.
    const isShown = performance.now() - known.shownMs < IDLE_MS;
    const isKept = known.look === null && this.#memory?.row(id, path) !== undefined;
    if (isKept && !isShown) return;
    const look = lookOf(path);
    if (known.look === null) {
      known.judged = isKept ? look : null;
      if (!isKept) known.whole = null;
    }
    const about = aboutOf(path);
    const isDescribed = known.run !== null && about === known.about;
    const isSame = known.look !== null && before.read && isSameLook(look, known.look);
    if (isSame && isDescribed && !mayGrow(known)) return;
    if (!isDescribed) known.run = this.#open(known.id) ?? known.run;
    known.about = about;
    const { run } = known;
    if (run === null) return;
    let rows: Rows;
    let followed: SanctumSnapshot | null = null;
    try {
      followed = this.#store.snapshot(id);
      const snapshot = followed ?? ((isSame && known.snapshot) || this.#verdicts.newest(known, look));
      rows = rowsOf(run, snapshot, known.whole);
      known.snapshot = !isOver(rows.row.state) ? snapshot : null;
    } catch (error) {
      const problem = `${id} cannot be read: ${(error as Error).message}.`;
      const { row, listed } = unread(run);
      rows = { row: { ...row, read: true, problem }, listed: { ...listed, problem } };
    }
    known.look = look;
    const isUnchanged = isSame && isDescribed && followed === null && rows.row.state === before.state;
    if (!isUnchanged) this.#change(known, rows);
  }

  #change(known: Known, { row, listed }: Rows): void {
    if (JSON.stringify([row, listed]) === JSON.stringify([known.row, known.listed])) return;
    known.row = row;
    known.listed = listed;
    known.version = ++this.#version;
  }

  #judged(known: Known, rows: Rows, met: Readonly<ReadReport> | null, seen: FolderLook): void {
    this.#change(known, rows);
    // What a page follows was read before that.
    if (met !== null && met.unreadable === 0)
      this.#memory?.keep({ ...rows.listed, passedOver: passedOver(met) }, seen);
  }

  #forget(id: string): void {
    this.#known.delete(id);
    this.#order = null;
    this.#verdicts.forget(id);
  }

  #open(name: string): RunFolder | null {
    return runNamed(this.#runs, name);
  }

  #names(): string[] {
    return namesIn(this.#runs, name => this.#known.has(name));
  }
}

/** Something to wait for between two pieces of work: once in a while it lets others go first. */
function slices(): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began < SLICE_MS) return undefined;
    return setImmediate().then(() => {
      began = performance.now();
    });
  };
}
