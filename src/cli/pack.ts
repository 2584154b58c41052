/** `esper pack`: a run's figures as Parquet beside its log, and, where asked for, the log compressed. Everything goes on reading them. */
import { rmSync, statSync } from 'node:fs';
import { Command } from 'commander';
import { amount } from '../base/index.ts';
import {
  eventsFile,
  isPackedLog,
  isWriterGone,
  logBytes,
  packLog,
  type RunFolder,
  ranksIn,
  removePlain,
  resolveRuns,
  storedBytes,
  unpackLog,
} from '../log/index.ts';
import { areFiguresCurrent, type Database, figuresFile, packFigures } from '../query/index.ts';
import { CommandError } from './command-error.ts';
import { openedDatabase } from './opened-database.ts';
import { runsOption } from './options.ts';
import { say } from './say.ts';

interface PackOptions {
  runs: string;
  /** Undefined where neither option is given. */
  keep?: boolean;
  undo?: boolean;
}

export const packCommand = () =>
  new Command('pack')
    .description(
      'Packs runs that have ended: writes figures.parquet beside each log, a row an update of a rank, and compares every value with the log. With ' +
        '--no-keep the log itself is compressed as well, compared byte for byte, and the plain one removed: every command goes on ' +
        'reading it, as zcat does. Runs that are written, or may be on another machine, are refused. Needs DuckDB.\n' +
        'Exit status: 0 they are packed; 1 one of them is not, and is as it was.',
    )
    .argument('<run...>', 'ids, names, paths, or patterns such as lr3e-4*')
    .option('--keep', 'keep the plain log (the default)')
    .option('--no-keep', 'compress the log, and remove the plain one')
    .option('--undo', 'make a plain log of a compressed one again, and remove figures.parquet')
    .addOption(runsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  esper pack latest\n  esper pack --no-keep "lr3e-4*"\n  esper pack --undo latest',
    )
    .action(pack);

async function pack(refs: readonly string[], { runs, keep = true, undo }: PackOptions): Promise<void> {
  if (undo && !keep) throw new CommandError('--undo and --no-keep exclude each other.');
  const all = [
    ...new Map(refs.flatMap(ref => resolveRuns(runs, ref, true)).map(run => [run.path, run])).values(),
  ];
  const bare = all.filter(({ path }) => ranksIn(path).length === 0);
  if (bare.length > 0)
    throw new CommandError(`${bare.map(({ id }) => id).join(', ')}: there is no log. Nothing was packed.`);
  const live = all.filter(({ path }) => !isWriterGone(path));
  if (live.length > 0)
    throw new CommandError(
      `${live.map(({ id }) => id).join(', ')}: still written, or written on a machine that cannot be seen from here. Nothing was packed.`,
    );
  if (undo) {
    for (const run of all) await guarded(run, 'unpacked', () => unpack(run));
    return;
  }
  const database = await openedDatabase('esper pack');
  try {
    for (const run of all) await guarded(run, 'packed', () => packRun(database, run, keep));
  } finally {
    database.close();
  }
}

/** Throws a CommandError of one sentence. */
async function guarded({ id }: RunFolder, what: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    throw new CommandError(`${id} cannot be ${what}: ${(error as Error).message}.`);
  }
}

async function packRun(database: Database, run: RunFolder, isKept: boolean): Promise<void> {
  const { id, path } = run;
  const logs = ranksIn(path).map(rank => eventsFile(path, rank));
  if (!(await areFiguresCurrent(database, path))) await packFigures(database, run);
  const plain = logs.filter(log => !isPackedLog(log));
  if (!isKept) {
    for (const log of plain) await packLog(log);
    for (const log of plain) removePlain(log);
  }
  const figures = statSync(figuresFile(path)).size;
  const stored = logs.reduce((sum, log) => sum + storedBytes(log), 0);
  say(
    `${id}: log ${amount(logBytes(path))}, stored in ${amount(stored)}; figures.parquet ${amount(figures)}`,
  );
}

async function unpack({ id, path }: RunFolder): Promise<void> {
  const packed = ranksIn(path)
    .map(rank => eventsFile(path, rank))
    .filter(isPackedLog);
  for (const log of packed) await unpackLog(log);
  rmSync(figuresFile(path), { force: true });
  say(`${id}: log ${amount(logBytes(path))}`);
}
