/** What a run's events come to: verdict, forecast, comparison, alarms. */
import type { Mutation } from './mutation.ts';

const estimates = 'src/analysis/estimates.test.ts';
const real = 'test/path/real-programs.test.ts';
const alarms = 'test/alerts/alarms.test.ts';
const sinks = 'test/alerts/sinks.test.ts';

const ranks = 'test/ranks/across-ranks.test.ts';

export const analysis: readonly Mutation[] = [
  {
    rule: 'a rank that has ended is not silent',
    file: 'src/analysis/ranks/silent.ts',
    from: '!isOver(own.state) && lag',
    to: 'lag',
    test: [ranks, 'a rank that finished early is not silent'],
  },
  {
    rule: 'where ranks wait for each other the rollouts show who is slow',
    file: 'src/analysis/ranks/slow.ts',
    from: "of ['took', 'rollout'] as const",
    to: "of ['took'] as const",
    test: [ranks, 'the slow one is found by its rollouts'],
  },
  {
    rule: 'levels that stay as they were are no skew',
    file: 'src/analysis/ranks/skew.ts',
    from: 'spread > STAGE_SHARE * totalBytes || above.length > 1',
    to: 'false',
    test: [ranks, 'is found as uneven stages, of the right rank'],
  },
  {
    rule: 'a forecast is an interval of 90%',
    file: 'src/analysis/forecast.ts',
    from: '[0.05, 0.5, 0.95].map(q => quantileOf(passages, q))',
    to: '[0.2, 0.5, 0.8].map(q => quantileOf(passages, q))',
    test: [estimates, 'of a leak that scatters holds the update in which nothing is left'],
  },
  {
    rule: 'how much of the stranded pieces is of no use is not known',
    file: 'src/analysis/forecast.ts',
    from: 'atRest: 0.95,',
    to: 'atRest: 0.65,',
    test: [estimates, 'of a leak beside a stranded GiB, of which 0.8 cannot be used, holds the end'],
  },
  {
    rule: 'pieces that even a peak leaves free are lost',
    file: 'src/analysis/forecast.ts',
    from: 'lost.atPeak * pieces +',
    to: '0 * pieces +',
    test: [real, 'the forecast holds'],
  },
  {
    rule: 'a straight line is not broken by what is less than material',
    file: 'src/analysis/change-point.ts',
    from: 'MATERIAL = 0.01',
    to: 'MATERIAL = 0',
    test: [real, 'the forecast holds'],
  },
  {
    rule: 'five updates of one slope before a refusal are a leak',
    file: 'src/analysis/trend.ts',
    from: 'LEAST_OF_ONE_SLOPE = 5',
    to: 'LEAST_OF_ONE_SLOPE = 50',
    test: [real, 'the verdict is the fault of each program'],
  },
  {
    rule: 'what is never given back is no spike',
    file: 'src/analysis/rules/leak.ts',
    from: '|| keepsAgain(facts)',
    to: '',
    test: [real, 'the verdict is the fault of each program'],
  },
  {
    rule: 'the first update that scatters below zero is the end',
    file: 'src/analysis/first-passage.ts',
    from: 'if (level + lowest < 0)',
    to: 'if (level < 0)',
    test: [estimates, 'of a leak that scatters by as much as ten updates add holds'],
  },
  {
    rule: 'a forecast’s minutes are minutes',
    file: 'src/analysis/forecast.ts',
    from: 'scaled(ms / 60_000)',
    to: 'scaled(ms / 1000)',
    test: ['test/report/whole-path.test.ts', 'a leak’s end is foreseen, in updates and minutes'],
  },
  {
    rule: 'lost time leaves out the warm-up',
    file: 'src/analysis/attribution.ts',
    from: 'point.at < TIMING_WARMUP_UPDATES',
    to: 'point.at < 0',
    test: [estimates, 'attribution of flushes that cost 30% of their update'],
  },
  {
    rule: 'a library that was refused memory is distinguished from PyTorch',
    file: 'src/analysis/oom-cause.ts',
    from: "by: isTorch ? 'torch' : 'library'",
    to: "by: 'torch'",
    test: ['src/analysis/oom-cause.test.ts', 'how a process ended NCCL error'],
  },
  {
    rule: 'memory of the host is not that of a device',
    file: 'src/analysis/oom-cause.ts',
    from: "if (!isDevice || reported?.device === 'cpu') return null;",
    to: 'if (error === null && !isDevice) return null;',
    test: ['src/analysis/oom-cause.test.ts', 'no device was full: DefaultCPUAllocator'],
  },
  {
    rule: 'an alarm clears once its figure has been below for its time',
    file: 'src/alarms/engine.ts',
    from: '(stands ? rule.clearHoldMs : rule.holdMs)',
    to: 'rule.holdMs',
    test: [alarms, 'clears once its figure has been below for its time'],
  },
  {
    rule: 'an alarm is raised at most once in its cool-down',
    file: 'src/alarms/engine.ts',
    from: 'now - state.announcedMs >= rule.cooldownMs',
    to: 'true',
    test: [alarms, 'what comes back within the cool-down'],
  },
  {
    rule: 'a webhook follows no redirect',
    file: 'src/alerts/webhook.ts',
    from: "redirect: 'manual'",
    to: "redirect: 'follow'",
    test: [sinks, 'what a server refuses for good, or sends elsewhere'],
  },
  {
    rule: 'a signature is HMAC-SHA256',
    file: 'src/alerts/webhook.ts',
    from: "createHmac('sha256', key)",
    to: "createHmac('sha1', key)",
    test: [sinks, 'signed as in Standard Webhooks'],
  },
  {
    rule: 'reserved memory fails no check',
    file: 'src/analysis/check.ts',
    from: '// Equal work was seen to reserve 8.6% apart.\n      return null;',
    to: 'return peak;',
    test: ['test/report/check.test.ts', 'where lengths scatter, 3'],
  },
  {
    rule: 'a change within the scatter of the runs fails no check',
    file: 'src/analysis/check.ts',
    from: 'low === null || low > 0',
    to: 'low !== null && low > 0',
    test: ['test/report/check.test.ts', 'where peaks are those of the whole run, 3'],
  },
  {
    rule: 'what is kept is not what is needed more',
    file: 'src/analysis/lines.ts',
    from: "else if (data.moment === 'end of update') this.#window = data;",
    to: "else if (data.moment === 'end of update') this.#peak = data;",
    test: ['test/lines/known-lines.test.ts', 'has none from a reading of what is kept'],
  },
  {
    rule: 'a spike has the line of a spike',
    file: 'src/analysis/lines.ts',
    from: "else if (data.why === 'spike') this.#spike = data;",
    to: "else if (data.why !== 'spike') this.#spike = data;",
    test: ['test/lines/known-lines.test.ts', 'by growth has its line'],
  },
  {
    rule: 'a peak is that of the allocations that are looked at',
    file: 'python/esper_telemetry/stack_history.py',
    from: '        if allocations == 0:\n            break\n',
    to: '',
    test: ['python/tests/test_live_lines.py', 'test_what_was_held_when_most_was'],
  },
  {
    rule: 'a mean of few runs has a wide interval',
    file: 'src/analysis/group-statistics.ts',
    from: 'FEW[whole - 1] ?? studentT(whole)',
    to: 'studentT(100)',
    test: ['test/report/groups.test.ts', 'of 3 and 3 runs, the interval holds the true difference'],
  },
  {
    rule: 'seeds part no groups of a sweep',
    file: 'src/analysis/groups.ts',
    from: 'value === undefined && !SEED.test(key)',
    to: 'value === undefined',
    test: ['test/report/groups.test.ts', 'patterns, shared names and a sweep are the same groups'],
  },
  {
    rule: 'what is known of a run is not used once its files have changed',
    file: 'src/runs/run-memory.ts',
    from: 'seenOf(path, known.files) === known.seen',
    to: 'known.seen.length > 0',
    test: ['test/path/many-runs.test.ts', 'what is known of a run is kept, until a file of it changes'],
  },
];
