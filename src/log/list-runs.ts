/** The runs below a folder: in it, and in folders of it that are no runs, as those of users or clusters. */
import { type Dirent, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { realPath } from '../disk/index.ts';
import { openRun, type RunFolder } from './run-folder.ts';

/** Levels of folders below that of all runs: CLUSTER, and as many as `esper ship` follows below it. */
const DEPTH = 5;

/** No run, or more than one, fits. The message is one sentence on what to do. */
export class RunNotFoundError extends Error {
  override name = 'RunNotFoundError';
}

/** What lies in the folder of all runs; nothing where it does not exist. */
export function entriesOf(runs: string): Dirent[] {
  try {
    return readdirSync(runs, { withFileTypes: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new RunNotFoundError(
      code === 'ENOTDIR'
        ? `${resolve(runs)} is a file: --runs takes the folder of all runs.`
        : code === 'EACCES' || code === 'EPERM'
          ? `The folder ${resolve(runs)} may not be read.`
          : `The folder ${resolve(runs)} cannot be read: ${message}.`,
    );
  }
}

/** Names of the links in a folder of runs that lead out of it: they are not followed. Links to its own runs are left out. */
export function linksOut(runs: string): string[] {
  const place = realPath(runs);
  return entriesOf(runs)
    .filter(entry => entry.isSymbolicLink())
    .map(({ name }) => name)
    .filter(name => {
      const target = realPath(join(runs, name));
      return target !== null && dirname(target) !== place;
    });
}

/** Nothing hidden, and links are not followed: they could lead anywhere. */
const mayBeRun = (entry: Dirent): boolean => entry.isDirectory() && !entry.name.startsWith('.');

/** A folder that has a log or a manifest is a run, and nothing below it is looked at. */
const isRun = (entries: readonly Dirent[]): boolean =>
  entries.some(({ name }) => name === 'run.json' || name.startsWith('events-'));

/**
 * Names of the folders that may be runs, `RUN` or `USER/RUN`; none where the folder does not exist. Throws a {@link RunNotFoundError}
 * where it cannot be read.
 * @param isKnown a run stays one: it is not looked into again
 */
export const namesIn = (runs: string, isKnown: (name: string) => boolean = () => false): string[] => [
  ...namesBelow(runs, entriesOf(runs), '', DEPTH, isKnown),
];

function* namesBelow(
  runs: string,
  entries: readonly Dirent[],
  before: string,
  depth: number,
  isKnown: (name: string) => boolean,
): Generator<string> {
  for (const entry of entries.filter(mayBeRun)) {
    const name = before + entry.name;
    const inner = depth <= 1 || isKnown(name) ? [] : entriesIn(join(runs, name));
    if (isRun(inner) || !inner.some(one => one.isDirectory())) yield name;
    else yield* namesBelow(runs, inner, `${name}/`, depth - 1, isKnown);
  }
}

/** Nothing where the folder cannot be read. */
function entriesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** The run of this name in a folder of runs; null where it is none. Below the folder it is known by its path: those of two users may have one name. */
export function runNamed(runs: string, name: string): RunFolder | null {
  const run = openRun(join(runs, name));
  return run === null ? null : { ...run, id: name };
}

/** Whether there are any of {@link listRuns}: no more are opened than it takes to know. */
export function hasRuns(runs: string): boolean {
  for (const name of namesBelow(runs, entriesOf(runs), '', DEPTH, () => false))
    if (runNamed(runs, name) !== null) return true;
  return false;
}

/** The order of lists of runs: newest first. */
export const byNewest = (
  a: Pick<RunFolder, 'id' | 'createdMs'>,
  b: Pick<RunFolder, 'id' | 'createdMs'>,
): number => b.createdMs - a.createdMs || (a.id < b.id ? 1 : -1);

/**
 * All runs below a folder, newest first; none where the folder does not exist. Broken runs are listed with their
 * `problem`; what is no run is left out, and so are links.
 */
export const listRuns = (runs: string): RunFolder[] =>
  namesIn(runs)
    .map(name => runNamed(runs, name))
    .filter(run => run !== null)
    .sort(byNewest);
