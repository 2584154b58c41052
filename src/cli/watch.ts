/** `esper watch`: the log of a trainer that knows nothing of Esper becomes a run, live. */
import { accessSync, constants, existsSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { terminalJson } from '../base/index.ts';
import { NOT_REGULAR } from '../disk/index.ts';
import {
  formats,
  type InputReport,
  isGzipFile,
  PassThrough,
  parseMap,
  sourceOf,
  TrainerLogParser,
  watchDocument,
  watchEvents,
  watchFile,
  watchGzip,
  watchPipe,
} from '../watch/index.ts';
import { CommandError } from './command-error.ts';
import { INTERRUPTED } from './ending.ts';
import { jsonOption, RepeatableOption, runsOption } from './options.ts';
import { say, sayError, sayErrorJson, sayJson } from './say.ts';
import { WatchView } from './watch-view.ts';
import { WatchedRun } from './watched-run.ts';
import { besideRun, watchedSummary, watchedWords } from './watched-words.ts';

interface Options {
  runs: string;
  format?: string;
  name?: string;
  map?: string[];
  sanctum?: boolean;
  follow: boolean;
  json?: boolean;
}

const STDOUT = 1;
const NOTHING_RECOGNISED = 2;

export const watchCommand = () =>
  new Command('watch')
    .description(
      'Reads the log of a trainer, without a change to it, and writes what it reports as a run: Sanctum, alarms and ' +
        'reports work on it while it grows. With - it reads a pipe and hands every byte on.\n\n' +
        'A folder is searched for the files that trainers write: TensorBoard’s event files, progress.csv, metrics.csv, ' +
        'result.json, trainer_state.json. Formats: esper watch --format list.\n' +
        'Exit status: 0 something was read; 1 the input could not be; 2 nothing in it was recognised, and no run was made.',
    )
    .argument('[file]', 'log to follow, plain or gzip; a trainer’s file or folder; - for standard input')
    .addOption(
      new Option(
        '--format <name>',
        'format of the log; found by its first figures otherwise; list: which there are',
      ).choices([...formats.map(({ name }) => name), 'list']),
    )
    .option('--name <name>', 'name of the run; the file’s otherwise')
    .addOption(
      new RepeatableOption(
        '--map <key=field>',
        'for json: a field for a key, with a factor if need be, or a JSON file of them',
      ),
    )
    .option('--sanctum', 'open Sanctum on the run')
    .option('--no-follow', 'read what is there and stop')
    .addOption(runsOption())
    .addOption(jsonOption('what was read'))
    .addHelpText(
      'after',
      '\nExamples:\n  python train.py 2>&1 | esper watch - --sanctum\n  esper watch train.log\n' +
        '  esper watch metrics.jsonl --map it=batch --map pi_loss=loss.policy --map gpu_gb=memory.allocatedBytes*GiB',
    )
    .action(async (file: string | undefined, options: Options) => {
      if (options.format === 'list') {
        console.log(listed(options));
        return;
      }
      if (file === undefined)
        throw new CommandError('esper watch FILE: name a log, a folder, or - for standard input.');
      process.exitCode = await (file === '-' ? pipe(options) : followed(file, options));
    });

const listed = ({ json }: Options): string =>
  json
    ? terminalJson(formats.map(({ name, about }) => ({ name, about })))
    : formats.map(({ name, about }) => `${name.padEnd(17)} ${about}`).join('\n');

function readerOf(source: string, options: Options, run: WatchedRun, view: WatchView): TrainerLogParser {
  let map: ReturnType<typeof parseMap>;
  try {
    map = parseMap(options.map ?? []);
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
  return new TrainerLogParser({
    name: run.name,
    source,
    format: formats.find(({ name }) => name === options.format) ?? null,
    map,
    onEvent: event => run.write(event),
    onNotice: notice => view.notice(notice),
  });
}

/** Throws where no log can be read of the file, before a run is made of it; one that is not there yet is waited for. */
function checkReadable(file: string): void {
  let stats: Stats;
  try {
    stats = statSync(file);
    accessSync(file, constants.R_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      const folder = dirname(resolve(file));
      if (existsSync(folder)) return;
      throw new CommandError(`Cannot read ${file}: there is no folder ${folder}.`);
    }
    throw new CommandError(
      `Cannot read ${file}: ${code === 'EACCES' || code === 'EPERM' ? 'it may not be read' : message}.`,
    );
  }
  if (!stats.isFile() && !stats.isDirectory())
    throw new CommandError(`${file} is no regular file: a pipe is read by "esper watch - < FILE".`);
}

async function followed(file: string, options: Options): Promise<number> {
  checkReadable(file);
  const run = new WatchedRun(
    options.runs,
    options.name ?? basename(file).replace(/\.(?:log|txt|out|jsonl|gz)/g, ''),
    file,
  );
  const view = new WatchView();
  const stop = new AbortController();
  const reader = readerOf(file, options, run, view);
  const interrupt = () => stop.abort();
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const input = { signal: stop.signal, onNotice: (notice: string) => view.notice(notice) };
  let source: ReturnType<typeof sourceOf>;
  try {
    source = sourceOf(file, input.onNotice);
    run.create();
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
  if (options.sanctum) view.open(run.viewed!, interrupt);
  try {
    const report = await readSource(source, reader, { ...input, follow: options.follow });
    run.close();
    const isNothing = reader.counts.events === 0;
    if (isNothing) run.discard();
    await view.closed;
    view.notices();
    const isOver = !stop.signal.aborted;
    if (options.json) sayJson(watchedSummary(reader, run, report));
    else say(await watchedWords(reader, run, report, isOver, isNothing && isOver ? besideRun(file) : null));
    if (isNothing && isOver) return NOTHING_RECOGNISED;
  } catch (error) {
    run.close();
    if (reader.counts.events === 0) run.discard();
    if (source.kind === 'document' && error instanceof Error) throw new CommandError(error.message);
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === NOT_REGULAR) throw new CommandError(`${message}.`);
    throw new CommandError(`Cannot read ${file}: ${message}.`);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
  return stop.signal.aborted ? INTERRUPTED : 0;
}

async function readSource(
  source: ReturnType<typeof sourceOf>,
  reader: TrainerLogParser,
  input: Parameters<typeof watchFile>[2],
): Promise<InputReport> {
  if (source.kind === 'events') return await watchEvents(source.paths, reader, input);
  if (source.kind === 'document') return watchDocument(source.path, reader);
  return (await isGzipFile(source.path))
    ? await watchGzip(source.path, reader, input)
    : await watchFile(source.path, reader, input);
}

/** Whatever happens here, the trainer's output is taken: neither a full disk nor a closed terminal may stop it. */
async function pipe(options: Options): Promise<number> {
  if (process.stdin.isTTY)
    throw new CommandError('esper watch - reads a pipe: "python train.py 2>&1 | esper watch -"');
  const view = new WatchView();
  const run = new WatchedRun(options.runs, options.name ?? 'watch', 'standard input');
  const reader = readerOf('standard input', options, run, view);
  const through = new PassThrough(STDOUT);
  const stop = new AbortController();
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', error => view.notice(`A fault of Esper: ${error.message}`));
  process.stderr.on('error', () => {});
  let interrupts = 0;
  process.on('SIGINT', () => {
    // The trainer got it too, and may have a checkpoint to write: the pipe's end is the end.
    if (++interrupts > 1) stop.abort();
    // An output that blocks would hold even the exit.
    if (interrupts > 2) process.kill(process.pid, 'SIGKILL');
  });
  process.on('SIGTERM', () => stop.abort());
  process.on('SIGHUP', () => {});
  try {
    run.create();
  } catch (error) {
    view.notice(`${(error as Error).message} The log is handed on and not read.`);
  }
  if (options.sanctum && run.folder !== null) {
    // Sanctum reads the keys raw: its Ctrl-C reaches the pipeline only by us.
    view.open(run.viewed!, () => process.kill(0, 'SIGINT'), through);
  }
  const report = await watchPipe(process.stdin, reader, through, {
    signal: stop.signal,
    onNotice: notice => view.notice(notice),
    interrupted: () => interrupts > 0,
  });
  run.close();
  const isNothing = reader.counts.events === 0;
  await view.closed;
  if (isNothing) run.discard();
  if (!stop.signal.aborted) await through.drain();
  view.notices();
  if (through.dropped > 0)
    sayError(
      `esper: ${through.dropped} bytes were not handed on: ${through.problem ?? 'the output did not take them'}.`,
    );
  if (options.json) sayErrorJson(watchedSummary(reader, run, report));
  else sayError(await watchedWords(reader, run, report, !stop.signal.aborted));
  process.stdin.destroy();
  if (interrupts > 0 || stop.signal.aborted) return INTERRUPTED;
  return isNothing ? NOTHING_RECOGNISED : 0;
}
