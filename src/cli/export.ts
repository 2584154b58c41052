/** `esper export`: a run's figures, update by update, as CSV, as Parquet, or as an event file of TensorBoard. */
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { makeFolder, writeFully, writeWholeInSteps } from '../disk/index.ts';
import { eventFileHead, scalarRecord } from '../export/index.ts';
import { emptyReport, type LoggedEvent, type ReadReport, type RunFolder, readRun } from '../log/index.ts';
import { type RunPoint, RunPoints, writeParquet } from '../query/index.ts';
import { CommandError } from './command-error.ts';
import { csvCell } from './csv.ts';
import { foundRun } from './found-run.ts';
import { warnOf } from './load-run.ts';
import { openedDatabase } from './opened-database.ts';
import { runArgument, runsOption } from './options.ts';
import { isClosed } from './output.ts';
import { readLogParts } from './read-log.ts';
import { say, sayError } from './say.ts';
import { notWritten } from './write-output.ts';

/**
 * Hands on every update of the run with the figures that were logged after it, a part of the log at each step. Throws the file system's error, and a
 * CommandError where nothing of the log could be read: no file is replaced by an empty one.
 */
function* eachPoint(
  run: RunFolder,
  report: ReadReport,
  take: (point: RunPoint) => void,
): Generator<undefined> {
  const points = new RunPoints(take);
  for (const events of readLogParts(run.path, report)) {
    for (const event of events) points.take(event);
    yield;
  }
  if (!points.hasEvents && report.unreadable > 0) throw notExported(run, report);
  points.end();
}

function notExported({ id }: RunFolder, { problems }: ReadReport): CommandError {
  const reason = problems.find(({ line }) => line === null)?.reason ?? 'its log cannot be read';
  return new CommandError(`${id} cannot be exported: ${reason}.`);
}

/**
 * Columns are known only at the end of the log: it is read twice. What a run that goes on writes meanwhile is left out, as it would be
 * had it come a little later. Written step by step.
 * @param report counts what is read
 * @returns rows
 */
export function* csvSteps(
  run: RunFolder,
  report: ReadReport,
  write: (text: string) => void,
): Generator<undefined, number> {
  const names = new Set<string>();
  const last = new Map<number, number>();
  yield* eachPoint(run, emptyReport(), ({ rank, lastSeq, figures }) => {
    for (const name of Object.keys(figures)) names.add(name);
    last.set(rank, lastSeq);
  });
  write(`${['rank', 'batch', 'timeMs', ...names].map(csvCell).join(',')}\n`);
  let text = '';
  let rows = 0;
  yield* eachPoint(run, report, ({ rank, firstSeq, batch, timeMs, figures }) => {
    if (firstSeq > (last.get(rank) ?? -1)) return;
    text += `${[rank, batch, timeMs, ...[...names].map(name => figures[name] ?? '')].join(',')}\n`;
    rows++;
    if (text.length < GATHERED) return;
    write(text);
    text = '';
  });
  write(text);
  return rows;
}

/** Ranks beyond the first stand under `rank1/`. */
async function writeEvents(run: RunFolder, report: ReadReport, folder: string): Promise<string> {
  const id = run.id.replaceAll('/', '-');
  const file = join(folder, `events.out.tfevents.${Math.floor(run.createdMs / 1000)}.${id}.esper`);
  await toFile(file, function* (fd) {
    writeFully(fd, eventFileHead(run.createdMs));
    yield* eachPoint(run, report, ({ rank, batch, timeMs, figures }) => {
      const named = Object.entries(figures).map(([name, value]) => [
        rank === 0 ? name : `rank${rank}/${name}`,
        value,
      ]);
      writeFully(fd, scalarRecord(timeMs, Math.max(0, batch), Object.fromEntries(named)));
    });
  });
  return file;
}

/** Characters that are gathered before they are written. */
const GATHERED = 64 * 1024;

/** Replaces the file once the whole log is in it, and not where the disk refuses. Written while the log is read. */
async function toFile(path: string, steps: (fd: number) => Iterable<unknown>): Promise<void> {
  try {
    await writeWholeInSteps(path, steps);
  } catch (error) {
    if (error instanceof CommandError || isClosed(error as NodeJS.ErrnoException)) throw error;
    throw notWritten(path, error);
  }
}

function makeOutputFolder(path: string): void {
  try {
    makeFolder(path);
  } catch (error) {
    throw notWritten(path, error);
  }
}

async function csvTo(out: string | undefined, run: RunFolder, report: ReadReport): Promise<number> {
  if (out === undefined) {
    const steps = csvSteps(run, report, text => process.stdout.write(text));
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }
  let rows = 0;
  await toFile(out, function* (fd) {
    rows = yield* csvSteps(run, report, text => writeFully(fd, text));
  });
  return rows;
}

/** Throws a CommandError where DuckDB is not installed, or the disk refuses. @returns rows */
async function parquetTo(out: string, run: RunFolder, report: ReadReport): Promise<number> {
  const database = await openedDatabase('A Parquet file');
  try {
    const batches = notEmpty(run, report, readRun(run.path, report));
    return (await writeParquet(database, out, batches)).rows;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw notWritten(out, error);
  } finally {
    database.close();
  }
}

/** The batches; throws a CommandError at their end where nothing could be read: no file is replaced by an empty one. */
function* notEmpty(
  run: RunFolder,
  report: ReadReport,
  batches: Iterable<LoggedEvent[]>,
): Generator<LoggedEvent[]> {
  let hasEvents = false;
  for (const batch of batches) {
    hasEvents ||= batch.length > 0;
    yield batch;
  }
  if (!hasEvents && report.unreadable > 0) throw notExported(run, report);
}

interface ExportOptions {
  runs: string;
  csv?: boolean;
  format?: 'csv' | 'parquet';
  tensorboard?: string;
  out?: string;
}

/** What is asked for. Throws a CommandError where it is not one thing. */
function formOf({ csv, format, tensorboard, out }: ExportOptions): 'csv' | 'parquet' | 'tensorboard' {
  if (tensorboard !== undefined) {
    if (csv || format !== undefined || out !== undefined)
      throw new CommandError('--tensorboard stands without --csv, --format and --out.');
    return 'tensorboard';
  }
  if (csv && format === 'parquet') throw new CommandError('--csv and --format parquet exclude each other.');
  const form = format ?? (csv || !out?.endsWith('.parquet') ? 'csv' : 'parquet');
  if (form === 'parquet' && out === undefined)
    throw new CommandError('Parquet is written to a file: give --out run.parquet.');
  return form;
}

export const exportCommand = () =>
  new Command('export')
    .description(
      'Writes the figures of a run, update by update, for other programs: learning figures by their names in the records, those of a device as ' +
        'cuda:0/allocatedBytes, your own as own/accuracy; bytes, milliseconds and shares as numbers. What was not measured is left empty.',
    )
    .addArgument(runArgument())
    .option('--csv', 'comma-separated values, a row an update of a rank (the default)')
    .addOption(
      new Option(
        '--format <format>',
        'csv, or parquet: the same rows in typed columns (needs DuckDB); default: by the ending of --out',
      ).choices(['csv', 'parquet']),
    )
    .option('--tensorboard <dir>', 'an event file of TensorBoard in this folder')
    .option('--out <file>', 'of CSV: write there instead of printing; of Parquet: the file')
    .addOption(runsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  esper export latest --out run.csv\n  esper export latest --out run.parquet\n  esper export latest --tensorboard tb',
    )
    .action(exportRun);

async function exportRun(ref: string, options: ExportOptions): Promise<void> {
  const form = formOf(options);
  const { tensorboard, out } = options;
  const run = foundRun(options.runs, ref);
  const report = emptyReport();
  try {
    if (form === 'tensorboard') {
      makeOutputFolder(tensorboard!);
      say(await writeEvents(run, report, tensorboard!));
    } else {
      const rows = form === 'parquet' ? await parquetTo(out!, run, report) : await csvTo(out, run, report);
      if (out !== undefined) sayError(`esper: ${rows} updates are in ${out}.`);
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (isClosed(error as NodeJS.ErrnoException)) return;
    throw new CommandError(`${run.id} cannot be exported: ${(error as Error).message}.`);
  }
  warnOf(report);
}
