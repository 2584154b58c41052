/**
 * A run is a folder: `run.json` describes it, `events-<rank>.jsonl` records what happened. A folder opens with either;
 * what is wrong with it is in `problem`, so that one broken folder never hides the others.
 */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  CONTRACT_VERSION,
  isRunManifest,
  MAX_RANK,
  type RunLabels,
  type RunManifest,
} from '../contract/index.ts';
import { makeFolder, readRegular, writeWhole } from '../disk/index.ts';
import { LABELS_FILE, noLabels, readLabels } from './labels.ts';
import { MAX_LINE_BYTES } from './limits.ts';
import { lookAtLog } from './log-file.ts';
import { newRunId, readRunId } from './run-id.ts';
import { clearCommand, clearConfig } from './secrets.ts';

export interface RunFolder {
  /** Name of the folder. */
  id: string;
  path: string;
  /** The run's name: the one it was given later, else of `run.json`, else of the id. */
  name: string;
  /** Milliseconds since the epoch: of `run.json`, else of the id, else the folder's age. */
  createdMs: number;
  /** null where `run.json` is missing or broken. */
  manifest: RunManifest | null;
  /** Why `manifest` is null, in one sentence; null where all is well. */
  problem: string | null;
  /** There is no `run.json`, which a run can do without: no other problem. */
  lacksManifest: boolean;
  /** What people noted on it. */
  labels: RunLabels;
}

export interface NewRun {
  /** Folder of all runs; made where it is missing. */
  runs: string;
  name: string;
  algorithm?: string | null;
  task?: string | null;
  config?: Record<string, unknown>;
  /** argv that started the run. */
  command?: string[] | null;
  nowMs?: number;
}

/**
 * Makes a run's folder and its `run.json`; the path is absolute, so that a later chdir does not move the run. Throws an
 * Error of one sentence where the disk refuses, and leaves no folder then.
 */
export function createRun({
  runs,
  name,
  algorithm = null,
  task = null,
  config = {},
  command = null,
  nowMs = Date.now(),
}: NewRun): RunFolder & { manifest: RunManifest } {
  let path: string | null = null;
  try {
    const all = resolve(runs);
    makeFolder(all);
    const id = claimFolder(all, name, nowMs);
    path = join(all, id);
    const manifest = {
      ...{ v: CONTRACT_VERSION, id, name, createdMs: nowMs, algorithm, task },
      command: command === null ? null : clearCommand(command),
      config: clearConfig(config) as Record<string, unknown>,
    };
    writeWhole(join(path, 'run.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    return {
      id,
      path,
      name,
      createdMs: nowMs,
      manifest,
      problem: null,
      lacksManifest: false,
      labels: noLabels,
    };
  } catch (error) {
    if (path !== null) rmSync(path, { recursive: true, force: true });
    throw new Error(
      `Cannot create a run in ${runs} (${(error as Error).message}): make room or choose another folder.`,
      { cause: error },
    );
  }
}

/** Two runs of one name in one second differ in the id's last digits; on the rare clash, again. */
function claimFolder(runs: string, name: string, nowMs: number): string {
  for (let attempt = 0; ; attempt++) {
    const id = newRunId(name, nowMs);
    try {
      mkdirSync(join(runs, id));
      return id;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 100) throw error;
    }
  }
}

/** Opens a folder as a run; null where it is none: neither `run.json` nor events. Never throws. */
export function openRun(path: string): RunFolder | null {
  const id = basename(path);
  const fromId = readRunId(id);
  let manifest: RunManifest | null = null;
  let problem: string | null = null;
  let lacksManifest = false;
  let hasLabels = false;
  let labels: RunLabels = noLabels;
  try {
    const names = readdirSync(path);
    hasLabels = names.includes(LABELS_FILE);
    if (!names.includes('run.json')) {
      if (!names.some(name => rankOf(name) !== null)) return null;
      problem = `${id} has no run.json.`;
      lacksManifest = true;
    } else {
      const value: unknown = JSON.parse(readRegular(join(path, 'run.json'), MAX_LINE_BYTES));
      if (isRunManifest(value)) manifest = value;
      else problem = `${id}/run.json is not a run manifest.`;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    problem =
      error instanceof SyntaxError
        ? `${id}/run.json is not JSON: ${message}.`
        : `${id} cannot be read: ${message}.`;
  }
  try {
    if (hasLabels) labels = readLabels(path);
  } catch (error) {
    problem ??= `${id}/${LABELS_FILE} cannot be read: ${(error as Error).message}.`;
  }
  const createdMs =
    manifest?.createdMs ?? fromId?.createdMs ?? statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const name = labels.name ?? manifest?.name ?? fromId?.name ?? id;
  return { id, path, name, createdMs, manifest, problem, lacksManifest, labels };
}

/** Where a rank's events lie in a run's folder. */
export const eventsFile = (folder: string, rank: number) => join(folder, `events-${rank}.jsonl`);

/** The rank whose events a file of this name holds, as this package writes it, plain or packed; null for any other file. */
function rankOf(fileName: string): number | null {
  const digits = /^events-(0|[1-9]\d{0,7})\.jsonl(?:\.gz)?$/.exec(fileName)?.[1];
  return digits === undefined || Number(digits) > MAX_RANK ? null : Number(digits);
}

/** Ranks that have a log in this folder, ascending. Throws where the folder cannot be read. */
export const ranksIn = (folder: string): number[] =>
  [...new Set(readdirSync(folder).map(rankOf))].filter(rank => rank !== null).sort((a, b) => a - b);

/** Bytes of text of all logs in this folder. Throws where one of them, or the folder, cannot be read. */
export const logBytes = (folder: string): number =>
  ranksIn(folder).reduce((sum, rank) => sum + (lookAtLog(eventsFile(folder, rank))?.size ?? 0), 0);
