/** `esper stop`: asks the trainer of a run to end, however it was started, and waits until it has. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { parseDuration } from '../alerts/index.ts';
import { skimRun } from '../follow/index.ts';
import { emptyReport, ranksIn, type Writer, writerOf } from '../log/index.ts';
import { CommandError } from './command-error.ts';
import { foundRun } from './found-run.ts';
import { warnOf } from './load-run.ts';
import { runArgument, runsOption } from './options.ts';
import { say, sayError } from './say.ts';

const LOOK_MS = 50;
const TIMED_OUT = 124;

interface Options {
  runs: string;
  now?: boolean;
  timeout: number;
}

interface Target extends Writer {
  rank: number;
}

const writersOf = (folder: string): Target[] =>
  ranksIn(folder).map(rank => ({ rank, ...writerOf(folder, rank) }));

/** Whether a training that nobody writes any more has ended is in its log: what cannot be read of it is reported. */
function warnOfLog(folder: string): void {
  const report = emptyReport();
  skimRun(folder, report);
  warnOf(report);
}

/** @param platform on Windows a process can be ended, and not asked */
export async function stop(
  ref: string,
  { runs, now = false, timeout }: Options,
  platform: NodeJS.Platform = process.platform,
): Promise<number> {
  const { id, path } = foundRun(runs, ref);
  const writing = writersOf(path).filter(({ state, pid }) => state === 'writing' && pid !== null);
  if (writing.length === 0) {
    const unseen = writersOf(path).find(({ state }) => state === 'unknown');
    if (unseen !== undefined)
      throw new CommandError(
        `${id} may be written by process ${unseen.pid ?? '?'} on ${unseen.hostname ?? 'another host'}, which cannot be seen from here: stop it there.`,
      );
    warnOfLog(path);
    say(`Nothing writes ${id}: its training has ended.`);
    return 0;
  }
  if (platform === 'win32' && !now)
    throw new CommandError(`On Windows ${id} cannot be asked to end: --now ends its trainer at once.`);
  for (const { pid } of writing) {
    try {
      process.kill(pid!, now ? 'SIGKILL' : 'SIGINT');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'ESRCH')
        throw new CommandError(`Process ${pid} of ${id} cannot be asked to end: ${message}.`);
    }
  }
  const deadline = performance.now() + timeout;
  while (writing.some(({ rank, pid }) => isStill(path, rank, pid!))) {
    if (performance.now() > deadline) {
      sayError(`esper: ${id} was asked to end and trains on: give it longer (--timeout), or end it --now.`);
      return TIMED_OUT;
    }
    await sleep(LOOK_MS);
  }
  warnOfLog(path);
  say(`Ended ${id}.`);
  return 0;
}

function isStill(path: string, rank: number, pid: number): boolean {
  const writer = writerOf(path, rank);
  return writer.state === 'writing' && writer.pid === pid;
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new CommandError(`--timeout takes 500ms, 30s, 10m or 2h, not "${text}".`);
  return ms;
}

export const stopCommand = () =>
  new Command('stop')
    .description(
      'Asks the process that writes the run to end, as Ctrl-C would: Esper’s own trainers finish the present update and save a ' +
        'checkpoint; what another program does with SIGINT is its own affair. Waits until it has ended.\n' +
        `Exit status: 0 it has ended, ${TIMED_OUT} it has not within the timeout, 1 it could not be asked.`,
    )
    .addArgument(runArgument())
    .option('--now', 'at once (SIGKILL): what was recorded stays, no checkpoint is saved')
    .addOption(
      new Option('--timeout <duration>', '500ms, 30s, 10m, 2h').argParser(duration).default(60_000, '60s'),
    )
    .addOption(runsOption())
    .addHelpText('after', '\nExample:\n  esper ppo --detach --name night && esper stop night')
    .action(async (ref: string, options: Options) => {
      const code = await stop(ref, options);
      process.exitCode ||= code;
    });
