/** `esper query`: a question in SQL to any number of runs, answered by DuckDB. Nothing is imported, and nothing is written. */
import { Command } from 'commander';
import { alarmFigures } from '../alarms/index.ts';
import { isUnknown, type TrainingStarted } from '../contract/index.ts';
import {
  emptyReport,
  listRuns,
  namesIn,
  noRuns,
  passedOver,
  type ReadReport,
  type RunFolder,
  readRun,
  resolveRuns,
} from '../log/index.ts';
import { RunTables, type RunValues, tablesNamed } from '../query/index.ts';
import { type ListedRun, RunMemory } from '../runs/index.ts';
import { CommandError } from './command-error.ts';
import { warnOf } from './load-run.ts';
import { openedDatabase } from './opened-database.ts';
import { jsonOption, runsOption } from './options.ts';
import { writeAnswer } from './query-answer.ts';
import { readLog } from './read-log.ts';
import { sayError } from './say.ts';
import { VERSION } from './version.ts';

/** Figures that a row of `runs` has as well: those of {@link ListedRun.figures}. */
const numbersAtTheEnd = [...alarmFigures.values()]
  .filter(({ type }) => type === 'number')
  .map(({ name }) => name);

interface QueryOptions {
  runs: string;
  json?: boolean;
  csv?: boolean;
}

export const queryCommand = () =>
  new Command('query')
    .description(
      'Answers a question in SQL (DuckDB) to the logs of runs, without an import. Views: runs, a row a run; updates, a row an update of a ' +
        'rank with the learner’s figures and your own ("own/accuracy"); devices, a row an update of a device with its memory; events, a row ' +
        'an event with its data as JSON. Columns are named as in "esper records list"; bytes, milliseconds and shares are numbers, and what was not ' +
        'measured is NULL. "DESCRIBE updates" lists them. A question reads what the views hold and no file, and writes none.',
    )
    .argument('<sql>', 'the question')
    .argument(
      '[run...]',
      'ids, starts of ids, names, patterns, paths, or "latest"; default: all that are not archived',
    )
    .addOption(runsOption())
    .addOption(jsonOption('an array of objects'))
    .option('--csv', 'print comma-separated values')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  esper query "SELECT name, verdict, peakBytes FROM runs ORDER BY peakBytes DESC"\n' +
        '  esper query "SELECT batch, episodicReturn FROM updates WHERE batch % 100 = 0" latest --csv\n' +
        '  esper query "SELECT run, max(pressureFraction) FROM devices GROUP BY run" \'lr3e-4*\' --json',
    )
    .action(query);

function foundRuns(folder: string, refs: readonly string[]): RunFolder[] {
  if (refs.length > 0) {
    const groups = refs.map(ref => resolveRuns(folder, ref, true));
    return [...new Map(groups.flat().map(run => [run.path, run])).values()];
  }
  const all = listRuns(folder);
  if (all.length === 0) throw new CommandError(`${noRuns(folder)}.`);
  return all.filter(run => !run.labels.archived);
}

async function query(sql: string, refs: readonly string[], options: QueryOptions): Promise<void> {
  if (options.json && options.csv) throw new CommandError('--json and --csv exclude each other.');
  const runs = foundRuns(options.runs, refs);
  const database = await openedDatabase('esper query');
  try {
    const wanted = tablesNamed(sql);
    const tables = new RunTables(database, wanted, numbersAtTheEnd);
    await tables.create();
    if (wanted.has('runs')) for (const values of runValues(options.runs, runs)) await tables.addRun(values);
    for (const run of runs) {
      const report = emptyReport();
      try {
        await tables.addLog(run, readRun(run.path, report));
      } catch (error) {
        throw new CommandError(`${run.id} cannot be read: ${(error as Error).message}.`);
      }
      warnOnce(run, report);
    }
    await tables.end();
    await database.lock();
    try {
      await writeAnswer(await database.connection.stream(sql), options);
    } catch (error) {
      throw new CommandError(`The query cannot be answered: ${oneLine((error as Error).message)}`);
    }
  } finally {
    database.close();
  }
}

/** Of several runs each has its own line. */
function warnOnce({ id }: RunFolder, report: ReadReport): void {
  if (report.unreadable > 0) warnOf(report);
  const lines = passedOver(report);
  if (lines !== null && report.unreadable === 0) sayError(`esper: ${id}: ${lines}`);
}

/** DuckDB's message without the drawing of the place, which is lost where lines are joined. */
const oneLine = (message: string): string =>
  message
    .split('\n')
    .filter(line => line.trim() !== '' && !/^(LINE \d+:| *\^)/.test(line))
    .join(' ')
    .trim();

/** Rows of `runs`: read again only where a run has changed since. */
function* runValues(folder: string, runs: readonly RunFolder[]): Generator<RunValues> {
  const memory = new RunMemory(folder, VERSION);
  for (const run of runs) {
    const known = memory.row(run.id, run.path);
    const row = known !== undefined && known.verdict !== null ? known : memory.read(run, true, readLog);
    yield valuesOf(run, row, startOf(run));
  }
  memory.save(new Set(namesIn(folder, name => memory.has(name))));
}

/** What the log's first events hold of the process; nothing where they cannot be read. */
function startOf({ path }: RunFolder): TrainingStarted {
  try {
    for (const events of readRun(path)) {
      const started = events.find(event => event.type === 'TRAINING_STARTED');
      if (started !== undefined && !isUnknown(started) && started.type === 'TRAINING_STARTED')
        return started.data;
      if (events.length > 0) break;
    }
  } catch {
    // The reading of the row has reported it.
  }
  return {};
}

const json = (value: object | undefined): string | null =>
  value === undefined || Object.keys(value).length === 0 ? null : JSON.stringify(value);

function valuesOf(run: RunFolder, row: ListedRun, started: TrainingStarted): RunValues {
  const { seed } = row.config;
  return {
    run: row.id,
    name: row.name,
    state: row.state,
    algorithm: started.algorithm ?? run.manifest?.algorithm ?? null,
    task: row.task,
    created: row.createdMs,
    durationMs: row.durationMs,
    batch: row.batch,
    maxBatches: row.maxBatches,
    verdict: row.verdict?.kind ?? null,
    confidence: row.verdict?.confidence ?? null,
    peakBytes: row.peakBytes,
    seed: typeof seed === 'number' ? seed : null,
    host: started.hostname ?? null,
    device: started.device ?? null,
    versions: json(started.versions),
    config: json(row.config),
    tags: row.tags.length === 0 ? null : row.tags.join(','),
    note: row.note,
    archived: row.archived ? 1 : 0,
    path: run.path,
    ...row.figures,
  };
}
