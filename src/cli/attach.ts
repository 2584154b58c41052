/**
 * What a command that trains does with the terminal: Sanctum where there is one, plain lines otherwise and after
 * `q`. Either way it only follows the log.
 */
import { constants } from 'node:os';
import { printable } from '../base/index.ts';
import type { RunReport, SanctumSnapshot } from '../contract/index.ts';
import type { RunFolder } from '../log/index.ts';
import { judgementOf } from '../present/index.ts';
import { openSanctum, plainLine } from '../sanctum/index.ts';
import { closingWords } from './closing-words.ts';
import { endingSignals, INTERRUPTED, OF_SIGNAL } from './ending.ts';
import { commandLine, runWord } from './invocation.ts';
import { LiveRun } from './live-run.ts';
import { isClosed, onOutputFailed } from './output.ts';
import { say, sayError } from './say.ts';
import type { TrainerExit, TrainerProcess } from './trainer-process.ts';

/**
 * Follows a trainer until it has ended and, in Sanctum, until the viewer leaves. A signal, or an output that nobody
 * reads any more, asks the trainer to end; it does so by itself where this process is killed.
 * @returns the exit code of the work: 0 finished, 130 interrupted, another where the trainer failed.
 */
export async function accompany(run: RunFolder, trainer: TrainerProcess, sanctum: boolean): Promise<number> {
  const live = new LiveRun(run.path);
  const look = commandLine('sanctum', [runWord(run.path)]);
  const following = live.follow();
  const interrupt = () => trainer.interrupt();
  for (const signal of endingSignals) process.on(signal, interrupt);
  let printing = true;
  const outputWatched = onOutputFailed(error => {
    if (printing && isClosed(error)) interrupt();
    printing = false;
  });
  try {
    if (sanctum) {
      const view = openSanctum({
        subscribe: live.subscribe.bind(live),
        getState: live.getState.bind(live),
        mode: 'live',
        reportCommand: commandLine('esper', ['report', runWord(run.path)]),
        onInterrupt: interrupt,
      });
      // A user who ends training wants the shell back; one who sees it finish may want to look.
      trainer.exited.then(async () => {
        if (trainer.interrupts === 0) return;
        await live.readToEnd();
        view.close();
      });
      await view.closed;
      if (trainer.running) say(`Training goes on; Ctrl-C ends it. To look again: ${look}`);
    } else say(`Run ${run.id}; to look: ${look}`);
    live.onUpdate = (snapshot, report) => {
      // A run that is resumed has updates of its earlier part.
      if (printing && recorded(snapshot, trainer))
        console.log(plainLine(snapshot, judgementOf(report, snapshot.run.state, snapshot)));
    };
    const exit = await trainer.exited;
    // All that it wrote is in the log; a resumed run's earlier end is not this trainer's.
    await live.readToEnd();
    return conclude(run, live.snapshot, live.getState().verdict, trainer, exit);
  } finally {
    for (const signal of endingSignals) process.off(signal, interrupt);
    live.stop();
    await following;
    // What the last words met is known only now.
    await new Promise(resolve => setImmediate(resolve));
    outputWatched();
  }
}

/** Whether the log holds anything that this trainer wrote. */
const recorded = ({ ranks }: SanctumSnapshot, { firstSeq }: TrainerProcess): boolean =>
  (ranks.find(({ rank }) => rank === 0)?.nextSeq ?? 0) > firstSeq;

/** Whether the log's end, or its being open, is this trainer's and not that of an earlier part. */
const isOfTrainer = (snapshot: SanctumSnapshot, trainer: TrainerProcess): boolean =>
  recorded(snapshot, trainer) && (snapshot.run.endedMs === null || snapshot.run.endedMs >= trainer.startedMs);

/**
 * Prints how the training ended, and where it is kept. The trainer's exit code decides: the log may be that of an earlier
 * part, or lack its end.
 */
export function conclude(
  run: Pick<RunFolder, 'path'>,
  snapshot: SanctumSnapshot,
  report: RunReport | null,
  trainer: TrainerProcess,
  { code, signal }: TrainerExit,
): number {
  const { run: state, tamiyo, ranks } = snapshot;
  const at = tamiyo.batch === null ? 'before its first batch' : `after batch ${tamiyo.batch}`;
  const isRecorded = isOfTrainer(snapshot, trainer);
  const last = trainer.lastOutput();
  const lastOutput = last === '' ? '' : ` Its last output:\n${last}`;
  const command = (...args: string[]) => commandLine('esper', [...args, runWord(run.path)]);
  const words = isRecorded ? closingWords(report, snapshot, run.path).join('\n') : '';
  // A training that ends well prints nothing, unless something was lost on its way: a checkpoint, a part of its log.
  const isWell =
    isRecorded && (code === 0 ? state.state === 'completed' : code === INTERRUPTED || code === 143);
  if (isWell && last !== '') sayError(`esper: its trainer reported:\n${last}`);
  if (code === 0) {
    if (isRecorded && state.state === 'completed')
      say(`Finished ${at}.\n${words}\n  To look back: ${command('replay')}`);
    else sayError(`esper: training finished, and its log lacks the end.${lastOutput}`);
    return 0;
  }
  if (code === INTERRUPTED || code === 143) {
    say(`Ended ${at}. To go on: ${command('ppo', '--resume')}`);
    return INTERRUPTED;
  }
  if (code !== null) {
    const failure = isRecorded ? ranks.find(rank => rank.failure !== null)?.failure : undefined;
    sayError(
      failure
        ? `esper: training failed ${at}: ${printable(failure.message ?? failure.errorType ?? 'no reason given')}\n${words}`
        : `esper: ${isRecorded ? `training failed ${at}.` : 'nothing was trained.'}${lastOutput}`,
    );
    return code;
  }
  if (trainer.interrupts > 1) {
    sayError(`esper: training was ended at once, ${at}.`);
    return INTERRUPTED;
  }
  sayError(`esper: the trainer was ended by ${signal} ${at}.${lastOutput}`);
  return OF_SIGNAL + (constants.signals[signal ?? 'SIGKILL'] ?? 0);
}
