/**
 * The list of runs, kept current by looking while somebody asks: a folder's files show by size and time whether its row is
 * still true. Every change of a row has a number, so that a client that asks again gets only what is new. A row's verdict takes a
 * whole log: logs are read for it one at a time, newest first, when nothing else is to be done.
 */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { isOver, type RunReport, type SanctumSnapshot } from '../contract/index.ts';
import { skimRun } from '../follow/index.ts';
import { openRun, type RunFolder } from '../log/index.ts';
import { judgementOf, type RunJudgement, withJudgement } from '../present/index.ts';
import type { RunRow, RunsResponse } from './api.ts';
import { IDLE_MS, LIVE_VERDICT_MS, OPEN_VERDICTS } from './limits.ts';
import { rowOf, unread } from './run-row.ts';
import type { RunStore } from './run-store.ts';
import { VerdictReader } from './run-verdict.ts';
import { slimReport } from './run-view.ts';

const REFRESH_MS = 500;
/** A run that ended is looked at in one round of so many. */
const ENDED_ROUNDS = 10;
/** Work is done in slices, between which questions are answered. */
const SLICE_MS = 4;
const WAIT_MS = 100;
/** How often it is looked whether a verdict is there that somebody waits for. */
const JUDGED_MS = 20;

interface Known {
  run: RunFolder;
  row: RunRow;
  /** Number of the row's newest change. */
  version: number;
  /** What the folder looked like when the row was made. */
  look: Look;
  /** Of a run that goes on; an ended one has nothing more to be asked for. */
  snapshot: SanctumSnapshot | null;
  /** The newest report on the whole log, without its timelines; null until it was read. */
  report: RunReport | null;
  /** What the folder looked like when its verdict was made, and when that was. */
  judged: Look | null;
  judgedMs: number;
}

/** A run's files by name: number, size and time. */
type Look = ReadonlyMap<string, { ino: number; size: number; mtimeMs: number }>;

const goesOn = ({ row }: Known) => !row.read || !isOver(row.state);

export class RunList {
  readonly #runs: string;
  readonly #store: RunStore;
  #known = new Map<string, Known>();
  /** The same, newest first; null since one came or went. */
  #order: readonly Known[] | null = null;
  #version = 0;
  #round = 0;
  #refreshedMs = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | null = null;
  /** When somebody last asked. */
  #askedMs = Number.NEGATIVE_INFINITY;
  /** Logs of which more will be read for their verdicts, the one longest waited for first. */
  #verdicts = new Map<string, VerdictReader>();
  #isJudging = false;
  #isClosed = false;

  constructor(runs: string, store: RunStore) {
    this.#runs = runs;
    this.#store = store;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** The run of this id; null where there is none. Only what the folder itself lists is ever opened. */
  find(id: string): RunFolder | null {
    const known = this.#known.get(id);
    if (known !== undefined) return known.run;
    return this.#names().includes(id) ? openRun(join(this.#runs, id)) : null;
  }

  /** Rows that changed after `since`, newest run first. Throws the file system's error on the folder of all runs. */
  async changed(since: number, patienceMs: number): Promise<RunsResponse> {
    await Promise.race([this.refresh(), setTimeout(patienceMs, undefined, { ref: false })]);
    const runs = this.#newestFirst()
      .filter(({ version }) => version > since)
      .map(({ row }) => row);
    return { version: this.#version, count: this.#known.size, runs };
  }

  /** Runs as of the newest look; the snapshots and judgements are those of runs that go on. */
  rows(): { row: RunRow; snapshot: SanctumSnapshot | null; judgement: RunJudgement | null }[] {
    return [...this.#known.values()].map(({ row, snapshot, report }) => {
      if (snapshot === null || report === null) return { row, snapshot, judgement: null };
      const judgement = judgementOf(report, row.state, snapshot);
      return { row, snapshot: withJudgement(snapshot, judgement), judgement };
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
      this.#refreshing = this.#refresh().finally(() => {
        this.#refreshedMs = performance.now();
        this.#refreshing = null;
        void this.#judge();
      });
    return this.#refreshing ?? Promise.resolve();
  }

  #newestFirst(): readonly Known[] {
    this.#order ??= [...this.#known.values()].sort(
      ({ run: a }, { run: b }) => b.createdMs - a.createdMs || (a.id < b.id ? 1 : -1),
    );
    return this.#order;
  }

  async #refresh(): Promise<void> {
    this.#round++;
    const names = this.#names();
    const there = new Set(names);
    for (const id of this.#known.keys()) if (!there.has(id)) this.#forget(id);
    const pause = slices();
    // Everything is listed first; the content of its logs follows.
    for (const name of names) {
      if (this.#known.has(name)) continue;
      await pause();
      const run = openRun(join(this.#runs, name));
      if (run === null) continue;
      this.#order = null;
      this.#known.set(name, {
        run,
        row: unread(run),
        version: ++this.#version,
        look: new Map(),
        snapshot: null,
        report: null,
        judged: null,
        judgedMs: Number.NEGATIVE_INFINITY,
      });
    }
    for (const [i, known] of this.#newestFirst().entries()) {
      if (!goesOn(known) && (i + this.#round) % ENDED_ROUNDS !== 0) continue;
      await pause();
      if (this.#isClosed) return;
      this.#look(known);
    }
  }

  #look(known: Known): void {
    const { run, row: before } = known;
    const look = lookOf(run.path);
    const isSame = before.read && isEqual(look, known.look);
    if (isSame && !goesOn(known)) return;
    let row: RunRow;
    let followed: SanctumSnapshot | null = null;
    try {
      followed = this.#store.snapshot(run.id);
      const snapshot = followed ?? ((isSame && known.snapshot) || this.#newest(known, look));
      row = rowOf(run, snapshot, known.report);
      known.snapshot = !isOver(row.state) ? snapshot : null;
    } catch (error) {
      row = { ...unread(run), read: true, problem: `${run.id} cannot be read: ${(error as Error).message}.` };
    }
    known.look = look;
    const isUnchanged = isSame && followed === null && row.state === before.state;
    if (isUnchanged || JSON.stringify(row) === JSON.stringify(before)) return;
    this.#change(known, row);
  }

  /** The run after its whole log, where that was read once; from its beginning and its end until then. */
  #newest({ run, judged }: Known, look: Look): SanctumSnapshot {
    const reading = hasGrown(judged, look) ? this.#verdicts.get(run.id) : undefined;
    const bytes = [...look.values()].reduce((sum, { size }) => sum + size, 0);
    return reading?.newest(bytes) ?? skimRun(run.path);
  }

  #change(known: Known, row: RunRow): void {
    known.row = row;
    known.version = ++this.#version;
  }

  /** Makes verdicts until all are made, or nobody asks any more. */
  async #judge(): Promise<void> {
    if (this.#isJudging) return;
    this.#isJudging = true;
    try {
      const isWanted = () => !this.#isClosed && performance.now() - this.#askedMs < IDLE_MS;
      // A page waits for a run that is open: that goes first.
      const goOn = () => isWanted() && !this.#store.isReading;
      for (let next = this.#nextToJudge(); next !== null && isWanted(); next = this.#nextToJudge()) {
        while (this.#store.isReading && isWanted()) await setTimeout(WAIT_MS);
        const judged = await this.#judged(next, goOn);
        if (judged === null) continue;
        // What stands of the alarms depends on the whole log, which was read now.
        const row = rowOf(next.run, judged, next.report);
        if (JSON.stringify(row) !== JSON.stringify(next.row)) this.#change(next, row);
      }
    } finally {
      this.#isJudging = false;
    }
  }

  /** The newest run that has grown since its verdict was made; one that goes on is not judged all the time. */
  #nextToJudge(): Known | null {
    const now = performance.now();
    const due = (known: Known) =>
      known.row.read &&
      (known.judged === null ||
        (!isEqual(known.judged, known.look) && (!goesOn(known) || now - known.judgedMs >= LIVE_VERDICT_MS)));
    return this.#newestFirst().find(due) ?? null;
  }

  /** Null where it was stopped before, or cannot be read. */
  async #judged(known: Known, goOn: () => boolean): Promise<SanctumSnapshot | null> {
    const { run, look } = known;
    const { id, path } = run;
    const done = (report: RunReport | null, snapshot: SanctumSnapshot | null) => {
      known.judged = look;
      known.judgedMs = performance.now();
      known.report = report === null ? null : slimReport(report);
      return report === null ? null : (snapshot ?? known.snapshot ?? skimRun(path));
    };
    // What somebody looks at has been read already.
    const followed = this.#store.report(id);
    if (followed !== null) return done(followed, this.#store.snapshot(id));
    const reading = (hasGrown(known.judged, look) && this.#verdicts.get(id)) || new VerdictReader(path);
    this.#keep(id, reading);
    try {
      const report = await reading.read(goOn);
      if (report !== null && !goesOn(known)) this.#verdicts.delete(id);
      return report === null ? null : done(report, reading.newest(0));
    } catch {
      // The row already shows what is wrong with the folder.
      this.#verdicts.delete(id);
      return done(null, null);
    }
  }

  #keep(id: string, reading: VerdictReader): void {
    this.#verdicts.delete(id);
    this.#verdicts.set(id, reading);
    const [oldest] = this.#verdicts.keys();
    if (this.#verdicts.size > OPEN_VERDICTS) this.#verdicts.delete(oldest!);
  }

  #forget(id: string): void {
    this.#known.delete(id);
    this.#order = null;
    this.#verdicts.delete(id);
  }

  #names(): string[] {
    try {
      // A link could lead out of the folder: only real folders are runs here.
      return readdirSync(this.#runs, { withFileTypes: true })
        .filter(entry => entry.isDirectory() && !entry.name.startsWith('.'))
        .map(entry => entry.name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
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

function lookOf(folder: string): Look {
  const look = new Map<string, { ino: number; size: number; mtimeMs: number }>();
  try {
    for (const name of readdirSync(folder)) {
      if (!/^events-.*\.jsonl(\.gz)?$/.test(name)) continue;
      const { ino, size, mtimeMs } = statSync(join(folder, name));
      look.set(name, { ino, size, mtimeMs });
    }
  } catch {
    // It went meanwhile: the next round forgets it.
  }
  return look;
}

/** Whether the log is the one that was looked at before, and at least as long. */
const hasGrown = (before: Look | null, now: Look): boolean =>
  [...(before ?? [])].every(([name, { ino, size }]) => {
    const file = now.get(name);
    return file?.ino === ino && file.size >= size;
  });

const isEqual = (a: Look, b: Look): boolean =>
  a.size === b.size &&
  [...a].every(([name, { ino, size, mtimeMs }]) => {
    const other = b.get(name);
    return other?.ino === ino && other.size === size && other.mtimeMs === mtimeMs;
  });
