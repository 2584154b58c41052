/** `esper runs`: every run, newest first. */
import { Command } from 'commander';
import { RunAnalyser } from '../analysis/index.ts';
import { columns as columnsOf, cut, printable, shortened } from '../base/index.ts';
import { type RunState, type SanctumSnapshot, stateWith } from '../contract/index.ts';
import { skimRun } from '../follow/index.ts';
import {
  emptyReport,
  isWriterGone,
  linksOut,
  listRuns,
  logBytes,
  noRuns,
  type ReadReport,
  type RunFolder,
} from '../log/index.ts';
import { duration, etaMs, headline, judgementOf, type RunJudgement } from '../present/index.ts';
import { commandLine } from './invocation.ts';
import { passedOver } from './load-run.ts';
import { integer, jsonOption, runsOption } from './options.ts';
import { readLog } from './read-log.ts';
import { say, sayError, sayJson } from './say.ts';

interface Row {
  id: string;
  name: string;
  createdMs: number;
  /** waiting, running, completed, interrupted, failed; "gone": its writer died without a last event; "unknown": how it ended is not recorded, or it cannot be read. */
  state: string;
  task: string | null;
  batch: number | null;
  maxBatches: number | null;
  episodicReturn: number | null;
  memoryUsagePercent: number | null;
  /** Milliseconds that it still needs; null where the total is not known, and once it has ended. */
  etaMs: number | null;
  /** Null of runs whose whole log was not read. */
  verdict: RunJudgement | null;
  problem: string | null;
}

/** A verdict rests on the whole log: of the newest runs it is made without being asked for, up to so many bytes of logs. */
const JUDGED_BYTES = 256 * 2 ** 20;

/** 0 of a run that cannot be read. */
function bytesOf({ path }: RunFolder): number {
  try {
    return logBytes(path);
  } catch {
    return 0;
  }
}

/** Of runs, newest first, how many the verdict is made of: always of the newest, and of all that were asked for by number. */
export function judgedOf(sizes: readonly number[], isAsked: boolean): number {
  if (isAsked) return sizes.length;
  let sum = 0;
  const beyond = sizes.findIndex((bytes, i) => {
    sum += bytes;
    return i > 0 && sum > JUDGED_BYTES;
  });
  return beyond === -1 ? sizes.length : beyond;
}

function verdictOf(
  run: RunFolder,
  state: RunState,
  snapshot: SanctumSnapshot,
  report: ReadReport,
): RunJudgement {
  const analyser = new RunAnalyser();
  readLog(run.path, report, event => analyser.take(event));
  return judgementOf(analyser.report(), state, snapshot);
}

/**
 * A run that cannot be read is a row with its problem: it hides no other.
 * @param whole counts what reading the whole log met
 */
function rowOf(run: RunFolder, isJudged: boolean, whole: ReadReport): Row {
  const report = emptyReport();
  try {
    const row = readRow(run, report, isJudged, whole);
    const unread = report.problems.find(({ line }) => line === null);
    if (report.unreadable === 0) return row;
    const problems = [row.problem, `${run.id} cannot be read: ${unread?.reason}.`];
    return { ...row, problem: problems.filter(text => text !== null).join(' ') };
  } catch (error) {
    const { id, name, createdMs, manifest } = run;
    const nothing = {
      batch: null,
      maxBatches: null,
      episodicReturn: null,
      memoryUsagePercent: null,
      etaMs: null,
    };
    const problem = run.problem ?? `${id} cannot be read: ${(error as Error).message}.`;
    return {
      id,
      name,
      createdMs,
      state: 'unknown',
      task: manifest?.task ?? null,
      ...nothing,
      verdict: null,
      problem,
    };
  }
}

function readRow(run: RunFolder, report: ReadReport, isJudged: boolean, whole: ReadReport): Row {
  const snapshot = skimRun(run.path, report);
  const state = stateWith(snapshot.run.state, isWriterGone(run.path), report.unreadable === 0);
  const { infrastructure, ppo, batch, maxBatches, step, maxSteps } = snapshot.tamiyo;
  return {
    id: run.id,
    name: run.name,
    createdMs: run.createdMs,
    state,
    task: snapshot.run.task ?? run.manifest?.task ?? null,
    batch: batch ?? step,
    maxBatches: maxBatches ?? maxSteps,
    episodicReturn: ppo.episodicReturn,
    memoryUsagePercent:
      infrastructure.memoryStatus === 'unmeasured' ? null : infrastructure.memoryUsagePercent,
    etaMs: state === 'running' ? etaMs(snapshot) : null,
    verdict: isJudged ? verdictOf(run, state, snapshot, whole) : null,
    problem: run.problem,
  };
}

/** Runs whose lines that were passed over are reported one by one. */
const SHOWN = 5;
/** Columns of a cell: an id has up to 69. */
const WIDEST = 72;
const VERDICT_COLUMNS = 64;

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
  ['ETA', row => (row.etaMs === null ? '–' : duration(row.etaMs))],
  [
    'VERDICT',
    row =>
      row.verdict === null
        ? row.problem === null
          ? 'not read'
          : '–'
        : headline(row.verdict, VERDICT_COLUMNS).text,
  ],
];

function table(rows: Row[]): string {
  const cells = [
    columns.map(([title]) => title),
    ...rows.map(row => columns.map(([, text]) => cut(printable(shortened(text(row), 4 * WIDEST)), WIDEST))),
  ];
  const widths = columns.map((_, i) =>
    cells.reduce((widest, line) => Math.max(widest, columnsOf(line[i]!)), 0),
  );
  return cells
    .map(line =>
      line
        .map((text, i) => text + ' '.repeat(widths[i]! - columnsOf(text)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export const runsCommand = () =>
  new Command('runs')
    .description(
      'Lists the runs of a folder, newest first, each with its verdict; those of older runs are left out where their logs are ' +
        'long, and a line reports it. State "gone": the trainer ended without a final event.',
    )
    .addOption(runsOption())
    .option('-n, --last <n>', 'only the newest n, with the verdict on each', integer('--last'))
    .addOption(jsonOption('one array of runs'))
    .addHelpText(
      'after',
      '\nExample:\n  esper runs --json | jq -r \'.[] | select(.state == "failed") | .id\'',
    )
    .action((options: { runs: string; last?: number; json?: boolean }) => {
      const runs = listRuns(options.runs).slice(0, options.last);
      const judged = judgedOf(runs.map(bytesOf), options.last !== undefined);
      const reports = runs.map(emptyReport);
      const rows = runs.map((run, at) => rowOf(run, at < judged, reports[at]!));
      if (options.json) sayJson(rows, 2);
      else if (rows.length === 0)
        say(`${noRuns(options.runs)}. Start one: ${commandLine('esper', ['demo'])}`);
      else console.log(table(rows));
      if (judged < runs.length) {
        const all = commandLine('esper', ['runs', '--last', String(runs.length)]);
        sayError(
          `esper: the logs of ${runs.length - judged} older runs were not read for a verdict; to read them: ${all}`,
        );
      }
      for (const { problem } of rows) if (problem) sayError(`esper: ${problem}`);
      const lines = reports.map(passedOver).filter(text => text !== null);
      for (const text of lines.slice(0, SHOWN)) sayError(`esper: ${text}`);
      if (lines.length > SHOWN)
        sayError(`esper: so in ${lines.length - SHOWN} more runs; "esper report RUN" has it of one`);
      for (const link of linksOut(options.runs))
        sayError(`esper: ${link} is a link and is not followed: give its path.`);
    });
