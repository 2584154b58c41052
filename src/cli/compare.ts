/** `esper compare`: what changed from one run to another, or between groups of runs, and what may be chance. */
import { Command } from 'commander';
import type { GroupFigureName } from '../contract/index.ts';
import { resolveRuns } from '../log/index.ts';
import { compareGiven, groupFigureNamed } from '../runs/index.ts';
import { listedFolder } from './found-run.ts';
import { warnOf } from './load-run.ts';
import { RepeatableOption, runsOption } from './options.ts';
import { checkPresentation, type PresentOptions, present, withPresentation } from './present.ts';
import { readLog } from './read-log.ts';
import { VERSION } from './version.ts';

interface CompareCommandOptions extends PresentOptions {
  runs: string;
  by?: GroupFigureName;
  ignore?: string[];
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
      text => groupFigureNamed(text),
    )
    .addOption(
      new RepeatableOption('--ignore <key>', 'of a sweep: configuration that parts no groups, as seeds'),
    )
    .addOption(runsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  esper compare before after\n' +
        '  esper compare before latest --json | jq \'.figures[] | select(.status == "changed") | {figure, relative}\'\n' +
        '  esper compare "lr3e-4*" "lr3e-3*" --by return\n  esper compare "sweep*"',
    )
    .action(async (first: string, others: string[], options: CompareCommandOptions) => {
      checkPresentation(options);
      const given = [first, ...others].map(label => ({
        label,
        runs: resolveRuns(options.runs, label, true),
      }));
      for (const run of given.flatMap(({ runs }) => runs)) listedFolder(run);
      const { by = null, ignore = [] } = options;
      const compared = await compareGiven(given, { by, ignore, read: readLog, onRead: warnOf });
      const { comparisonDocument, groupsDocument } = await import('../report/index.ts');
      const context = { nowMs: Date.now(), timeZone: null, version: VERSION };
      if (compared.kind === 'groups') {
        const { comparison } = compared;
        await present(comparison, () => groupsDocument(comparison, context), options, 'groups');
      } else {
        const { comparison } = compared;
        const name = given.map(({ runs }) => runs[0]!.id).join('-');
        await present(comparison, () => comparisonDocument(comparison, context), options, name);
      }
    });
