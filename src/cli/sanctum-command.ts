/** `sanctum`: the dashboard on a live, finished or not yet started run. */
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Command } from 'commander';
import { RunAnalyser } from '../analysis/index.ts';
import { asLeft } from '../contract/index.ts';
import { emptyReport, isWriterGone, noRuns, RunNotFoundError } from '../log/index.ts';
import { judgementOf } from '../present/index.ts';
import { canDraw, frame, hasColor, initialView, openSanctum, plainLine } from '../sanctum/index.ts';
import { closingWords } from './closing-words.ts';
import { INTERRUPTED } from './ending.ts';
import { foundRun } from './found-run.ts';
import { commandLine, runWord } from './invocation.ts';
import { onStarterGone } from './leash.ts';
import { LiveRun, logHealth } from './live-run.ts';
import { loadRun, warnOf } from './load-run.ts';
import { integer, runArgument, runsOption } from './options.ts';
import { pickLiveRun } from './pick-run.ts';
import { say, sayError } from './say.ts';

interface Options {
  runs: string;
  once?: boolean;
  width?: number;
  height?: number;
}

const LOOK_MS = 250;
/** What an id looks like: `20261123-153012-cartpole-4f2a`. */
const RUN_ID = /^\d{8}-\d{6}-.+-[0-9a-z]{4}$/;

/** The run's folder. A full id may still be to come; with `latest` and no run at all, waits for the first. */
async function folderOf(runs: string, ref: string, wait: boolean): Promise<string> {
  for (let shown = false; ; ) {
    try {
      return foundRun(runs, ref).path;
    } catch (error) {
      if (!(error instanceof RunNotFoundError) || !wait) throw error;
      if (RUN_ID.test(ref)) return join(runs, ref);
      if (ref !== 'latest') throw error;
      if (!shown) sayError(`${noRuns(runs)}: waiting for one; Ctrl-C ends.`);
      shown = true;
      await setTimeout(LOOK_MS);
    }
  }
}

const reportOf = (folder: string): string => commandLine('esper', ['report', runWord(folder)]);

function printFrame(folder: string, { width, height }: Options): void {
  const report = emptyReport();
  const analyser = new RunAnalyser();
  const isGone = isWriterGone(folder);
  const snapshot = asLeft(
    loadRun(folder, report, null, event => analyser.take(event)),
    isGone,
    report.unreadable === 0,
  );
  warnOf(report);
  const rows = frame(snapshot, {
    ...initialView({
      width: width ?? process.stdout.columns ?? 120,
      height: height ?? process.stdout.rows ?? 36,
      nowMs: Date.now(),
    }),
    color: hasColor(process.env, process.stdout.isTTY ?? false),
    report: logHealth(report, snapshot),
    verdict: analyser.report(report),
    reportCommand: reportOf(folder),
    keys: false,
  });
  console.log(rows.map(row => row.trimEnd()).join('\n'));
}

export const sanctumCommand = () =>
  new Command('sanctum')
    .description(
      'Shows a run in the terminal: live while it trains, as it ended afterwards, waiting if it has not begun. ' +
        'Without RUN it asks which, where several are live. Without a terminal it prints one plain line a batch. Press ? for what each figure means, q to leave.',
    )
    .addArgument(runArgument())
    .addOption(runsOption())
    .option('--once', 'print one frame and exit')
    .option('--width <columns>', 'columns of the frame, with --once', integer('--width', 20))
    .option('--height <rows>', 'rows of the frame, with --once', integer('--height', 5))
    .addHelpText('after', '\nExamples:\n  sanctum\n  sanctum cartpole --once --width 120')
    .action(async (ref: string, options: Options, command: Command) => {
      const picked = command.args.length === 0 && !options.once ? await pickLiveRun(options.runs) : null;
      const folder = picked ?? (await folderOf(options.runs, ref, !options.once));
      if (options.once) return printFrame(folder, options);
      const live = new LiveRun(folder);
      const following = live.follow();
      try {
        if (canDraw(process.env, process.stdout, process.stdin)) {
          const view = openSanctum({
            subscribe: live.subscribe.bind(live),
            getState: live.getState.bind(live),
            mode: 'live',
            reportCommand: reportOf(folder),
            onInterrupt: () => {
              process.exitCode = INTERRUPTED;
              view.close();
            },
          });
          onStarterGone(() => view.close());
          await view.closed;
        } else {
          say(`Run ${basename(folder)}`);
          live.onUpdate = (snapshot, report) =>
            console.log(plainLine(snapshot, judgementOf(report, snapshot.run.state, snapshot)));
          await live.ended();
          const { snapshot, verdict } = live.getState();
          for (const line of closingWords(verdict, snapshot, folder)) say(line);
        }
      } finally {
        live.stop();
        await following;
      }
    });
