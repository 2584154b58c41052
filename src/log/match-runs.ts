/** Runs by a pattern: `*` stands for any text, `?` for one character, in ids and names. */
import type { RunFolder } from './run-folder.ts';

export const isPattern = (text: string): boolean => /[*?]/.test(text);

/** Whether the whole text fits the pattern; case counts. */
export function fitsPattern(pattern: string, text: string): boolean {
  let [at, i] = [0, 0];
  // Where the newest star stands, and what it has taken so far.
  let [star, taken] = [-1, 0];
  while (i < text.length) {
    if (pattern[at] === '*') {
      star = at++;
      taken = i;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[i])) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++taken;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

/** What a run may be called but for its id: its name, and that of its folder; of a nested one, with the folders above it, too. */
export function namesOf({ id, name }: Pick<RunFolder, 'id' | 'name'>): string[] {
  const end = id.lastIndexOf('/') + 1;
  return end === 0 ? [name] : [name, id.slice(end), id.slice(0, end) + name];
}

/** Whether an id, or that without the folders above it, begins so. */
export const isStart = (text: string, id: string): boolean =>
  id.startsWith(text) || id.slice(id.lastIndexOf('/') + 1).startsWith(text);

/** Whether the id or a name fits. */
export const isFitting = (pattern: string, run: Pick<RunFolder, 'id' | 'name'>): boolean =>
  [run.id, ...namesOf(run)].some(text => fitsPattern(pattern, text));

/** Those whose id or name fits. */
export const fittingRuns = (pattern: string, all: readonly RunFolder[]): RunFolder[] =>
  all.filter(run => isFitting(pattern, run));

/** `a, b, c, …`: ids, the newest first. */
export const someIds = (runs: readonly RunFolder[]): string =>
  `${runs
    .slice(0, 3)
    .map(({ id }) => id)
    .join(', ')}${runs.length > 3 ? ', …' : ''}`;
