/** `esper compare`: what changed from one run to another, or between groups of runs, and what may be chance. */
import { Command } from 'commander';
import { emptyReport, type RunFolder, resolveRuns } from '../log/index.ts';
import { CommandError } from './command-error.ts';
import { compareRunGroups, type GroupOptions, groupFigureNamed } from './compare-groups.ts';
import { listedFolder } from './found-run.ts';
import { warnOf } from './load-run.ts';
import { runsOption } from './options.ts';
import { checkPresentation, present, withPresentation } from './present.ts';
import { readLog } from './read-log.ts';
import { withRunName } from './run-report.ts';
import { VERSION } from './version.ts';

async function read(folder: RunFolder) {
  const { Comparand } = await import('../analysis/index.ts');
  const run = new Comparand();
  const report = emptyReport();
  readLog(folder.path, report, event => run.take(event));
  warnOf(report);
  return { run, report: withRunName(run.report(report), folder), config: folder.manifest?.config ?? {} };
}

export const compareCommand = () =>
  withPresentation(new Command('compare'), 'the RunComparison, or the GroupComparison')
    .description(
      'Compares two runs, update by update: memory, time, and learning at equal numbers of updates. Each ' +
        'change carries the interval that holds the true one in 99 of 100 cases; where it may be none, "no evidence of a ' +
        'change" is the answer. Configuration that differs is listed.\n' +
        'Patterns that several runs fit are groups, in which each run is one sample, as seeds are: their means with intervals, what differs in ' +
        'configuration, the best and its evidence. One pattern alone is a sweep: its runs are grouped by configuration, seeds aside.\n' +
        'Exit status: 0 they were compared, whatever came of it; 1 they could not be.',
    )
    .argument('<a>', 'the one run: id, start of an id, name, or "latest"; or a pattern such as lr3e-4*')
    .argument('[others...]', 'the other, changes are from A to B; or the patterns of other groups')
    .option(
      '--by <figure>',
      'of groups: what decides the best: return, loss, peak, time, steps, lost',
      groupFigureNamed,
    )
    .option(
      '--ignore <key>',
      'of a sweep: configuration that parts no groups, as seeds; may be given several times',
      (key: string, before: string[]) => [...before, key],
      [],
    )
    .addOption(runsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  esper compare before after\n' +
        '  esper compare before latest --json | jq \'.figures[] | select(.status == "changed") | {figure, relative}\'\n' +
        '  esper compare "lr3e-4*" "lr3e-3*" --by return\n  esper compare "sweep*"',
    )
    .action(async (first: string, others: string[], options: GroupOptions & { runs: string }) => {
      checkPresentation(options);
      const given = [first, ...others].map(label => ({
        label,
        runs: resolveRuns(options.runs, label, true),
      }));
      const [a, b] = given.every(({ runs }) => runs.length === 1) ? given.map(({ runs }) => runs[0]!) : [];
      if (given.length === 1 && a !== undefined)
        throw new CommandError('Compare it with which? Give another run, or a pattern for a group of runs.');
      if (given.length !== 2 || a === undefined || b === undefined) {
        await compareRunGroups(given, options);
        return;
      }
      for (const run of [a, b]) listedFolder(run);
      const { compareRuns } = await import('../analysis/index.ts');
      const { comparisonDocument } = await import('../report/index.ts');
      const comparison = compareRuns(await read(a), await read(b));
      const context = { nowMs: Date.now(), timeZone: null, version: VERSION };
      await present(comparison, () => comparisonDocument(comparison, context), options, `${a.id}-${b.id}`);
    });
