/** From what a person types (an id, the start of one, a name, `latest`) to a run's folder. */
import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { openRun, type RunFolder } from './run-folder.ts';

/** No run, or more than one, fits. The message is one sentence on what to do. */
export class RunNotFoundError extends Error {
  override name = 'RunNotFoundError';
}

/** What lies in the folder of all runs; nothing where it does not exist. */
function entriesOf(runs: string): Dirent[] {
  try {
    return readdirSync(runs, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
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

const realPath = (path: string): string | null => {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
};

/**
 * All runs in a folder, newest first; none where the folder does not exist. Broken runs are listed with their
 * `problem`; what is no run is left out, and links are not followed: they could lead anywhere.
 */
export function listRuns(runs: string): RunFolder[] {
  return entriesOf(runs)
    .filter(entry => !entry.isSymbolicLink())
    .map(entry => openRun(join(runs, entry.name)))
    .filter(run => run !== null)
    .sort((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? 1 : -1));
}

const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
};

/** Folders above the working folder that are looked in for a likelier folder of runs. */
const LEVELS_UP = 3;

/** Another folder of runs nearby, where `runs` has none: in, beside or above the working folder; null where there is none. */
export function likelyRuns(runs: string, cwd = process.cwd()): { path: string; runs: number } | null {
  const above = Array.from({ length: LEVELS_UP + 1 }, (_, i) => resolve(cwd, '../'.repeat(i)));
  let below: string[] = [];
  try {
    below = readdirSync(cwd, { withFileTypes: true })
      .filter(entry => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
      .map(entry => join(cwd, entry.name));
  } catch {
    // What cannot be read holds nothing.
  }
  const candidates = [
    ...above.map(folder => join(folder, 'runs')),
    ...below.map(folder => join(folder, 'runs')),
  ];
  for (const path of [...new Set(candidates)]) {
    if (path === resolve(cwd, runs) || !isFolder(path)) continue;
    const found = listRuns(path).length;
    if (found > 0) return { path, runs: found };
  }
  return null;
}

/** `There are no runs in /work/runs`, and where there are some; without a full stop. */
export function noRuns(runs: string): string {
  const other = likelyRuns(runs);
  const from = other === null ? '' : relative(process.cwd(), other.path);
  const there =
    other === null
      ? ''
      : `, but ${other.runs} in ${other.path}: give --runs ${from.startsWith('..') && from.length > other.path.length ? other.path : from}`;
  return `There are no runs in ${resolve(runs)}${there}`;
}

/** The run in the folder that `ref` is the path of, or of a file in; null where it is none. */
function runAt(ref: string): RunFolder | null {
  const path = resolve(ref);
  return openRun(isFolder(path) ? path : dirname(path));
}

/**
 * The run that `ref` means: the path of its folder or of a file in it, `latest`, an id, a name (the newest of that name),
 * or the start of exactly one id. Throws {@link RunNotFoundError}.
 */
export function resolveRun(runs: string, ref: string): RunFolder {
  if (ref.includes('/') || ref.includes(sep)) {
    const run = runAt(ref);
    if (run !== null) return run;
    throw new RunNotFoundError(
      `There is no run at ${resolve(ref)}: a run's folder holds run.json or events-0.jsonl.`,
    );
  }
  const all = listRuns(runs);
  const newest = all[0];
  if (newest === undefined) {
    const own = ref === 'latest' ? null : runAt(ref);
    if (own !== null) return own;
    const text = noRuns(runs);
    throw new RunNotFoundError(
      text.includes('--runs') ? `${text}.` : `${text}: start one with "esper demo", or give --runs.`,
    );
  }
  if (ref === 'latest') return newest;
  const exact = all.find(run => run.id === ref) ?? all.find(run => run.name === ref);
  if (exact !== undefined) return exact;
  const fits = ref === '' ? [] : all.filter(run => run.id.startsWith(ref));
  if (fits.length === 1) return fits[0]!;
  if (fits.length === 0) {
    const own = isFolder(resolve(ref)) ? runAt(ref) : null;
    if (own !== null) return own;
    if (entriesOf(runs).some(entry => entry.name === ref && entry.isSymbolicLink())) {
      const target = realPath(join(runs, ref));
      const run = target !== null && dirname(target) === realPath(runs) ? openRun(target) : null;
      if (run !== null) return run;
      throw new RunNotFoundError(
        `"${ref}" in ${resolve(runs)} is a link, and links are not followed: give the path that it leads to.`,
      );
    }
    throw new RunNotFoundError(
      `There is no run "${ref}" in ${resolve(runs)}: the newest is ${newest.id}, and "esper runs" lists all.`,
    );
  }
  const some = fits.slice(0, 3).map(run => run.id);
  throw new RunNotFoundError(
    `"${ref}" fits ${fits.length} runs (${some.join(', ')}${fits.length > 3 ? ', …' : ''}): give more of the id.`,
  );
}
