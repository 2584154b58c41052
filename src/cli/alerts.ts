/**
 * `esper alerts`: the alarms of a run as lines, and to receivers. A process of its own beside the run, which reads the
 * log as a view does: however slow or dead a receiver is, neither the trainer nor a dashboard waits for it.
 */
import { Command } from 'commander';
import {
  type AlarmNotice,
  goneNotice,
  noticeLine,
  ruleDefaults,
  VERDICT_CONDITION,
  VERDICT_RULE,
} from '../alarms/index.ts';
import { isEnd, isOver } from '../contract/index.ts';
import { RunFollower } from '../follow/index.ts';
import type { RunFolder } from '../log/index.ts';
import {
  type AlarmOptions,
  alarmsConfigOf,
  LEAVING_MS,
  sinksOf,
  sumDeliveries,
  withAlarmOptions,
} from './alarm-options.ts';
import { endingSignals } from './ending.ts';
import { foundRun } from './found-run.ts';
import { printProblem, sumProblems } from './load-run.ts';
import { jsonOption, runArgument, runsOption } from './options.ts';
import { RunAlarms } from './run-alarms.ts';
import { say, sayError, sayJson } from './say.ts';

/** How long deliveries may go on once there is nothing more to deliver. */
const PATIENCE_MS = 60_000;

interface Options extends AlarmOptions {
  runs: string;
  past?: boolean;
  follow: boolean;
  check?: boolean;
  json?: boolean;
}

/** Delivers the alarms of the run until it ends. @returns whether every notice was delivered */
async function deliverAlarms(run: RunFolder, options: Options): Promise<boolean> {
  const config = alarmsConfigOf(options);
  const sinks = sinksOf(config);
  const stop = new AbortController();
  let patienceMs = PATIENCE_MS;
  let interrupts = 0;
  let isClosing = false;
  const close = () => Promise.all(sinks.map(sink => sink.close(patienceMs)));
  // Asked once, what waits has a moment more; asked again, none. Either way programs that run are ended, and all is counted.
  const leave = () => {
    patienceMs = interrupts++ === 0 ? LEAVING_MS : 0;
    stop.abort();
    if (isClosing) void close();
  };
  for (const signal of endingSignals) process.on(signal, leave);

  const alarms = new RunAlarms(config.hasVerdict);
  const print = (notice: AlarmNotice) => (options.json ? sayJson(notice) : say(noticeLine(notice)));
  const deliver = (notice: AlarmNotice) => {
    for (const sink of sinks) sink.deliver(notice);
  };
  const endIfOver = () => {
    if (isOver(follower.snapshot().run.state)) stop.abort();
  };
  const follower = new RunFollower(
    run.path,
    {
      began: () => alarms.begin(),
      event(event, ofRules) {
        const notices = alarms.take(event, ofRules);
        notices.forEach(print);
        if (follower.isCaughtUp || options.past) notices.forEach(deliver);
        // A run of several ranks goes on when one has ended.
        if (follower.isCaughtUp && isEnd(event)) endIfOver();
      },
      caughtUp(isFirst) {
        if (!isFirst) return;
        if (!options.past) alarms.standing().forEach(deliver);
        // Where its writers are gone there is more to report.
        const { state } = follower.snapshot().run;
        if (state !== 'gone') endIfOver();
        if (!options.follow) stop.abort();
        if (!stop.signal.aborted && state !== 'gone')
          sayError(`esper: following ${follower.snapshot().run.id ?? run.id}`);
      },
      writers(gone) {
        if (!gone || stop.signal.aborted) return;
        const snapshot = follower.snapshot();
        if (snapshot.run.state === 'gone') {
          const notice = goneNotice(snapshot, run);
          print(notice);
          deliver(notice);
        }
        stop.abort();
      },
      problem: printProblem,
    },
    config.rules,
  );
  await follower.follow(stop.signal);
  sumProblems(follower.read);
  isClosing = true;
  await close();
  for (const signal of endingSignals) process.off(signal, leave);
  return sumDeliveries(sinks) && follower.read.unreadable === 0;
}

/** The rules as they are understood. */
function list(options: Options): void {
  const { rules, hasVerdict } = alarmsConfigOf(options);
  const seconds = (ms: number) => `${ms / 1000} s`;
  if (options.json) {
    const settings = rules.map(({ raise, clear, unlessMeasured, ...rule }) => ({
      ...rule,
      when: raise.text,
      clear: clear.text,
      unlessMeasured: unlessMeasured?.name ?? null,
    }));
    const { level, cooldownMs } = ruleDefaults;
    const verdict = { name: VERDICT_RULE, level, when: VERDICT_CONDITION, cooldownMs };
    sayJson(hasVerdict ? [...settings, verdict] : settings);
  } else {
    for (const { name, level, raise, clear, holdMs, clearHoldMs, cooldownMs, ...unless } of rules)
      say(
        `${name.padEnd(14)} ${level.padEnd(8)} ${raise.text}${holdMs ? ` for ${seconds(holdMs)}` : ''}; clears at ${clear.text}` +
          ` for ${seconds(clearHoldMs)}; at most once in ${seconds(cooldownMs)}` +
          (unless.unlessMeasured ? `; rests where ${unless.unlessMeasured.name} is measured` : '') +
          (unless.unlessRaised ? `; not beside ${unless.unlessRaised}` : ''),
      );
    if (hasVerdict)
      say(
        `${VERDICT_RULE.padEnd(14)} ${ruleDefaults.level.padEnd(8)} ${VERDICT_CONDITION}, then critical; clears once it is better; ` +
          `at most once in ${seconds(ruleDefaults.cooldownMs)} at a level`,
      );
  }
}

export const alertsCommand = () =>
  withAlarmOptions(
    new Command('alerts').description(
      'Prints the alarms of a run, those of its past too, and goes on until it ends. Sinks are sent what is new, and first what ' +
        'is active; without rules of your own, the defaults watch (--check lists them).\n' +
        'Exit status: 0 everything was delivered, 1 something could not be delivered, or a file of the run not be read.',
    ),
  )
    .addArgument(runArgument())
    .option('--past', 'sinks are also sent what is in the log already')
    .option('--no-follow', 'stop after what is in the log already')
    .option('--check', 'list the rules, and do nothing else')
    .addOption(runsOption())
    .addOption(jsonOption('each alarm'))
    .addHelpText(
      'after',
      '\nExample:\n  esper alerts latest --rules alarms.json --webhook https://example.com/hook',
    )
    .action(async (ref: string, options: Options) => {
      if (options.check) list(options);
      else if (!(await deliverAlarms(foundRun(options.runs, ref), options))) process.exitCode = 1;
    });
