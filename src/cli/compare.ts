/** `esper compare`: what changed from one run to another, and what may be chance. */
import { Command } from 'commander';
import { emptyReport, type RunFolder } from '../log/index.ts';
import { foundRun } from './found-run.ts';
import { warnOf } from './load-run.ts';
import { runsOption } from './options.ts';
import { checkPresentation, type PresentOptions, present, withPresentation } from './present.ts';
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
  withPresentation(new Command('compare'), 'the RunComparison')
    .description(
      'Compares two runs, update by update: memory, time, and learning at equal numbers of updates. Each ' +
        'change carries the interval that holds the true one in 99 of 100 cases; where it may be none, "no evidence of a ' +
        'change" is the answer. Configuration that differs is listed.\n' +
        'Exit status: 0 they were compared, whatever came of it; 1 they could not be.',
    )
    .argument('<a>', 'the one run: id, start of an id, name, or "latest"')
    .argument('<b>', 'the other: changes are from A to B')
    .addOption(runsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  esper compare before after\n' +
        '  esper compare before latest --json | jq \'.figures[] | select(.status == "changed") | {figure, relative}\'',
    )
    .action(async (refA: string, refB: string, options: PresentOptions & { runs: string }) => {
      checkPresentation(options);
      const [a, b] = [foundRun(options.runs, refA), foundRun(options.runs, refB)];
      const { compareRuns } = await import('../analysis/index.ts');
      const { comparisonDocument } = await import('../report/index.ts');
      const comparison = compareRuns(await read(a), await read(b));
      const context = { nowMs: Date.now(), timeZone: null, version: VERSION };
      await present(comparison, () => comparisonDocument(comparison, context), options, `${a.id}-${b.id}`);
    });
