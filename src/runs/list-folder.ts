/** All runs of a folder as rows, newest first, each read at most once; what is known of ended runs is used and kept. */
import { join } from 'node:path';
import { byNewest, logBytes, namesIn, type RunFolder, runNamed } from '../log/index.ts';
import type { ListedRun, ReadEvents } from './listed-run.ts';
import { RunMemory } from './run-memory.ts';

/** A verdict rests on the whole log: of the newest runs it is made without being asked for, up to so many bytes of logs. */
const JUDGED_BYTES = 256 * 2 ** 20;

/** 0 of a run that cannot be read. */
function bytesOfLog(path: string): number {
  try {
    return logBytes(path);
  } catch {
    return 0;
  }
}

/** Of runs, newest first, how many the verdict is made of: always of the newest, and of all that were asked for by number. */
export function judgedOf(sizes: readonly number[], isAsked: boolean): number {
  if (isAsked) return sizes.length;
  let sum = 0;
  const beyond = sizes.findIndex((bytes, i) => {
    sum += bytes;
    return i > 0 && sum > JUDGED_BYTES;
  });
  return beyond === -1 ? sizes.length : beyond;
}

export interface FolderListOptions {
  /** Of Esper: what another kept is not used. */
  version: string;
  isWanted: (id: string, name: string, archived: boolean) => boolean;
  /** Only the newest so many. */
  newest?: number;
  /** Every verdict is wanted, however long the logs are. */
  needsAll: boolean;
  readEvents?: ReadEvents;
}

export interface FolderList {
  rows: ListedRun[];
  /** Runs whose logs were not read for a verdict. */
  unread: number;
  /** Folders of all runs by their names. */
  paths: ReadonlyMap<string, string>;
}

/** A run of the folder: its row where that is known, else its folder. */
interface Opened {
  id: string;
  createdMs: number;
  row: ListedRun | null;
  run: RunFolder | null;
}

/** Throws a RunNotFoundError where the folder is none, or cannot be read. */
export function listFolder(runs: string, options: FolderListOptions): FolderList {
  const { version, isWanted, newest, needsAll, readEvents } = options;
  const memory = new RunMemory(runs, version);
  const names = namesIn(runs, name => memory.has(name));
  const paths = new Map(names.map(name => [name, join(runs, name)]));
  const opened = [...paths].flatMap(([id, path]): Opened[] => {
    const row = memory.row(id, path);
    if (row !== undefined)
      return isWanted(id, row.name, row.archived) ? [{ id, createdMs: row.createdMs, row, run: null }] : [];
    const run = runNamed(runs, id);
    return run !== null && isWanted(id, run.name, run.labels.archived)
      ? [{ id, createdMs: run.createdMs, row: null, run }]
      : [];
  });
  opened.sort(byNewest);
  const listed = opened.slice(0, newest);
  // A run without a run.json has that as its problem, and a verdict all the same.
  const unjudged = listed.filter(({ row }) => row === null || row.verdict === null);
  const sizes = unjudged.map(({ id }) => bytesOfLog(paths.get(id)!));
  const judged = new Set(unjudged.slice(0, judgedOf(sizes, needsAll)).map(({ id }) => id));
  const rows = listed.flatMap(({ id, row, run }) => {
    if (row !== null && !judged.has(id)) return [row];
    const folder = run ?? runNamed(runs, id);
    return folder === null ? [] : [memory.read(folder, judged.has(id), readEvents)];
  });
  memory.save(new Set(paths.keys()));
  return { rows, unread: unjudged.length - judged.size, paths };
}
