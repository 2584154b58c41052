/** `esper report`: what the memory of a run did, what it cost, how close the end was, what it was, and what to try. */
import { Command } from 'commander';
import { foundRun } from './found-run.ts';
import { runArgument, runsOption } from './options.ts';
import { checkPresentation, type PresentOptions, present, withPresentation } from './present.ts';
import { reportOfRun } from './run-report.ts';
import { VERSION } from './version.ts';

export const reportCommand = () =>
  withPresentation(new Command('report'), 'the RunReport')
    .description(
      'Reads a run’s log, finished, failed or under way, and reports what its memory was found to be, how close the end was, what ' +
        'the allocator’s stalls cost, and what to try next, each with its evidence and how sure it is. Null and "not measured" ' +
        'are the same. HTML is one file without scripts that loads nothing and prints well; without --out it is written to the ' +
        'working folder, and its name printed.\n' +
        'Exit status: 0 it was reported, whatever the verdict; 1 it could not be.',
    )
    .addArgument(runArgument())
    .addOption(runsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  esper report latest\n  esper report latest --out report.html\n' +
        "  esper report latest --json | jq -r '.verdict.says'",
    )
    .action(async (ref: string, options: PresentOptions & { runs: string }) => {
      checkPresentation(options);
      const run = foundRun(options.runs, ref);
      const { runDocument } = await import('../report/index.ts');
      const report = await reportOfRun(run);
      const context = { nowMs: Date.now(), timeZone: null, version: VERSION };
      await present(report, () => runDocument(report, context), options, run.id);
    });
