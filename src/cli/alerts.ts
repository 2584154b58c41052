/**
 * `esper alerts`: the alarms of a run as lines, and to receivers. A process of its own beside the run, which reads the
 * log as a view does: however slow or dead a receiver is, neither the trainer nor a dashboard waits for it.
 */
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import {
  type AlarmNotice,
  goneNotice,
  noticeLine,
  RankAlarms,
  ruleDefaults,
  VERDICT_CONDITION,
  VERDICT_RULE,
  VerdictAlarms,
} from '../alarms/index.ts';
import {
  type AlarmSink,
  type AlarmsConfig,
  type BodyFormat,
  bodyFormats,
  commandSink,
  defaultTimeouts,
  emailSink,
  fileSink,
  parseAlarmsFile,
  webhookSink,
} from '../alerts/index.ts';
import { RunAnalyser } from '../analysis/index.ts';
import { isEnd, isOver } from '../contract/index.ts';
import { RunFollower } from '../follow/index.ts';
import type { LoggedEvent, RunFolder } from '../log/index.ts';
import { judgementOf } from '../present/index.ts';
import { CommandError } from './command-error.ts';
import { endingSignals } from './ending.ts';
import { foundRun } from './found-run.ts';
import { printProblem, sumProblems } from './load-run.ts';
import { jsonOption, runArgument, runsOption } from './options.ts';
import { requirePosix } from './platform.ts';
import { say, sayError, sayJson } from './say.ts';

/** How long deliveries may go on once there is nothing more to deliver, and once somebody wants to leave. */
const PATIENCE_MS = 60_000;
const LEAVING_MS = 2000;

interface Options {
  runs: string;
  rules?: string;
  webhook?: string;
  webhookFormat?: BodyFormat;
  file?: string;
  past?: boolean;
  follow: boolean;
  check?: boolean;
  json?: boolean;
}

function configOf({ rules, webhook, webhookFormat, file }: Options): AlarmsConfig {
  let source = '{}';
  try {
    if (rules !== undefined) source = readFileSync(rules, 'utf8');
  } catch (error) {
    throw new CommandError(`The rules cannot be read: ${(error as Error).message}.`);
  }
  const config = parseAlarmsFile(rules ?? 'rules', source);
  if (webhook !== undefined) {
    config.webhook = {
      secretEnv: 'ESPER_WEBHOOK_SECRET' in process.env ? 'ESPER_WEBHOOK_SECRET' : null,
      timeoutMs: defaultTimeouts.webhookMs,
      attempts: defaultTimeouts.attempts,
      format: 'standard',
      ...config.webhook,
      url: webhook,
    };
  }
  if (webhookFormat !== undefined) {
    if (config.webhook === null) throw new CommandError('--webhook-format needs a webhook: give --webhook.');
    config.webhook.format = webhookFormat;
  }
  return file === undefined ? config : { ...config, file };
}

/** Throws a CommandError where something that a receiver needs is not there. */
export function sinksOf(
  { file, webhook, email, command }: AlarmsConfig,
  platform: NodeJS.Platform = process.platform,
): AlarmSink[] {
  const sinks: AlarmSink[] = [];
  if (file !== null) sinks.push(fileSink(file));
  if (webhook !== null) {
    const { secretEnv, ...rest } = webhook;
    const secret = secretEnv === null ? null : process.env[secretEnv];
    if (secret === undefined)
      throw new CommandError(`The webhook is to be signed with $${secretEnv}, which is not set.`);
    sinks.push(webhookSink({ ...rest, secret }));
  }
  if (email !== null) {
    const { login, ...rest } = email;
    const password = login === null ? null : process.env[login.passwordEnv];
    if (password === undefined)
      throw new CommandError(
        `The mail server’s password is to be in $${login!.passwordEnv}, which is not set.`,
      );
    sinks.push(
      emailSink({ ...rest, login: login === null ? null : { user: login.user, password: password! } }),
    );
  }
  if (command !== null) {
    requirePosix('A program for each notice', 'a POSIX shell', platform);
    sinks.push(commandSink(command));
  }
  return sinks;
}

/** Delivers the alarms of the run until it ends. @returns whether every notice was delivered */
async function deliverAlarms(run: RunFolder, options: Options): Promise<boolean> {
  const config = configOf(options);
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

  /** What is raised, as it was delivered. */
  let standing = new Map<string, AlarmNotice>();
  let analyser = new RunAnalyser();
  let verdicts = new VerdictAlarms();
  let ranks = new RankAlarms();
  /** What the event makes of the verdict of its rank. */
  const ofVerdict = (event: LoggedEvent): readonly AlarmNotice[] => {
    if (!config.hasVerdict) return [];
    analyser.take(event);
    return [
      ...verdicts.take(event, () => judgementOf(analyser.reportOfRank(event.rank), 'running')),
      ...ranks.take(event, () => analyser.acrossRanks()),
    ];
  };
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
      began() {
        standing = new Map();
        analyser = new RunAnalyser();
        verdicts = new VerdictAlarms();
        ranks = new RankAlarms();
      },
      event(event, ofRules) {
        const notices = [...ofRules, ...ofVerdict(event)];
        for (const notice of notices) {
          if (notice.what === 'raised') standing.set(notice.id, notice);
          else standing.delete(notice.id);
          print(notice);
        }
        if (follower.isCaughtUp || options.past) notices.forEach(deliver);
        // A run of several ranks goes on when one has ended.
        if (follower.isCaughtUp && isEnd(event)) endIfOver();
      },
      caughtUp(isFirst) {
        if (!isFirst) return;
        if (!options.past) for (const notice of standing.values()) deliver(notice);
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
  for (const sink of sinks) {
    const { delivered, retries, lost, problem } = sink.stats();
    const why = problem === null ? '' : `; newest problem: ${problem}`;
    if (delivered + retries + lost > 0)
      sayError(`esper: ${sink.name}: ${delivered} delivered, ${retries} retries, ${lost} lost${why}`);
  }
  return sinks.every(sink => sink.stats().lost === 0) && follower.read.unreadable === 0;
}

/** The rules as they are understood. */
function list(options: Options): void {
  const { rules, hasVerdict } = configOf(options);
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
  new Command('alerts')
    .description(
      'Prints the alarms of a run, those of its past too, and goes on until it ends. Sinks are sent what is new, and first what ' +
        'is active; without rules of your own, the defaults watch (--check lists them).\n' +
        'Exit status: 0 everything was delivered, 1 something could not be delivered, or a file of the run not be read.',
    )
    .addArgument(runArgument())
    .option('--rules <file>', 'rules and sinks (also e-mail), JSON')
    .option('--webhook <url>', 'POST each alarm; signed where $ESPER_WEBHOOK_SECRET is set')
    .addOption(
      new Option('--webhook-format <format>', 'what the receiver of --webhook reads').choices(bodyFormats),
    )
    .option('--file <path>', 'append each alarm as a JSON line')
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
