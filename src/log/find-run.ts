/** From what a person types (an id, the start of one, a name, `latest`) to a run's folder. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openRun, type RunFolder } from './run-folder.ts';

/** No run, or more than one, fits. The message is one sentence that says what to do. */
export class RunNotFoundError extends Error {
  override name = 'RunNotFoundError';
}

/**
 * All runs in a folder, newest first; none where the folder does not exist. Broken runs are listed with their
 * `problem`; what is no run is left out.
 */
export function listRuns(runs: string): RunFolder[] {
  let names: string[];
  try {
    names = readdirSync(runs);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .map(name => openRun(join(runs, name)))
    .filter(run => run !== null)
    .sort((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? 1 : -1));
}

/**
 * The run that `ref` means: `latest`, an id, a name (the newest of that name), or the start of exactly one id.
 * Throws {@link RunNotFoundError}.
 */
export function resolveRun(runs: string, ref: string): RunFolder {
  const all = listRuns(runs);
  const newest = all[0];
  if (newest === undefined)
    throw new RunNotFoundError(`There are no runs in ${runs}: start one with "esper demo", or give --runs.`);
  if (ref === 'latest') return newest;
  const exact = all.find(run => run.id === ref) ?? all.find(run => run.name === ref);
  if (exact !== undefined) return exact;
  const fits = ref === '' ? [] : all.filter(run => run.id.startsWith(ref));
  if (fits.length === 1) return fits[0]!;
  if (fits.length === 0)
    throw new RunNotFoundError(
      `There is no run "${ref}" in ${runs}: the newest is ${newest.id}, and "esper runs" lists all.`,
    );
  const some = fits.slice(0, 3).map(run => run.id);
  throw new RunNotFoundError(
    `"${ref}" fits ${fits.length} runs (${some.join(', ')}${fits.length > 3 ? ', …' : ''}): give more of the id.`,
  );
}
