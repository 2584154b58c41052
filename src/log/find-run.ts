/** From what a person types (an id, the start of one, a name, `latest`) to a run's folder. */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { realPath } from '../disk/index.ts';
import { entriesOf, listRuns, RunNotFoundError } from './list-runs.ts';
import { fittingRuns, isPattern, isStart, namesOf, someIds } from './match-runs.ts';
import { openRun, type RunFolder } from './run-folder.ts';

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
function likelyRuns(runs: string, cwd = process.cwd()): { path: string; runs: number } | null {
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
export function noRuns(runs: string, other = likelyRuns(runs)): string {
  const from = other === null ? '' : relative(process.cwd(), other.path);
  const there =
    other === null
      ? ''
      : `, but ${other.runs} in ${other.path}: give --runs ${from.startsWith('..') && from.length > other.path.length ? other.path : from}`;
  const missing = isFolder(runs) ? '' : ', a folder that does not exist';
  return `There are no runs in ${resolve(runs)}${missing}${there}`;
}

/** The run in the folder that `ref` is the path of, or of a file in; null where it is none. */
function runAt(ref: string): RunFolder | null {
  const path = resolve(ref);
  return openRun(isFolder(path) ? path : dirname(path));
}

/** The run in the folder whose id this is, without opening the others; null where there is none. */
function runOfId(runs: string, id: string): RunFolder | null {
  if (id === '' || id === 'latest' || id.startsWith('.') || isPath(id)) return null;
  try {
    return lstatSync(join(runs, id)).isSymbolicLink() ? null : openRun(join(runs, id));
  } catch {
    return null;
  }
}

/** Runs that are proposed. */
const PROPOSED = 3;

/** Runs whose name or id holds the text, or whose name is nearly it; newest first, one of each name. */
function likely(ref: string, all: readonly RunFolder[]): RunFolder[] {
  const text = ref.toLowerCase();
  if (text.length < 2) return [];
  const names = new Set<string>();
  const newest = all.filter(({ name }) => !names.has(name) && names.add(name));
  const holding = newest.filter(({ id, name }) => `${name} ${id}`.toLowerCase().includes(text));
  const near = newest.filter(({ name }) => isNear(text, name.toLowerCase()));
  return [...new Set([...holding, ...near])].slice(0, PROPOSED);
}

/** Letters that may be wrong, missing, or too many: one in three, at most two. */
const slips = (text: string): number => Math.min(2, Math.floor(text.length / 3));

function isNear(a: string, b: string): boolean {
  const most = slips(a);
  if (Math.abs(a.length - b.length) > most) return false;
  // Damerau and Levenshtein's distance: two letters in the wrong order are one slip.
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, before[j - 2]! + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length]! <= most;
}

/**
 * Every run that a pattern (`lr3e-4*`) fits, newest first, or the one that anything else means. Throws {@link RunNotFoundError}.
 * @param isGroup a name that several share means all of them
 */
export function resolveRuns(runs: string, ref: string, isGroup = false): RunFolder[] {
  const own = isPath(ref) ? runAt(ref) : null;
  const fits = own !== null || !(isGroup || isPattern(ref)) ? [] : fittingRuns(ref, listRuns(runs));
  if (own === null && fits.length === 0 && isPattern(ref))
    throw new RunNotFoundError(`No run in ${resolve(runs)} fits "${ref}": "esper runs" lists all.`);
  return fits.length > 0 ? fits : [own ?? resolveRun(runs, ref)];
}

const isPath = (ref: string): boolean => ref.includes('/') || ref.includes(sep);

/** Of runs that share a name or a pattern, the one that is not archived. Throws a {@link RunNotFoundError} where there are several. */
function onlyOne(fits: readonly RunFolder[], what: string): RunFolder {
  const current = fits.filter(({ labels }) => !labels.archived);
  const [one, ...more] = current.length > 0 ? current : fits;
  if (one !== undefined && more.length === 0) return one;
  throw new RunNotFoundError(
    `${what} ${more.length + 1} runs (${someIds([one!, ...more])}): give the id of one, or "latest".`,
  );
}

/**
 * The run that `ref` means: the path of its folder or of a file in it, `latest` (of those that are not archived), an id, a name
 * or a pattern that is of one run alone, or the start of exactly one id; of a nested run with or without the folders above it. Throws {@link RunNotFoundError}.
 */
export function resolveRun(runs: string, ref: string): RunFolder {
  const exact = isPath(ref) ? runAt(ref) : runOfId(runs, ref);
  if (exact !== null) return exact;
  const all = listRuns(runs);
  const one = oneOf(runs, ref, all);
  if (one !== null) return one;
  if (isPath(ref))
    throw new RunNotFoundError(
      `There is no run at ${resolve(ref)}: a run's folder holds run.json or events-0.jsonl.`,
    );
  const own = ref !== 'latest' && (all.length === 0 || isFolder(resolve(ref))) ? runAt(ref) : null;
  if (own !== null) return own;
  const newest = all[0];
  if (newest === undefined) {
    const other = likelyRuns(runs);
    const hint = other === null ? ': start one with "esper demo", or give --runs.' : '.';
    throw new RunNotFoundError(`${noRuns(runs, other)}${hint}`);
  }
  if (entriesOf(runs).some(entry => entry.name === ref && entry.isSymbolicLink())) {
    const target = realPath(join(runs, ref));
    const run = target !== null && dirname(target) === realPath(runs) ? openRun(target) : null;
    if (run !== null) return run;
    throw new RunNotFoundError(
      `"${ref}" in ${resolve(runs)} is a link, and links are not followed: give the path that it leads to.`,
    );
  }
  const like = likely(ref, all);
  const lists = '"esper runs" lists all';
  throw new RunNotFoundError(
    like.length > 0
      ? `There is no run "${ref}" in ${resolve(runs)}. Did you mean ${like.map(run => run.id).join(' or ')}? ${lists}.`
      : `There is no run "${ref}" in ${resolve(runs)}: the newest is ${newest.id}, and ${lists}.`,
  );
}

/** The one of these runs that `ref` means; null where none fits. Throws where several do. */
function oneOf(runs: string, ref: string, all: readonly RunFolder[]): RunFolder | null {
  if (ref === 'latest') return all.find(({ labels }) => !labels.archived) ?? all[0] ?? null;
  const exact = all.find(run => run.id === ref);
  if (exact !== undefined) return exact;
  const named = all.filter(run => namesOf(run).includes(ref));
  if (named.length > 0) return onlyOne(named, `"${ref}" is the name of`);
  if (isPattern(ref) && all.length > 0) return onlyOne(resolveRuns(runs, ref), `"${ref}" fits`);
  const fits = ref === '' ? [] : all.filter(run => isStart(ref, run.id));
  if (fits.length > 1)
    throw new RunNotFoundError(`"${ref}" fits ${fits.length} runs (${someIds(fits)}): give more of the id.`);
  return fits[0] ?? null;
}
