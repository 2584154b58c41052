/** A run while it is written, the state that it is in, and which of its alarms stand. */
import type { Mutation } from './mutation.ts';

const alarms = 'test/alerts/alarms.test.ts';
const follower = 'src/follow/run-follower.test.ts';
const reduced = 'src/reduce/reduce.test.ts';

const reduction = 'src/reduce/reduction.test.ts';

export const following: readonly Mutation[] = [
  {
    rule: 'a history that is read late is that of its snapshot',
    file: 'src/reduce/history.ts',
    from: 'this.#arraysOf(parts, count)',
    to: 'this.#arraysOf(parts, this.#count)',
    test: ['src/reduce/history.test.ts', 'what was handed out is the history of that moment'],
  },
  {
    rule: 'a device that was handed out is not changed by what follows',
    file: 'src/reduce/draft.ts',
    from: '{ ...state, counters: { ...state.counters }, ...totalsOf(state, around(state)) }',
    to: '{ ...state, ...totalsOf(state, around(state)) }',
    test: [reduction, 'a snapshot now and then is that of events reduced one by one'],
  },
  {
    rule: 'a look at a run shows what its ranks logged',
    file: 'src/reduce/run-draft.ts',
    from: 'draft.settle();',
    to: '',
    test: ['src/reduce/reduction.test.ts', 'a snapshot now and then is that of events reduced one by one'],
  },
  {
    rule: 'a paused view stays as it is',
    file: 'src/sanctum/dashboard.ts',
    from: 'choices.paused ? source.getState(true) : null',
    to: 'choices.paused ? source.getState() : null',
    test: [
      'src/sanctum/dashboard.test.ts',
      'p keeps what is shown, also where the next event changes it in place',
    ],
  },
  {
    rule: 'the log is read once more after its writers are gone',
    file: 'src/follow/run-follower.ts',
    from: 'if (gone && !this.#isWriterGone && !this.#isLastRound) {',
    to: 'if (false as boolean) {',
    test: [follower, 'what a writer wrote to its last is read before it is called gone'],
  },
  {
    rule: 'a run that nobody began is gone after a minute',
    file: 'src/log/run-state.ts',
    from: 'return run !== null && nowMs - run.createdMs > BEGINS_WITHIN_MS;',
    to: 'return false;',
    test: [follower, 'a run that nobody began within a minute is gone'],
  },
  {
    rule: 'a run that has ended is never gone',
    file: 'src/contract/run-state.ts',
    from: 'isOver(logged) || !isWriterGone ?',
    to: '!isWriterGone ?',
    test: [follower, 'only a run that has no end can be gone'],
  },
  {
    rule: 'a rank that lost its first line does not keep an ended run open',
    file: 'src/reduce/run-state.ts',
    from: "(states.size === 1 && states.has('waiting'))",
    to: "states.has('waiting')",
    test: ['test/path/one-answer.test.ts', 'the state of a run of which a rank lost its first line'],
  },
  {
    rule: 'a full pool on a device with room is no state of the run',
    file: 'src/reduce/derive.ts',
    from: "memoryStatus === 'critical' && !isInAlarm && mayMatter",
    to: "memoryStatus === 'critical' && !isInAlarm",
    test: [reduced, 'a full pool on a device with room is no state of the run'],
  },
  {
    rule: 'a full pool on a device with room is no red line of the log',
    file: 'src/reduce/memory.ts',
    from: "change === 'worse' && isShort(draft, device)",
    to: "change === 'worse'",
    test: [reduced, 'a full pool on a device with room is no state of the run'],
  },
  {
    rule: 'a reading of an earlier process raises nothing',
    file: 'src/reduce/alarms.ts',
    from: '(rank.processStartedMs ?? Number.NEGATIVE_INFINITY)',
    to: 'Number.NEGATIVE_INFINITY',
    test: [alarms, 'what an earlier process held raises nothing once it was resumed'],
  },
  {
    rule: 'an alarm stands although its announcement waits for the cool-down',
    file: 'src/alarms/memory-alarm.ts',
    from: 'states[rule.name]?.raisedMs ?? null',
    to: 'states[rule.name]?.isAnnounced ? states[rule.name]!.raisedMs : null',
    test: [alarms, 'it stands as soon as it is raised'],
  },
  {
    rule: 'a clearing ends the alarm of its own device',
    file: 'src/alarms/alarm-spans.ts',
    from: 'span.rule === rule && span.rank === rank && span.device === device && span.toMs === null',
    to: 'span.rule === rule && span.rank === rank && span.toMs === null',
    test: ['src/alarms/alarm-spans.test.ts', 'a clearing ends the raise of its rule, rank and device alone'],
  },
  {
    rule: 'the report’s alarms are those of the engine',
    file: 'src/cli/run-report.ts',
    from: 'alarms.take(reduction.add(event));',
    to: 'reduction.add(event);',
    test: ['test/report/commands.test.ts', 'a run’s log becomes text'],
  },
  {
    rule: 'cuda:2 comes before cuda:10',
    file: 'src/reduce/draft.ts',
    from: '(isNumber ? Number(own) - Number(other) : 0)',
    to: '0',
    test: ['src/reduce/reduce.test.ts', 'devices are in the order of their numbers'],
  },
];
