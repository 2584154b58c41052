/** The run that a command is asked for; what is wrong with its manifest is reported by every command alike. */
import { type RunFolder, ranksIn, resolveRun } from '../log/index.ts';
import { CommandError } from './command-error.ts';
import { sayError } from './say.ts';

/** Throws as {@link resolveRun} and {@link listedFolder}. */
export const foundRun = (runs: string, ref: string): RunFolder => listedFolder(resolveRun(runs, ref));

/** Throws a CommandError where the run's folder cannot be listed. A run without a manifest is as good as any. */
export function listedFolder(run: RunFolder): RunFolder {
  try {
    ranksIn(run.path);
  } catch (error) {
    throw new CommandError(run.problem ?? `${run.id} cannot be read: ${(error as Error).message}.`);
  }
  if (run.problem !== null && !run.lacksManifest) sayError(`esper: ${run.problem}`);
  return run;
}
