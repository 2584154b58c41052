/**
 * What a command that trains does with the terminal: Sanctum where there is one, plain lines otherwise and after
 * `q`. Either way it only follows the log.
 */
import type { RunFolder } from '../log/index.ts';
import { openSanctum, plainLine } from '../sanctum/index.ts';
import { LiveRun } from './live-run.ts';
import type { TrainerProcess } from './trainer-process.ts';

/** How long the log's last lines may take to arrive once the trainer has exited. */
const LAST_LINES_MS = 2000;

/**
 * Follows a trainer until it has ended and, in Sanctum, until the viewer leaves.
 * @returns the exit code of the command: 0 finished, 1 failed, 130 interrupted.
 */
export async function accompany(run: RunFolder, trainer: TrainerProcess, sanctum: boolean): Promise<number> {
  const live = new LiveRun(run.path);
  const following = live.follow();
  const interrupt = () => trainer.interrupt();
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    if (sanctum) {
      const view = openSanctum({
        subscribe: live.subscribe.bind(live),
        getState: live.getState.bind(live),
        mode: 'live',
        onInterrupt: interrupt,
      });
      // Whoever ends training wants the shell back; whoever sees it finish may want to look.
      trainer.exited.then(async () => {
        if (trainer.interrupts === 0) return;
        await live.ended(LAST_LINES_MS);
        view.close();
      });
      await view.closed;
      if (trainer.running) console.log(`Training goes on; Ctrl-C ends it. To look again: sanctum ${run.id}`);
    } else console.log(`Run ${run.id}; to look: sanctum ${run.id}`);
    live.onUpdate = snapshot => console.log(plainLine(snapshot));
    await trainer.exited;
    await live.ended(LAST_LINES_MS);
    return conclude(run, live, trainer);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    live.stop();
    await following;
  }
}

/** Says how the training ended, and where it is kept. */
function conclude(run: RunFolder, live: LiveRun, trainer: TrainerProcess): number {
  const { run: state, tamiyo, ranks } = live.snapshot;
  const at = tamiyo.batch === null ? 'before its first batch' : `after batch ${tamiyo.batch}`;
  switch (state.state) {
    case 'completed':
      console.log(`Finished ${at}. To look back: esper replay ${run.id}`);
      return 0;
    case 'interrupted':
      console.log(`Ended ${at}. To go on: esper ppo --resume ${run.id}`);
      return 130;
    case 'failed': {
      const failure = ranks.find(rank => rank.failure !== null)?.failure;
      console.error(
        `esper: training failed ${at}: ${failure?.message ?? failure?.errorType ?? 'no reason given'}`,
      );
      return 1;
    }
    default:
      if (trainer.interrupts > 1) {
        console.error(`esper: training was ended at once, ${at}.`);
        return 130;
      }
      console.error(
        `esper: the trainer ended without a goodbye ${at}. It said last:\n${trainer.lastOutput()}`,
      );
      return 1;
  }
}
