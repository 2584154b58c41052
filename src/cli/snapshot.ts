/** `esper snapshot`: everything a view would show, as JSON. */
import { Command } from 'commander';
import { RunAnalyser } from '../analysis/index.ts';
import { asLeft } from '../contract/index.ts';
import { emptyReport, isWriterGone, type LoggedEvent } from '../log/index.ts';
import { judgementOf, withJudgement } from '../present/index.ts';
import { foundRun } from './found-run.ts';
import { loadRun, warnOf } from './load-run.ts';
import { integer, jsonOption, runArgument, runsOption } from './options.ts';
import { sayJson } from './say.ts';

export const snapshotCommand = () =>
  new Command('snapshot')
    .description(
      'Reduces a run’s log to its SanctumSnapshot and prints it as JSON: the same values, judged in the same place, ' +
        'that Sanctum shows. Null means not measured.',
    )
    .addArgument(runArgument())
    .addOption(runsOption())
    .option('--at-batch <n>', 'the snapshot as it was when batch n had completed', integer('--at-batch', 0))
    .addOption(jsonOption('the snapshot on one line; the default is indented'))
    .addHelpText(
      'after',
      '\nExample:\n  esper snapshot latest --json | jq .tamiyo.infrastructure.memoryUsagePercent',
    )
    .action((ref: string, options: { runs: string; atBatch?: number; json?: boolean }) => {
      const report = emptyReport();
      const { path } = foundRun(options.runs, ref);
      const isNow = options.atBatch === undefined;
      // Looked at first: what was written before it is in what is read after it.
      const gone = isNow && isWriterGone(path);
      const analyser = new RunAnalyser();
      const take = (event: LoggedEvent) => analyser.take(event);
      const snapshot = asLeft(
        loadRun(path, report, options.atBatch ?? null, take),
        gone,
        report.unreadable === 0,
      );
      warnOf(report);
      const judged = withJudgement(snapshot, judgementOf(analyser.report(report), snapshot.run.state));
      sayJson(judged, options.json ? undefined : 2);
    });
