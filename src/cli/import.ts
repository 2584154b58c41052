/** `esper import`: what another tool recorded of a training that has ended becomes a run, as far as its files go. */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { count } from '../base/index.ts';
import { listRuns } from '../log/index.ts';
import { eventFilesOf, importWandb, TrainerLogParser, wandbFacts, watchEvents } from '../watch/index.ts';
import { CommandError } from './command-error.ts';
import { commandLine, runnable, runWord } from './invocation.ts';
import { jsonOption, runsOption } from './options.ts';
import { say, sayError, sayJson } from './say.ts';
import { WatchedRun } from './watched-run.ts';

interface Options {
  runs: string;
  name?: string;
  json?: boolean;
}

/** One training that was found under what was named. */
type Source = { from: 'W&B'; file: string } | { from: 'TensorBoard'; file: string; paths: string[] };

interface Imported {
  source: string;
  from: Source['from'];
  run: string;
  events: number;
}

/** Folders between the one that is named and a W&B file: `DIR/wandb/offline-run-…/run-….wandb`. */
const DEPTH = 2;

export const importCommand = () =>
  new Command('import')
    .description(
      'Makes runs of what other tools recorded: run folders of W&B (run-ID.wandb: what was logged, the configuration, and what its client measured of the devices), ' +
        'and TensorBoard’s event files. Figures are known by the names that "esper watch" knows, the others are kept as your own; what was not recorded is ' +
        'null. The configuration has "imported" with the file. A file is imported once.\n\n' +
        'A folder is searched for runs of W&B, and where it has none for event files. Exit status: 0 all were imported; 1 one could not be, ' +
        'which has its sentence, and the others were.',
    )
    .argument('<source...>', 'a folder of runs, the folder of one, or a file')
    .option('--name <name>', 'name of the run, where there is one; W&B’s or the folder’s otherwise')
    .addOption(runsOption())
    .addOption(jsonOption('what was imported'))
    .addHelpText(
      'after',
      '\nExamples:\n  esper import wandb/\n  esper import wandb/offline-run-20260102_030405-ab12cd34 --name baseline\n  esper import runs/CartPole__ppo__1/',
    )
    .action(importAll);

async function importAll(named: string[], options: Options): Promise<void> {
  const problems: string[] = [];
  const found = named.flatMap(source => {
    try {
      return sourcesOf(source);
    } catch (error) {
      problems.push((error as Error).message);
      return [];
    }
  });
  if (options.name !== undefined && found.length > 1)
    throw new CommandError(`--name is the name of one run, and ${count(found.length)} were found.`);
  const known = new Map(
    listRuns(options.runs).flatMap(({ id, manifest }) => {
      const { file } = (manifest?.config.imported ?? {}) as { file?: unknown };
      return typeof file === 'string' ? [[file, id] as const] : [];
    }),
  );
  const imported: Imported[] = [];
  for (const source of found)
    try {
      const file = realpathSync(source.file);
      const before = known.get(file);
      if (before !== undefined)
        throw new CommandError(
          `${source.file} was imported already, as ${before}: after "esper rm ${before}" it can be again.`,
        );
      const made =
        source.from === 'W&B' ? ofWandb(source.file, file, options) : await ofEvents(source, file, options);
      imported.push(made);
      known.set(file, made.run);
      if (!options.json)
        say(
          `${source.file}: ${count(made.events)} events, as ${made.run}. To look: ${commandLine('sanctum', [runWord(join(options.runs, made.run))])}`,
        );
    } catch (error) {
      problems.push((error as Error).message);
    }
  if (options.json) sayJson(imported);
  for (const problem of problems) sayError(`esper: ${runnable(problem)}`);
  if (problems.length > 0) process.exitCode = 1;
}

const notice = (text: string) => sayError(`esper: ${text}`);

/** The trainings under a path. Throws a CommandError where there are none. */
function sourcesOf(path: string): Source[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new CommandError(`${path} is not there.`);
  if (stat.isFile() && path.endsWith('.wandb')) return [{ from: 'W&B', file: path }];
  if (stat.isDirectory()) {
    const files = wandbFilesIn(path, DEPTH);
    if (files.length > 0) return files.map(file => ({ from: 'W&B', file }));
  }
  const paths = stat.isFile() || stat.isDirectory() ? eventFilesOf(path, notice) : null;
  if (paths === null)
    throw new CommandError(
      `${path} ${stat.isDirectory() ? 'has' : 'is'} neither a run of W&B (run-ID.wandb) nor an event file of TensorBoard: other logs are read by "esper watch FILE --no-follow".`,
    );
  return [{ from: 'TensorBoard', file: stat.isDirectory() ? dirname(paths[0]!) : path, paths }];
}

function wandbFilesIn(folder: string, depth: number): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return entry.name.endsWith('.wandb') ? [path] : [];
    return entry.isDirectory() && depth > 0 ? wandbFilesIn(path, depth - 1) : [];
  });
}

/** @param file the same, without links */
function ofWandb(path: string, file: string, options: Options): Imported {
  const facts = wandbFacts(path);
  const { problem, torn } = facts.end;
  if (facts.records + facts.samples === 0)
    throw new CommandError(
      `${path}: ${problem ?? 'nothing was logged in it'}${problem === null || facts.id === null ? '' : ', and nothing was logged before it'}; no run was made.`,
    );
  const name = options.name ?? facts.name ?? facts.id ?? basename(path, '.wandb');
  const beganMs = facts.startMs ?? Math.floor(statSync(path).mtimeMs);
  const run = new WatchedRun(options.runs, name, path, {
    config: { ...facts.config, imported: { from: 'W&B', file, id: facts.id } },
    createdMs: beganMs,
  });
  run.create();
  const { config } = run.folder!.manifest!;
  const events = written(run, path, () =>
    importWandb(path, { facts, name, config, beganMs, onEvent: event => run.write(event), onNotice: notice }),
  );
  if (problem !== null) notice(`${path}: ${problem}.`);
  if (torn) notice(`${path}: its last record is unfinished, and left out.`);
  return { source: path, from: 'W&B', run: run.id!, events };
}

async function ofEvents(
  { file: path, paths }: Extract<Source, { from: 'TensorBoard' }>,
  file: string,
  options: Options,
): Promise<Imported> {
  const name = options.name ?? basename(resolve(path));
  const config = { imported: { from: 'TensorBoard', file } };
  const [, seconds] = /tfevents\.(\d{10})\./.exec(basename(paths[0]!)) ?? [];
  const createdMs = seconds === undefined ? Math.floor(statSync(paths[0]!).mtimeMs) : Number(seconds) * 1000;
  const run = new WatchedRun(options.runs, name, path, { config, createdMs });
  run.create();
  const reader = new TrainerLogParser({
    ...{ name, source: path, config, format: null, map: new Map() },
    onEvent: event => run.write(event),
    onNotice: notice,
  });
  const { signal } = new AbortController();
  const { torn } = await watchEvents(paths, reader, { signal, onNotice: notice, follow: false });
  const events = written(run, path, () => reader.counts.events);
  if (torn > 0) notice(`${path}: the last record is unfinished, and left out.`);
  return { source: path, from: 'TensorBoard', run: run.id!, events };
}

/** Closes the run; throws where nothing came of it, and then there is none, or where the disk did not take all of it. */
function written(run: WatchedRun, path: string, events: () => number): number {
  let made = 0;
  try {
    made = events();
  } finally {
    run.close();
    if (made === 0) run.discard();
  }
  if (made === 0) throw new CommandError(`${path}: no figures were recognised in it; no run was made.`);
  if (run.lost > 0)
    throw new CommandError(`${path}: ${count(run.lost)} events could not be written: ${run.problem}.`);
  return made;
}
