/** `esper wait`: sleeps until a figure of a run meets a condition, for scripts; the exit status is the answer. */
import { Command } from 'commander';
import { type Condition, isMet, parseCondition, readingsOf } from '../alarms/index.ts';
import { parseDuration } from '../alerts/index.ts';
import { isOver, type SanctumSnapshot } from '../contract/index.ts';
import { type Counted, countedIn } from '../figures/index.ts';
import { RunFollower } from '../follow/index.ts';
import type { LoggedEvent } from '../log/index.ts';
import { headline, judgementOf, withJudgement } from '../present/index.ts';
import { CommandError } from './command-error.ts';
import { foundRun } from './found-run.ts';
import { LiveVerdict } from './live-verdict.ts';
import { printProblem, sumProblems } from './load-run.ts';
import { jsonOption, RepeatableOption, runArgument, runsOption } from './options.ts';
import { say, sayError, sayJson } from './say.ts';

const MET = 0;
const ENDED = 3;
/** As timeout(1). */
const TIMED_OUT = 124;
/** What a timer takes at most. */
const LONGEST_MS = 2 ** 31 - 1;

interface Outcome {
  outcome: 'met' | 'ended' | 'timeout';
  /** The condition that was met, where, and its value. */
  condition: string | null;
  rank: number | null;
  device: string | null;
  value: number | boolean | null;
  run: string;
  state: string;
  batch: number | null;
  /** What that number counts. */
  counted: Counted;
  /** The judgement of the run in one line. */
  verdict: string;
}

const exitCodes: Record<Outcome['outcome'], number> = { met: MET, ended: ENDED, timeout: TIMED_OUT };

/**
 * The first condition that holds, on whichever rank and device; null where none does.
 * @param isWhole whether all of the log was read: how the run ended may be in what was not
 */
function found(conditions: readonly Condition[], snapshot: SanctumSnapshot, isWhole: boolean) {
  for (const condition of conditions) {
    const { states } = condition.figure;
    // A run of several ranks has ended when all have.
    const readings =
      states === null
        ? readingsOf(condition.figure, snapshot)
        : [{ rank: null, device: null, value: isWhole && states.includes(snapshot.run.state) }];
    const reading = readings.find(({ value }) => isMet(condition, value) === true);
    if (reading !== undefined) return { condition: condition.text, ...reading };
  }
  return null;
}

const nothing = { condition: null, rank: null, device: null, value: null };

async function wait(
  { id, path }: { id: string; path: string },
  conditions: readonly Condition[],
  timeoutMs: number,
): Promise<Outcome> {
  const stop = new AbortController();
  let snapshot: SanctumSnapshot | null = null;
  let verdict = new LiveVerdict();
  const judgement = () => {
    const now = follower.snapshot();
    return judgementOf(verdict.get(), now.run.state, now);
  };
  let outcome: Pick<Outcome, 'outcome' | 'condition' | 'rank' | 'device' | 'value'> | null = null;
  const settle = (settled: NonNullable<typeof outcome>) => {
    outcome ??= settled;
    stop.abort();
  };
  const look = () => {
    snapshot = withJudgement(follower.snapshot(), judgement());
    const met = found(conditions, snapshot, follower.read.unreadable === 0);
    if (met !== null) settle({ outcome: 'met', ...met });
    else if (isOver(snapshot.run.state)) settle({ outcome: 'ended', ...nothing });
  };
  const follower = new RunFollower(path, {
    began() {
      verdict = new LiveVerdict();
    },
    caughtUp(isFirst) {
      // The verdict is rebuilt only now and then: its judgement of the newest event may come with a round that brings none.
      if (outcome === null) look();
      if (!isFirst) return;
      if (outcome === null)
        sayError(`esper: waiting until ${conditions.map(c => c.text).join(' or ')}: ${id}`);
    },
    event(event: LoggedEvent) {
      verdict.take(event);
      if (follower.isCaughtUp) look();
    },
    writers() {
      verdict.renew();
      look();
    },
    problem: printProblem,
  });
  const timer = setTimeout(settle, Math.min(timeoutMs, LONGEST_MS), { outcome: 'timeout', ...nothing });
  try {
    await follower.follow(stop.signal);
  } finally {
    clearTimeout(timer);
    sumProblems(follower.read);
  }
  const { run, tamiyo } = (snapshot as SanctumSnapshot | null) ?? { run: { state: 'waiting' }, tamiyo: null };
  // What is in a file that could not be read may have met it.
  const isWhole = follower.read.unreadable === 0;
  if (outcome!.outcome !== 'met' && !isWhole) process.exitCode = 1;
  return {
    ...outcome!,
    run: id,
    state: run.state,
    batch: tamiyo?.batch ?? tamiyo?.step ?? null,
    counted: countedIn(tamiyo),
    verdict: headline(judgement()).text,
  };
}

function sentence({ outcome, condition, rank, device, value, run, state, batch, counted }: Outcome): string {
  const unknown = state === 'unknown';
  const at =
    batch !== null
      ? `at ${counted} ${batch}`
      : unknown
        ? `at a ${counted} that is not known`
        : `before its first ${counted}`;
  const where = [rank ? `rank ${rank}` : null, device].filter(Boolean).join(' ');
  if (outcome === 'timeout') return `Timed out: ${run} is ${state}, ${at}.`;
  if (outcome === 'ended') {
    const how = unknown ? 'how is not known' : state === 'gone' ? 'its trainer is gone' : `it ${state}`;
    return `Not met: ${run} has ended ${at}; ${how}.`;
  }
  const measured = typeof value === 'number' ? `, ${Number(value.toPrecision(4))}` : '';
  return `Met: ${condition}${where && ` on ${where}`}${measured}, ${at} of ${run}.`;
}

function timeout(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new CommandError(`--timeout takes 500ms, 30s, 10m or 2h, not "${text}".`);
  return ms;
}

export const waitCommand = () =>
  new Command('wait')
    .description(
      'Waits until a condition holds on any rank or device of the run, as it is now or becomes. Conditions: a figure of the ' +
        'telemetry records (`esper records list`) or pressure, headroom, mem, device, ram, with > >= < <= and a number; ' +
        'atTheWall, alarm; ended, completed, interrupted, failed. Not measured meets nothing.\n' +
        `Exit status: ${MET} met, ${ENDED} the run ended without, ${TIMED_OUT} timed out, 1 it could not look.`,
    )
    .addArgument(runArgument())
    .addOption(
      new RepeatableOption(
        '--until <condition>',
        'the first that holds',
        parseCondition,
      ).makeOptionMandatory(),
    )
    .option('--timeout <duration>', '500ms, 30s, 10m, 2h (default: none)', timeout)
    .addOption(runsOption())
    .addOption(jsonOption('the outcome'))
    .addHelpText(
      'after',
      "\nExample:\n  esper wait latest --until 'pressure>0.9' --until ended --timeout 10m",
    )
    .action(
      async (
        ref: string,
        options: { until: Condition[]; timeout?: number; runs: string; json?: boolean },
      ) => {
        const outcome = await wait(
          foundRun(options.runs, ref),
          options.until,
          options.timeout ?? Number.POSITIVE_INFINITY,
        );
        if (options.json) sayJson(outcome);
        else say(`${sentence(outcome)} ${outcome.verdict}`);
        process.exitCode ??= exitCodes[outcome.outcome];
      },
    );
