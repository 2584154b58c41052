/** `esper runs`: every run, newest first. */
import { Command } from 'commander';
import { listRuns, type RunFolder, stateOf } from '../log/index.ts';
import { skimRun } from './load-run.ts';
import { integer, jsonOption, runsOption } from './options.ts';

interface Row {
  id: string;
  name: string;
  createdMs: number;
  /** waiting, running, completed, interrupted, failed; or "gone": its writer died without a goodbye. */
  state: string;
  task: string | null;
  batch: number | null;
  maxBatches: number | null;
  episodicReturn: number | null;
  memoryUsagePercent: number | null;
  problem: string | null;
}

function rowOf(run: RunFolder): Row {
  const snapshot = skimRun(run.path);
  const { infrastructure, ppo, batch, maxBatches, step, maxSteps } = snapshot.tamiyo;
  return {
    id: run.id,
    name: run.name,
    createdMs: run.createdMs,
    state: stateOf(run.path, snapshot),
    task: snapshot.run.task ?? run.manifest?.task ?? null,
    batch: batch ?? step,
    maxBatches: maxBatches ?? maxSteps,
    episodicReturn: ppo.episodicReturn,
    memoryUsagePercent:
      infrastructure.memoryStatus === 'unmeasured' ? null : infrastructure.memoryUsagePercent,
    problem: run.problem,
  };
}

const columns: [string, (row: Row) => string][] = [
  ['RUN', row => row.id],
  ['STATE', row => row.state],
  ['TASK', row => row.task ?? '–'],
  [
    'BATCH',
    row =>
      row.batch === null ? '–' : row.maxBatches === null ? `${row.batch}` : `${row.batch}/${row.maxBatches}`,
  ],
  ['RETURN', row => row.episodicReturn?.toFixed(1) ?? '–'],
  ['MEM', row => (row.memoryUsagePercent === null ? '–' : `${row.memoryUsagePercent.toFixed(0)}%`)],
];

function table(rows: Row[]): string {
  const cells = [columns.map(([title]) => title), ...rows.map(row => columns.map(([, text]) => text(row)))];
  const widths = columns.map((_, i) => Math.max(...cells.map(line => line[i]!.length)));
  return cells
    .map(line =>
      line
        .map((text, i) => text.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export const runsCommand = () =>
  new Command('runs')
    .summary('list the runs, newest first')
    .description(
      'Lists the runs of a folder, newest first. State "gone": the trainer died without saying goodbye.',
    )
    .addOption(runsOption())
    .option('-n, --last <n>', 'only the newest n', integer('--last'))
    .addOption(jsonOption('one array of runs'))
    .addHelpText(
      'after',
      '\nExample:\n  esper runs --json | jq -r \'.[] | select(.state == "failed") | .id\'',
    )
    .action((options: { runs: string; last?: number; json?: boolean }) => {
      const rows = listRuns(options.runs).slice(0, options.last).map(rowOf);
      if (options.json) console.log(JSON.stringify(rows, null, 2));
      else if (rows.length === 0) console.log(`No runs in ${options.runs}. Start one: esper demo`);
      else console.log(table(rows));
      for (const { problem } of rows) if (problem) console.error(`esper: ${problem}`);
    });
