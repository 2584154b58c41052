/** `esper replay`: a recorded run through Sanctum, with pause and scrubbing. */
import { Command } from 'commander';
import { judgementOf } from '../present/index.ts';
import { canDraw, openSanctum, plainLine } from '../sanctum/index.ts';
import { closingWords } from './closing-words.ts';
import { CommandError } from './command-error.ts';
import { INTERRUPTED } from './ending.ts';
import { foundRun } from './found-run.ts';
import { commandLine, runWord } from './invocation.ts';
import { warnOf } from './load-run.ts';
import { runArgument, runsOption } from './options.ts';
import { ReplayPlayer } from './replay-player.ts';
import { ReplayRun } from './replay-run.ts';
import { say } from './say.ts';

function parseSpeed(text: string): number {
  const speed = text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
  if (!(speed > 0)) throw new CommandError(`--speed takes a number above 0 or "max", not "${text}".`);
  return speed;
}

async function play(run: ReplayRun, speed: number): Promise<void> {
  const player = new ReplayPlayer(run, speed);
  const view = openSanctum({
    subscribe: player.subscribe.bind(player),
    getState: player.getState.bind(player),
    mode: 'replay',
    reportCommand: commandLine('esper', ['report', runWord(run.folder)]),
    controls: player,
    onInterrupt: () => {
      process.exitCode = INTERRUPTED;
      view.close();
    },
  });
  try {
    await view.closed;
  } finally {
    player.stop();
  }
}

/** Updates after which the verdict is made again. */
const VERDICT_EVERY = 10;

function print(run: ReplayRun): void {
  const updates = () => run.snapshot.ranks.reduce((sum, rank) => sum + rank.updates, 0);
  let verdict = run.verdict();
  for (let printed = 0; run.position < run.length; ) {
    const before = updates();
    run.step(1);
    if (updates() === before) continue;
    if (++printed % VERDICT_EVERY === 0) verdict = run.verdict();
    console.log(plainLine(run.snapshot, judgementOf(verdict, run.snapshot.run.state, run.snapshot)));
  }
  const isWhole = run.report.unreadable === 0;
  for (const line of closingWords(run.verdict(), run.snapshot, run.folder, { isWhole })) say(line);
}

export const replayCommand = () =>
  new Command('replay')
    .description(
      'Plays a recorded run. Keys: space play/pause, ← → one update (with shift ten), home end, + - speed, q leave. ' +
        'Without a terminal it prints the plain line of every batch.',
    )
    .addArgument(runArgument())
    .addOption(runsOption())
    .option('--speed <n>', 'multiple of the recorded pace, or "max"', parseSpeed, 10)
    .addHelpText('after', '\nExample:\n  esper replay latest --speed 25')
    .action(async (ref: string, options: { runs: string; speed: number }) => {
      const run = new ReplayRun(foundRun(options.runs, ref).path);
      warnOf(run.report);
      if (run.length === 0) throw new CommandError(`The run ${ref} has no events yet.`);
      if (canDraw(process.env, process.stdout, process.stdin)) await play(run, options.speed);
      else print(run);
    });
