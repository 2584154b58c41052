/** The figures that a gate compares: of a run's log, or of the file in which they were committed. */
import { statSync } from 'node:fs';
import { Value } from '@sinclair/typebox/value';
import { parseJsonFile } from '../base/index.ts';
import { type GateFigure, isDeeper, MAX_DEPTH, RunFigures } from '../contract/index.ts';
import { readRegular } from '../disk/index.ts';
import { emptyReport, isWriterGone, type RunFolder } from '../log/index.ts';
import { CommandError } from './command-error.ts';
import { foundRun } from './found-run.ts';
import { warnOf } from './load-run.ts';
import { readLog } from './read-log.ts';
import { writeOutput } from './write-output.ts';

const MOST_BYTES = 2 ** 20;

/** Reads the run's log; what was wrong with it is printed. Throws the file system's error where it cannot be listed. */
export async function figuresOfRun(run: RunFolder): Promise<RunFigures> {
  const { GateReader } = await import('../analysis/index.ts');
  const reader = new GateReader();
  const report = emptyReport();
  const gone = isWriterGone(run.path);
  readLog(run.path, report, event => reader.take(event));
  warnOf(report);
  const figures = reader.figures(report, gone);
  return { ...figures, run: figures.run || run.id, name: run.labels.name ?? figures.name ?? run.name };
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** A run, or a file that `--save` wrote: one whose name ends in `.json` and is no `run.json`. Throws a CommandError. */
export async function baselineFigures(runs: string, ref: string): Promise<RunFigures> {
  const isRun = !ref.endsWith('.json') || /(^|[/\\])run\.json$/.test(ref);
  if (isRun) return figuresOfRun(foundRun(runs, ref));
  if (!isFile(ref))
    throw new CommandError(`There is no file ${ref}: make it with "esper check RUN --save ${ref}".`);
  let value: unknown;
  try {
    value = parseJsonFile(readRegular(ref, MOST_BYTES));
  } catch (error) {
    throw new CommandError(`${ref} cannot be read: ${(error as Error).message}.`);
  }
  if (isDeeper(value, MAX_DEPTH) || !Value.Check(RunFigures, value)) {
    const first = isDeeper(value, MAX_DEPTH) ? undefined : Value.Errors(RunFigures, value).First();
    const why = first === undefined ? '' : ` (${first.path || '/'}: ${first.message})`;
    throw new CommandError(
      `${ref} holds no figures of a run${why}: make it with "esper check RUN --save ${ref}".`,
    );
  }
  return value;
}

/** Bytes are whole. */
const rounded = (figure: GateFigure | null, digits: number): GateFigure | null => {
  if (figure === null) return null;
  const round = (value: number | null) => (value === null ? null : Number(value.toFixed(digits)));
  return { value: round(figure.value)!, low: round(figure.low), high: round(figure.high) };
};

/** Writes the figures to be committed: indented, with the digits that count. Throws a CommandError where the disk refuses. */
export function saveFigures(path: string, figures: RunFigures): void {
  const short: RunFigures = {
    ...figures,
    highestPeakBytes: rounded(figures.highestPeakBytes, 0),
    usualPeakBytes: rounded(figures.usualPeakBytes, 0),
    highestReservedBytes: rounded(figures.highestReservedBytes, 0),
    tookMs: rounded(figures.tookMs, 3),
    lostFraction: rounded(figures.lostFraction, 6),
  };
  writeOutput(path, `${JSON.stringify(short, null, 2)}\n`);
}
