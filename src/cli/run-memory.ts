/**
 * What `esper runs` knows of runs that have ended, kept beside them in `.esper-runs.json`: a run whose files are as they were is
 * not read again. Where it cannot be written, or is not there, the runs are read.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isOver, type RunState } from '../contract/index.ts';
import { readRegular, writeWhole } from '../disk/index.ts';
import { LABELS_FILE, openRun, ranksIn } from '../log/index.ts';
import { type ListedRun, listedRun } from './run-rows.ts';
import { VERSION } from './version.ts';

const FILE = '.esper-runs.json';
const MOST_BYTES = 256 * 2 ** 20;

interface Known {
  /** Files that the row was read from, and their sizes and times as one text. */
  files: readonly string[];
  seen: string;
  row: ListedRun;
}

export class RunMemory {
  readonly #path: string;
  readonly #known = new Map<string, Known>();
  #isChanged = false;

  /** @param runs folder of all runs */
  constructor(runs: string) {
    this.#path = join(runs, FILE);
    try {
      const { version, runs: known } = JSON.parse(readRegular(this.#path, MOST_BYTES));
      // Another version may make other rows.
      if (version === VERSION) for (const one of known as Known[]) this.#known.set(one.row.id, one);
    } catch {
      // Not there yet, or broken: everything is read.
    }
  }

  /** The row of the run in this folder, where its files are as they were; undefined otherwise. */
  row(id: string, path: string): ListedRun | undefined {
    const known = this.#known.get(id);
    return known !== undefined && seenOf(path, known.files) === known.seen ? known.row : undefined;
  }

  /** Reads the run; null where the folder is none. @param isJudged read the whole log, for the verdict */
  read(path: string, isJudged: boolean): ListedRun | null {
    const run = openRun(path);
    if (run === null) return null;
    // Looked at first: what is written meanwhile shows the next time.
    const files = filesOf(path);
    const seen = seenOf(path, files);
    const row = listedRun(run, isJudged);
    if (isOver(row.state as RunState) && row.problem === null) {
      this.#known.set(run.id, { files, seen, row });
      this.#isChanged = true;
    }
    return row;
  }

  /** Keeps what was read for the next time, of the runs that are still there. */
  save(ids: ReadonlySet<string>): void {
    for (const id of this.#known.keys()) {
      if (ids.has(id)) continue;
      this.#known.delete(id);
      this.#isChanged = true;
    }
    if (!this.#isChanged) return;
    try {
      writeWhole(this.#path, JSON.stringify({ version: VERSION, runs: [...this.#known.values()] }));
    } catch {
      // A folder that is only to be read: the next list reads the runs again.
    }
  }
}

function filesOf(path: string): string[] {
  try {
    // A file that comes later shows in the folder's own time.
    const names = readdirSync(path);
    const beside = ['run.json', LABELS_FILE].filter(name => names.includes(name));
    return ['', ...beside, ...ranksIn(path).map(rank => `events-${rank}.jsonl`)];
  } catch {
    return [''];
  }
}

/** The folder's own time shows that a file came or went. */
const seenOf = (path: string, files: readonly string[]): string =>
  files
    .map(name => {
      const stats = lstatSync(name === '' ? path : `${path}/${name}`, { throwIfNoEntry: false });
      return stats === undefined ? '-' : `${name === '' ? '' : stats.size}:${stats.mtimeMs}`;
    })
    .join(' ');
