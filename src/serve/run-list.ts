/**
 * The list of runs, kept current by looking: a folder's files tell by size and time whether its row is still true.
 * A row's version is the round in which it changed, so that who asks again is told only what is new.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { SanctumSnapshot } from '../contract/index.ts';
import { openRun, type RunFolder, skimEvents, writerState } from '../log/index.ts';
import { emptySnapshot, reduceAll } from '../reduce/index.ts';
import type { RunRow, RunsAnswer } from './api.ts';

const REFRESH_MS = 1000;
/** A run that ended is looked at in one round of so many. */
const ENDED_ROUNDS = 10;
const SPARKLINE = 48;

interface Known {
  run: RunFolder;
  row: RunRow;
  version: number;
  /** What the folder looked like when the row was made. */
  look: string;
  snapshot: SanctumSnapshot | null;
}

export class RunList {
  #runs: string;
  #known = new Map<string, Known>();
  #version = 0;
  #refreshedMs = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | null = null;

  constructor(runs: string) {
    this.#runs = runs;
  }

  /** The run of this id; null where there is none. Only what the folder itself lists is ever opened. */
  find(id: string): RunFolder | null {
    const known = this.#known.get(id);
    if (known !== undefined) return known.run;
    return this.#names().includes(id) ? openRun(join(this.#runs, id)) : null;
  }

  /** Rows that changed after `since`, newest run first. Throws what the disk says of the folder of all runs. */
  async changed(since: number, patienceMs: number): Promise<RunsAnswer> {
    await Promise.race([this.refresh(), new Promise(resolve => setTimeout(resolve, patienceMs).unref())]);
    const runs = [...this.#known.values()]
      .filter(({ version }) => version > since)
      .map(({ row }) => row)
      .sort((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? 1 : -1));
    return { version: this.#version, count: this.#known.size, runs };
  }

  /** Runs whose snapshot is known, as of the newest look. */
  snapshots(): { run: RunFolder; row: RunRow; snapshot: SanctumSnapshot }[] {
    return [...this.#known.values()].filter(known => known.snapshot !== null) as never;
  }

  /** Looks again, at most once a second; the rows of many long runs come one by one. */
  refresh(): Promise<void> {
    if (this.#refreshing === null && performance.now() - this.#refreshedMs >= REFRESH_MS)
      this.#refreshing = this.#refresh().finally(() => {
        this.#refreshedMs = performance.now();
        this.#refreshing = null;
      });
    return this.#refreshing ?? Promise.resolve();
  }

  async #refresh(): Promise<void> {
    this.#version++;
    const names = this.#names();
    const there = new Set(names);
    for (const id of this.#known.keys()) if (!there.has(id)) this.#known.delete(id);
    // Everything is listed at once; what its logs say follows.
    for (const name of names) {
      if (this.#known.has(name)) continue;
      const run = openRun(join(this.#runs, name));
      if (run === null) continue;
      const row = unread(run);
      this.#known.set(name, { run, row, version: this.#version, look: '', snapshot: null });
    }
    const newestFirst = [...this.#known.values()].sort((a, b) => b.run.createdMs - a.run.createdMs);
    let began = performance.now();
    for (const [i, known] of newestFirst.entries()) {
      const ended = known.row.read && known.row.state !== 'running' && known.row.state !== 'waiting';
      if (ended && (i + this.#version) % ENDED_ROUNDS !== 0) continue;
      this.#look(known);
      if (performance.now() - began < 20) continue;
      await setImmediate();
      began = performance.now();
    }
  }

  #look(known: Known): void {
    const { run } = known;
    const look = lookOf(run.path);
    const isOpen = known.row.state === 'running' || known.row.state === 'waiting';
    if (look === known.look && !isOpen) return;
    let row: RunRow;
    try {
      if (look !== known.look || known.snapshot === null) known.snapshot = skimRun(run.path);
      row = rowOf(run, known.snapshot);
    } catch (error) {
      row = { ...unread(run), read: true, problem: `${run.id} cannot be read: ${(error as Error).message}.` };
    }
    if (look === known.look && row.state === known.row.state) return;
    known.row = row;
    known.look = look;
    known.version = this.#version;
  }

  #names(): string[] {
    try {
      // A link could lead out of the folder: only real folders are runs here.
      return readdirSync(this.#runs, { withFileTypes: true })
        .filter(entry => entry.isDirectory())
        .map(entry => entry.name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
}

/** Names, sizes and times of a run's files. */
function lookOf(folder: string): string {
  try {
    return readdirSync(folder)
      .filter(name => name.startsWith('events-') && name.endsWith('.jsonl'))
      .map(name => {
        const { size, mtimeMs } = statSync(join(folder, name));
        return `${name} ${size} ${mtimeMs}`;
      })
      .join('\n');
  } catch (error) {
    return (error as Error).message;
  }
}

const unread = (run: RunFolder): RunRow => ({ ...rowOf(run, null), read: false });

function rowOf(run: RunFolder, snapshot: SanctumSnapshot | null): RunRow {
  const tamiyo = snapshot?.tamiyo;
  const device = snapshot?.devices.find(({ rank }) => rank === tamiyo?.rank);
  return {
    id: run.id,
    name: run.name,
    createdMs: run.createdMs,
    read: true,
    state: snapshot === null ? 'waiting' : stateOf(run, snapshot),
    level: snapshot?.status.level ?? 'warmup',
    reason: snapshot?.status.reasons[0] ?? null,
    algorithm: snapshot?.run.algorithm ?? run.manifest?.algorithm ?? null,
    task: snapshot?.run.task ?? run.manifest?.task ?? null,
    batch: tamiyo?.batch ?? tamiyo?.step ?? null,
    maxBatches: tamiyo?.maxBatches ?? tamiyo?.maxSteps ?? null,
    episodicReturn: tamiyo?.ppo.episodicReturn ?? null,
    loss: tamiyo?.ppo.totalLoss ?? null,
    memory: tamiyo?.infrastructure ?? null,
    sparkline: (device?.history.memoryUsagePercent ?? [])
      .slice(-SPARKLINE)
      .map(value => (value === null ? null : Math.round(value * 10) / 10)),
    hasMemoryAlarm: snapshot?.vitals.hasMemoryAlarm ?? false,
    lastEventMs: snapshot?.run.lastEventMs ?? null,
    problem: run.problem,
  };
}

function skimRun(folder: string): SanctumSnapshot {
  let snapshot = emptySnapshot();
  for (const events of skimEvents(folder)) snapshot = reduceAll(snapshot, events);
  return snapshot;
}

/** The state as the log tells it; `gone` where a writer died, which cannot have told. */
const stateOf = (run: RunFolder, { run: { state }, ranks }: SanctumSnapshot): RunRow['state'] =>
  (state === 'running' || state === 'waiting') &&
  (ranks.length > 0 ? ranks : [{ rank: 0 }]).some(({ rank }) => writerState(run.path, rank) === 'gone')
    ? 'gone'
    : state;
