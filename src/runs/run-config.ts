/** The configuration that a run was started with: what its first event reports, and what `run.json` has beside it. */
import { flatConfig } from '../analysis/index.ts';
import { type RunFolder, readRun } from '../log/index.ts';

/** JSON of each value by its flat key: `optimizer.lr`. Only of `run.json` where the log cannot be read. */
export function configOf({ path, manifest }: RunFolder): Record<string, string> {
  let started: Record<string, unknown> = {};
  try {
    const [first = []] = readRun(path);
    const event = first.find(({ type }) => type === 'TRAINING_STARTED');
    if (event !== undefined) started = event.data as Record<string, unknown>;
  } catch {
    // What the folder cannot show is shown wherever the run is.
  }
  return Object.fromEntries(
    [...flatConfig(started, manifest?.config ?? {})].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
