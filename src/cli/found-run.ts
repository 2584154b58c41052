/** The run that a command is asked for; what is wrong with its manifest is reported by every command alike. */
import { type RunFolder, resolveRun } from '../log/index.ts';
import { sayError } from './say.ts';

/** Throws as {@link resolveRun}. A run without a manifest is as good as any. */
export function foundRun(runs: string, ref: string): RunFolder {
  const run = resolveRun(runs, ref);
  if (run.problem !== null && !run.lacksManifest) sayError(`esper: ${run.problem}`);
  return run;
}
