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

/** Those whose id or name fits. */
export const fittingRuns = (pattern: string, all: readonly RunFolder[]): RunFolder[] =>
  all.filter(({ id, name }) => fitsPattern(pattern, id) || fitsPattern(pattern, name));

/** `a, b, c, …`: ids, the newest first. */
export const someIds = (runs: readonly RunFolder[]): string =>
  `${runs
    .slice(0, 3)
    .map(({ id }) => id)
    .join(', ')}${runs.length > 3 ? ', …' : ''}`;
