/** A run as a row of lists: what the beginning and the end of its log hold, and its verdict where all of it was read. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { alarmFigures, readingsOf } from '../alarms/index.ts';
import { highestPeak, RunAnalyser } from '../analysis/index.ts';
import { flat } from '../base/index.ts';
import { type RunState, type SanctumSnapshot, stateWith } from '../contract/index.ts';
import { skimRun } from '../follow/index.ts';
import {
  emptyReport,
  isWriterGone,
  type LoggedEvent,
  passedOver,
  type ReadReport,
  type RunFolder,
  readRun,
} from '../log/index.ts';
import { etaMs, judgementOf, type RunJudgement } from '../present/index.ts';
import { Reduction } from '../reduce/index.ts';

export interface ListedRun {
  id: string;
  name: string;
  createdMs: number;
  /** waiting, running, completed, interrupted, failed; "gone": its writer died without a last event; "unknown": how it ended is not recorded, or it cannot be read. */
  state: RunState;
  algorithm: string | null;
  task: string | null;
  batch: number | null;
  maxBatches: number | null;
  episodicReturn: number | null;
  memoryUsagePercent: number | null;
  /** Milliseconds that it still needs; null where the total is not known, and once it has ended. */
  etaMs: number | null;
  /** From its first event to its newest. */
  durationMs: number | null;
  /** Null of runs whose whole log was not read. */
  verdict: RunJudgement | null;
  /** Highest of its peaks; null of runs whose whole log was not read, and where none was measured. */
  peakBytes: number | null;
  tags: readonly string[];
  note: string | null;
  archived: boolean;
  /** As `run.json` has it, flat: `optimizer.lr`. */
  config: Record<string, unknown>;
  /** Figures at the end of the log, of its first device and rank, by their names in the records. */
  figures: Record<string, number>;
  problem: string | null;
  /** Lines of its log that were passed over; null where there were none, or it was not read whole. */
  passedOver: string | null;
}

/** What a run is where nothing of its log can be read. */
const bareRow = (run: RunFolder): ListedRun => ({
  id: run.id,
  name: run.name,
  createdMs: run.createdMs,
  state: 'unknown',
  algorithm: run.manifest?.algorithm ?? null,
  task: run.manifest?.task ?? null,
  batch: null,
  maxBatches: null,
  episodicReturn: null,
  memoryUsagePercent: null,
  etaMs: null,
  durationMs: null,
  verdict: null,
  peakBytes: null,
  tags: run.labels.tags,
  note: run.labels.note,
  archived: run.labels.archived,
  config: Object.fromEntries(flat(run.manifest?.config ?? {})),
  figures: {},
  problem: run.problem,
  passedOver: null,
});

/** Hands every event of a run's log to `take`, ranks merged by time. Throws the file system's error where the folder cannot be listed. */
export type ReadEvents = (folder: string, report: ReadReport, take: (event: LoggedEvent) => void) => void;

const readAll: ReadEvents = (folder, report, take) => {
  for (const events of readRun(folder, report)) for (const event of events) take(event);
};

/**
 * A run that cannot be read is a row with its problem: it hides no other.
 * @param isJudged read the whole log, for the verdict; once, and the figures are those after all of it
 */
export function listedRun(run: RunFolder, isJudged: boolean, readEvents: ReadEvents = readAll): ListedRun {
  const report = emptyReport();
  try {
    const row = isJudged ? readWhole(run, report, readEvents) : skimmed(run, report);
    const unread = report.problems.find(({ line }) => line === null);
    if (report.unreadable === 0) return row;
    const problems = [row.problem, `${run.id} cannot be read: ${unread?.reason}.`];
    return { ...row, problem: problems.filter(text => text !== null).join(' ') };
  } catch (error) {
    const problem = run.problem ?? `${run.id} cannot be read: ${(error as Error).message}.`;
    return { ...bareRow(run), problem };
  }
}

const stateOf = (run: RunFolder, snapshot: SanctumSnapshot, report: ReadReport): RunState =>
  stateWith(snapshot.run.state, isWriterGone(run.path), report.unreadable === 0);

function skimmed(run: RunFolder, report: ReadReport): ListedRun {
  const snapshot = skimRun(run.path, report);
  return rowAfter(run, snapshot, stateOf(run, snapshot, report), null);
}

function readWhole(run: RunFolder, report: ReadReport, readEvents: ReadEvents): ListedRun {
  const [analyser, reduction] = [new RunAnalyser(), new Reduction()];
  readEvents(run.path, report, event => {
    analyser.take(event);
    reduction.add(event);
  });
  const snapshot = reduction.snapshot();
  const state = stateOf(run, snapshot, report);
  const whole = analyser.report();
  const verdict = judgementOf(whole, state, snapshot);
  const row = rowAfter(run, snapshot, state, { verdict, peakBytes: highestPeak(whole) });
  return { ...row, passedOver: passedOver(report) };
}

/**
 * The row of a run after the events that its snapshot is made of.
 * @param whole what the whole log comes to; null where it was not read
 */
export function rowAfter(
  run: RunFolder,
  snapshot: SanctumSnapshot,
  state: RunState,
  whole: Pick<ListedRun, 'verdict' | 'peakBytes'> | null,
): ListedRun {
  const { infrastructure, ppo, batch, maxBatches, step, maxSteps } = snapshot.tamiyo;
  const { startedMs, lastEventMs } = snapshot.run;
  return {
    ...bareRow(run),
    state,
    algorithm: snapshot.run.algorithm ?? run.manifest?.algorithm ?? null,
    task: snapshot.run.task ?? run.manifest?.task ?? null,
    batch: batch ?? step,
    maxBatches: maxBatches ?? maxSteps,
    episodicReturn: ppo.episodicReturn,
    memoryUsagePercent:
      infrastructure.memoryStatus === 'unmeasured' ? null : infrastructure.memoryUsagePercent,
    etaMs: state === 'running' ? etaMs(snapshot) : null,
    durationMs: startedMs === null || lastEventMs === null ? null : lastEventMs - startedMs,
    verdict: whole?.verdict ?? null,
    peakBytes: whole?.peakBytes ?? null,
    figures: figuresIn(snapshot),
  };
}

function figuresIn(snapshot: SanctumSnapshot): Record<string, number> {
  const all: Record<string, number> = {};
  for (const [name, figure] of alarmFigures) {
    if (figure.type !== 'number') continue;
    const value = readingsOf(figure, snapshot)[0]?.value;
    if (typeof value === 'number' && Number.isFinite(value)) all[name] = value;
  }
  return all;
}

/** Bytes of everything in a run's folder, checkpoints included; what cannot be seen counts as 0. */
export function folderBytes(path: string): number {
  let sum = 0;
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) sum += folderBytes(inner);
      else if (entry.isFile()) sum += statSync(inner, { throwIfNoEntry: false })?.size ?? 0;
    }
  } catch {
    // Gone meanwhile, or not ours to see.
  }
  return sum;
}
