/** `esper export`: a run's figures, update by update, as CSV or as an event file of TensorBoard. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { printable } from '../base/index.ts';
import { makeFolder, writeFully } from '../disk/index.ts';
import { eventFileHead, scalarRecord } from '../export/index.ts';
import { emptyReport, type LoggedEvent, type ReadReport, type RunFolder } from '../log/index.ts';
import { type ChartPoint, PointReader } from '../serve/index.ts';
import { CommandError } from './command-error.ts';
import { foundRun } from './found-run.ts';
import { warnOf } from './load-run.ts';
import { runArgument, runsOption } from './options.ts';
import { readLog } from './read-log.ts';
import { say, sayError } from './say.ts';

interface RankedPoint extends ChartPoint {
  rank: number;
}

/** Hands on every update of the run with the figures that were logged after it. Throws the file system's error. */
function eachPoint({ path }: RunFolder, report: ReadReport, take: (point: RankedPoint) => void): void {
  const ranks = new Map<number, { reader: PointReader; held: RankedPoint | null }>();
  readLog(path, report, (event: LoggedEvent) => {
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
  for (const { held } of ranks.values()) if (held !== null) take(held);
}

const cell = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Columns are known only at the end of the log: it is read twice. */
function writeCsv(run: RunFolder, report: ReadReport, write: (text: string) => void): number {
  const names = new Set<string>();
  eachPoint(run, emptyReport(), ({ figures }) => {
    for (const name of Object.keys(figures)) names.add(name);
  });
  write(`${['rank', 'batch', 'timeMs', ...names].map(name => cell(printable(name))).join(',')}\n`);
  let rows = 0;
  eachPoint(run, report, ({ rank, batch, timeMs, figures }) => {
    write(`${[rank, batch, timeMs, ...[...names].map(name => figures[name] ?? '')].join(',')}\n`);
    rows++;
  });
  return rows;
}

/** Ranks beyond the first stand under `rank1/`. */
function writeEvents(run: RunFolder, report: ReadReport, folder: string): string {
  makeFolder(folder);
  const file = join(folder, `events.out.tfevents.${Math.floor(run.createdMs / 1000)}.${run.id}.esper`);
  const fd = openSync(file, 'w');
  try {
    writeFully(fd, eventFileHead(run.createdMs));
    eachPoint(run, report, ({ rank, batch, timeMs, figures }) => {
      const named = Object.entries(figures).map(([name, value]) => [
        rank === 0 ? name : `rank${rank}/${name}`,
        value,
      ]);
      writeFully(fd, scalarRecord(timeMs, Math.max(0, batch), Object.fromEntries(named)));
    });
  } finally {
    closeSync(fd);
  }
  return file;
}

/** Characters that are gathered before they are written. */
const GATHERED = 64 * 1024;

/** A file is written while the log is read; a disk that refuses is reported. */
function csvTo(out: string | undefined, run: RunFolder, report: ReadReport): number {
  const fd = out === undefined ? null : openSync(out, 'w');
  let text = '';
  const flush = () => {
    if (fd === null) process.stdout.write(text);
    else writeFully(fd, text);
    text = '';
  };
  try {
    const rows = writeCsv(run, report, line => {
      text += line;
      if (text.length >= GATHERED) flush();
    });
    flush();
    return rows;
  } finally {
    if (fd !== null) closeSync(fd);
  }
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
        if (tensorboard !== undefined) say(writeEvents(run, report, tensorboard));
        else {
          const rows = csvTo(out, run, report);
          if (out !== undefined) sayError(`esper: ${rows} updates are in ${out}.`);
        }
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE') return;
        throw new CommandError(`${run.id} cannot be exported: ${message}.`);
      }
      warnOf(report);
    });
