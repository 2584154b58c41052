/**
 * What lists know of runs that have ended, kept beside them in `.esper-runs.json`: a run whose files are as they were is
 * not read again. Where it cannot be written, or is not there, the runs are read.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isOver } from '../contract/index.ts';
import { readRegular, writeWhole } from '../disk/index.ts';
import { LABELS_FILE, type RunFolder, ranksIn } from '../log/index.ts';
import { type ListedRun, listedRun, type ReadEvents } from './listed-run.ts';

/** Files that describe a run: its manifest and its labels. */
export const DESCRIPTIONS = ['run.json', LABELS_FILE] as const;

const FILE = '.esper-runs.json';
const MOST_BYTES = 256 * 2 ** 20;
/** The file that this stands in: its name has a hash of all that makes a row, where it is built. Another build may make other rows. */
const BUILD = basename(fileURLToPath(import.meta.url));

/** A run's files, and their sizes and times as one text. */
export interface FolderLook {
  files: readonly string[];
  seen: string;
}

interface Known extends FolderLook {
  row: ListedRun;
}

export class RunMemory {
  readonly #path: string;
  readonly #version: string;
  readonly #known = new Map<string, Known>();
  #isChanged = false;

  /**
   * @param runs folder of all runs
   * @param version of Esper: another may make other rows
   */
  constructor(runs: string, version: string) {
    this.#path = join(runs, FILE);
    this.#version = `${version} ${BUILD}`;
    try {
      const { version, runs: known } = JSON.parse(readRegular(this.#path, MOST_BYTES));
      if (version === this.#version) for (const one of known as Known[]) this.#known.set(one.row.id, one);
    } catch {
      // Not there yet, or broken: everything is read.
    }
  }

  /** Whether something is kept of a run of this id. */
  has(id: string): boolean {
    return this.#known.has(id);
  }

  /** The row of the run in this folder, where its files are as they were; undefined otherwise. */
  row(id: string, path: string): ListedRun | undefined {
    const known = this.#known.get(id);
    return known !== undefined && seenOf(path, known.files) === known.seen ? known.row : undefined;
  }

  /** Reads the run. @param isJudged read the whole log, for the verdict */
  read(run: RunFolder, isJudged: boolean, readEvents?: ReadEvents): ListedRun {
    const look = lookAt(run.path);
    const row = listedRun(run, isJudged, readEvents);
    this.keep(row, look);
    return row;
  }

  /** Keeps the row of a run that has ended. @param look its files before it was read: what is written meanwhile shows the next time */
  keep(row: ListedRun, look: FolderLook): void {
    if (!isOver(row.state) || row.problem !== null) return;
    this.#known.set(row.id, { ...look, row });
    this.#isChanged = true;
  }

  /** Writes what is known for the next time, of the runs that are still there. @param ids names of all folders */
  save(ids: ReadonlySet<string>): void {
    for (const id of this.#known.keys()) {
      if (ids.has(id)) continue;
      this.#known.delete(id);
      this.#isChanged = true;
    }
    if (!this.#isChanged) return;
    try {
      writeWhole(this.#path, JSON.stringify({ version: this.#version, runs: [...this.#known.values()] }));
    } catch {
      // A folder that is only to be read: the next list reads the runs again.
    }
    this.#isChanged = false;
  }
}

/** What a run's folder looks like now. */
export function lookAt(path: string): FolderLook {
  const files = filesOf(path);
  return { files, seen: seenOf(path, files) };
}

function filesOf(path: string): string[] {
  try {
    // A file that comes later shows in the folder's own time.
    const names = readdirSync(path);
    const beside = DESCRIPTIONS.filter(name => names.includes(name));
    const logs = ranksIn(path).flatMap(rank => [`events-${rank}.jsonl`, `events-${rank}.jsonl.gz`]);
    return ['', ...beside, ...logs.filter(name => names.includes(name))];
  } catch {
    return [''];
  }
}

/** Sizes and times of these files of the folder, as one text; '' is the folder itself, whose own time shows that a file came or went. */
export const seenOf = (path: string, files: readonly string[]): string =>
  files
    .map(name => {
      const stats = lstatSync(name === '' ? path : `${path}/${name}`, { throwIfNoEntry: false });
      return stats === undefined ? '-' : `${name === '' ? '' : stats.size}:${stats.mtimeMs}`;
    })
    .join(' ');
