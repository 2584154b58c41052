/** `esper export`: a run's figures, update by update, as CSV or as an event file of TensorBoard. */
import { join } from 'node:path';
import { Command } from 'commander';
import { makeFolder, writeFully, writeWhole } from '../disk/index.ts';
import { eventFileHead, scalarRecord } from '../export/index.ts';
import { emptyReport, type LoggedEvent, type ReadReport, type RunFolder } from '../log/index.ts';
import { type ChartPoint, PointReader } from '../serve/index.ts';
import { CommandError } from './command-error.ts';
import { csvCell } from './csv.ts';
import { foundRun } from './found-run.ts';
import { warnOf } from './load-run.ts';
import { runArgument, runsOption } from './options.ts';
import { isClosed } from './output.ts';
import { readLog } from './read-log.ts';
import { say, sayError } from './say.ts';
import { notWritten } from './write-output.ts';

interface RankedPoint extends ChartPoint {
  rank: number;
}

/**
 * Hands on every update of the run with the figures that were logged after it. Throws the file system's error, and a
 * CommandError where nothing of the log could be read: no file is replaced by an empty one.
 */
function eachPoint(run: RunFolder, report: ReadReport, take: (point: RankedPoint) => void): void {
  const ranks = new Map<number, { reader: PointReader; held: RankedPoint | null }>();
  readLog(run.path, report, (event: LoggedEvent) => {
    const { rank } = event;
    let state = ranks.get(rank);
    if (state === undefined) {
      state = { reader: new PointReader(true), held: null };
      ranks.set(rank, state);
    }
    state.reader.take(event);
    const point = state.reader.point(event);
    if (point !== null) {
      // An edge of a drawing, and no figure.
      for (const name of Object.keys(point.figures))
        if (name.endsWith('/strandedEdgeBytes')) delete point.figures[name];
      if (state.held !== null) take(state.held);
      state.held = { ...point, rank };
      return;
    }
    const late = state.reader.late(event, state.held?.batch ?? 0);
    if (late === null) return;
    if (state.held === null) state.held = { ...late, rank };
    else Object.assign(state.held.figures, late.figures);
  });
  if (ranks.size === 0 && report.unreadable > 0) {
    const reason = report.problems.find(({ line }) => line === null)?.reason ?? 'its log cannot be read';
    throw new CommandError(`${run.id} cannot be exported: ${reason}.`);
  }
  for (const { held } of ranks.values()) if (held !== null) take(held);
}

/** Columns are known only at the end of the log: it is read twice. */
function writeCsv(run: RunFolder, report: ReadReport, write: (text: string) => void): number {
  const names = new Set<string>();
  eachPoint(run, emptyReport(), ({ figures }) => {
    for (const name of Object.keys(figures)) names.add(name);
  });
  write(`${['rank', 'batch', 'timeMs', ...names].map(csvCell).join(',')}\n`);
  let rows = 0;
  eachPoint(run, report, ({ rank, batch, timeMs, figures }) => {
    write(`${[rank, batch, timeMs, ...[...names].map(name => figures[name] ?? '')].join(',')}\n`);
    rows++;
  });
  return rows;
}

/** Ranks beyond the first stand under `rank1/`. */
function writeEvents(run: RunFolder, report: ReadReport, folder: string): string {
  const file = join(folder, `events.out.tfevents.${Math.floor(run.createdMs / 1000)}.${run.id}.esper`);
  toFile(file, fd => {
    writeFully(fd, eventFileHead(run.createdMs));
    eachPoint(run, report, ({ rank, batch, timeMs, figures }) => {
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
function toFile(path: string, write: (fd: number) => void): void {
  try {
    writeWhole(path, write);
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

/** Rows in few writes. */
function gathered(run: RunFolder, report: ReadReport, write: (text: string) => void): number {
  let text = '';
  const rows = writeCsv(run, report, line => {
    text += line;
    if (text.length < GATHERED) return;
    write(text);
    text = '';
  });
  write(text);
  return rows;
}

function csvTo(out: string | undefined, run: RunFolder, report: ReadReport): number {
  if (out === undefined) return gathered(run, report, text => process.stdout.write(text));
  let rows = 0;
  toFile(out, fd => {
    rows = gathered(run, report, text => writeFully(fd, text));
  });
  return rows;
}

export const exportCommand = () =>
  new Command('export')
    .description(
      'Writes the figures of a run, update by update, for other programs: learning figures by their names in the records, those of a device as ' +
        'cuda:0/allocatedBytes, your own as own/accuracy; bytes, milliseconds and shares as numbers. What was not measured is left empty.',
    )
    .addArgument(runArgument())
    .option('--csv', 'comma-separated values, a row an update of a rank (the default)')
    .option('--tensorboard <dir>', 'an event file of TensorBoard in this folder')
    .option('--out <file>', 'of CSV: write there instead of printing')
    .addOption(runsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  esper export latest --out run.csv\n  esper export latest --tensorboard tb',
    )
    .action((ref: string, options: { runs: string; csv?: boolean; tensorboard?: string; out?: string }) => {
      const { tensorboard, out } = options;
      if (tensorboard !== undefined && (options.csv || out !== undefined))
        throw new CommandError('--tensorboard stands without --csv and --out.');
      const run = foundRun(options.runs, ref);
      const report = emptyReport();
      try {
        if (tensorboard !== undefined) {
          makeOutputFolder(tensorboard);
          say(writeEvents(run, report, tensorboard));
        } else {
          const rows = csvTo(out, run, report);
          if (out !== undefined) sayError(`esper: ${rows} updates are in ${out}.`);
        }
      } catch (error) {
        if (error instanceof CommandError) throw error;
        if (isClosed(error as NodeJS.ErrnoException)) return;
        throw new CommandError(`${run.id} cannot be exported: ${(error as Error).message}.`);
      }
      warnOf(report);
    });
