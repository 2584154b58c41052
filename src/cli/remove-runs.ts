/** `esper rm`: removes runs from the disk; asks before, and never removes one that may still be written. */
import { renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Command } from 'commander';
import { amount, printable } from '../base/index.ts';
import { isWriterGone, type RunFolder, resolveRuns } from '../log/index.ts';
import { many } from '../present/index.ts';
import { folderBytes } from '../runs/index.ts';
import { ask, canAsk } from './ask.ts';
import { CommandError } from './command-error.ts';
import { runsOption } from './options.ts';
import { say } from './say.ts';

/** Runs that are named in the question. */
const NAMED = 20;

export const rmCommand = () =>
  new Command('rm')
    .description(
      'Removes runs from the disk with all that their folders hold, checkpoints too. It shows them with their sizes and asks; ' +
        'without a terminal it needs --yes. Runs that are written, or may be on another machine, are refused. "esper archive" only hides them.\n' +
        'Exit status: 0 they are gone; 1 nothing was removed.',
    )
    .argument('<run...>', 'ids, names, paths, or patterns such as debug*')
    .option('-y, --yes', 'do not ask')
    .addOption(runsOption())
    .addHelpText('after', '\nExamples:\n  esper rm 20261123-0312\n  esper rm --yes "debug*"')
    .action(async (refs: string[], { runs, yes }: { runs: string; yes?: boolean }) => {
      const found = new Map(refs.flatMap(ref => resolveRuns(runs, ref)).map(run => [run.path, run]));
      const all = [...found.values()];
      await removeRuns(all, yes === true);
    });

/**
 * Removes the runs for good, once someone agreed. Throws a CommandError where nobody did or can be asked, and where one is still
 * written; then nothing is removed.
 */
export async function removeRuns(all: readonly RunFolder[], isAgreed: boolean): Promise<void> {
  const live = all.filter(({ path }) => !isWriterGone(path));
  if (live.length > 0)
    throw new CommandError(
      `${live.map(({ id }) => id).join(', ')}: still written, or written on a machine that cannot be seen from here. Nothing was removed; "esper stop" ends a training.`,
    );
  const sizes = all.map(({ path }) => folderBytes(path));
  const whole = `${many(all.length, 'run')}, ${amount(sizes.reduce((sum, size) => sum + size, 0))}`;
  if (!isAgreed && !(await isSure(all, sizes, whole))) throw new CommandError('Nothing was removed.');
  for (const run of all) remove(run);
  say(`Removed ${whole}.`);
}

async function isSure(runs: readonly RunFolder[], sizes: readonly number[], whole: string): Promise<boolean> {
  if (!canAsk()) throw new CommandError(`${whole} would be removed: give --yes where nobody can be asked.`);
  for (const [i, { id, name }] of runs.slice(0, NAMED).entries())
    console.error(printable(`  ${id}  ${name}  ${amount(sizes[i]!)}`));
  if (runs.length > NAMED) console.error(`  and ${runs.length - NAMED} more`);
  return /^y(es)?$/i.test(await ask(`Remove ${whole} for good? [y/N] `));
}

/** Out of the list at once: a removal that is broken off leaves no half run behind. Throws a CommandError. */
function remove({ id, path }: RunFolder): void {
  const aside = join(dirname(path), `.removed-${basename(path)}`);
  try {
    renameSync(path, aside);
    rmSync(aside, { recursive: true, force: true });
  } catch (error) {
    throw new CommandError(`${id} cannot be removed: ${(error as Error).message}.`);
  }
}
