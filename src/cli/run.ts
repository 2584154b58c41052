/** `esper run -- COMMAND`: any training becomes a run, without a change of its code and with nothing in its way. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import path, { type PlatformPath } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Command } from 'commander';
import { amount } from '../base/index.ts';
import { pythonOf } from '../doctor/index.ts';
import { TrainerLogParser, watchPipe } from '../watch/index.ts';
import { AttachedRuns } from './attached-runs.ts';
import { AttachedSession } from './attached-session.ts';
import { endingSignals, OF_SIGNAL } from './ending.ts';
import { jsonOption, runsOption } from './options.ts';
import { requirePosix } from './platform.ts';
import { type CommandEnd, RelayedCommand } from './relayed-command.ts';
import { sayError, sayErrorJson } from './say.ts';
import { type ViewedRun, WatchView } from './watch-view.ts';

interface Options {
  runs: string;
  name?: string;
  lines?: boolean;
  sanctum?: boolean;
  json?: boolean;
}

/** How a command ended, and the runs that came of it. */
export interface RecordedCommand {
  end: CommandEnd;
  runs: ViewedRun[];
}

/** A signal that ends a program by default; each is the command's to answer. */
const SIGNALS = [...endingSignals, 'SIGUSR1', 'SIGUSR2'] as const;
const LOOK_MS = 250;
const NEWLINE = 0x0a;
const python = pythonOf(process.env);

export const runCommand = () =>
  new Command('run')
    .description(
      'Runs COMMAND and records it as a run: in each of its Python processes that imports torch, every optimizer step with what its ' +
        'memory is; and the figures that it prints, as "esper watch" reads them. No line of its code changes. Its output, its exit status, ' +
        'signals, the terminal and its input are its own; it goes on where Esper is killed.',
    )
    .argument('<command...>', 'python train.py …, torchrun …, accelerate launch …, a shell script')
    .passThroughOptions()
    .option('--name <name>', 'name of the run (default: of the program)')
    .option(
      '--lines',
      'record which lines hold the memory, within 1% of the time: a leak, growth, a spike and an out-of-memory name theirs',
    )
    .option('--sanctum', 'open Sanctum on the run; the command then has no input from the terminal')
    .addOption(runsOption())
    .addOption(jsonOption('what was recorded (on the error output)'))
    .addHelpText(
      'after',
      '\nExamples:\n  esper run -- python train.py --epochs 3\n  esper run --lines -- python train.py\n  esper run --sanctum -- torchrun --nproc-per-node 8 train.py\n' +
        '  esper run --name sweep -- bash sweep.sh',
    )
    .action(async (command: string[], options: Options) => {
      await finish((await recordCommand(command, options)).end);
    });

/** Runs the command to its end, whatever happens to what we make of it. */
export async function recordCommand(
  command: string[],
  options: Options,
  platform: NodeJS.Platform = process.platform,
): Promise<RecordedCommand> {
  requirePosix('Running a command as it is', 'a POSIX terminal and signals', platform);
  const session = new AttachedSession();
  const view = new WatchView();
  const runs = new AttachedRuns(session, options.runs, options.name ?? nameOf(command), view);
  const env = session.env(process.env, options.runs, options);
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', error => view.notice(`A fault of Esper: ${error.message}`));
  let relayed: RelayedCommand;
  try {
    relayed = new RelayedCommand(python, command, env);
    await relayed.started;
  } catch (error) {
    view.notice(
      `There is no ${python} to read the output with (${(error as Error).message}): the command runs, and what it prints is not read.`,
    );
    return { end: await unread(command, env).finally(() => session.remove()), runs: [] };
  }
  let interrupts = 0;
  for (const name of SIGNALS)
    process.on(name, () => {
      interrupts++;
      relayed.signal(name);
    });
  const look = setInterval(() => {
    if (!options.sanctum || view.wasOpened) return;
    const [first] = runs.recorded;
    if (first !== undefined) view.open(first, () => process.kill(0, 'SIGINT'), relayed);
  }, LOOK_MS);
  const reader = new TrainerLogParser({
    name: options.name ?? nameOf(command),
    source: command.join(' '),
    format: null,
    map: new Map(),
    onEvent: event => runs.take(event),
    onNotice: notice => view.notice(notice),
  });
  // A progress bar leaves the cursor where it stands: our words begin on a line of their own.
  let isWithinLine = false;
  for (const output of relayed.outputs)
    output.on('data', (chunk: Uint8Array) => {
      isWithinLine = chunk.at(-1) !== NEWLINE;
    });
  const report = watchPipe(relayed.outputs, reader, null, {
    signal: new AbortController().signal,
    onNotice: () => {},
    interrupted: () => interrupts > 0,
  });
  const end = await relayed.ended;
  await report;
  // What the relay reported before the outputs' ends may be read behind them.
  await setImmediate();
  clearInterval(look);
  runs.close(end, interrupts > 0);
  await view.closed;
  view.notices();
  relayed.leave();
  if (isWithinLine) process.stderr.write('\n');
  if (end.problem !== null) sayError(`esper: ${command[0]} could not be started: ${end.problem}.`);
  else if (options.json) sayErrorJson({ ...runs.summary(reader), unreadBytes: relayed.unreadBytes });
  else {
    for (const line of [...(await runs.answers(command)), runs.words(reader)]) sayError(line);
    if (relayed.unreadBytes > 0)
      sayError(
        `esper: ${amount(relayed.unreadBytes)} of the output were not read, in whole lines: it came faster than Esper reads.`,
      );
  }
  const recorded = runs.recorded;
  session.remove();
  return { end, runs: recorded };
}

/** Where there is nobody to read it: the command as it is. */
function unread(command: string[], env: NodeJS.ProcessEnv): Promise<CommandEnd> {
  const child = spawn(command[0]!, command.slice(1), { stdio: 'inherit', env });
  for (const name of SIGNALS) process.on(name, () => {});
  return new Promise(resolve => {
    child.once('exit', (code, signal) => resolve({ code, signal, problem: null }));
    child.once('error', error => {
      sayError(`esper: ${command[0]} could not be started: ${error.message}.`);
      resolve({ code: 127, signal: null, problem: error.message });
    });
  });
}

/** Ends as the command did: with its code, or by its signal. */
async function finish({ code, signal }: CommandEnd): Promise<void> {
  if (signal === null) {
    process.exitCode = code ?? 1;
    return;
  }
  for (const name of SIGNALS) process.removeAllListeners(name);
  // Node ignores some signals, SIGPIPE among them: then the code that a shell makes of it.
  process.exitCode = OF_SIGNAL + constants.signals[signal];
  process.kill(process.pid, signal);
}

/** `train` of `python -u train.py --lr 1`; the program's own where no script is named. */
export function nameOf(command: readonly string[], { basename, extname }: PlatformPath = path): string {
  const script =
    command.find(word => /\.(?:py|sh)$/.test(word)) ??
    command[command.indexOf('-m') + 1 || -1]?.split('.').at(-1) ??
    command[0]!;
  return basename(script, extname(script)) || 'run';
}
