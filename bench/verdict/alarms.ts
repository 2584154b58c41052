/**
 * How right alarms are, on runs whose truth is known: the default rules against what people alert on otherwise, a plain threshold
 * on the same events. A run is in danger when it fails for want of memory, torch's or a library's, or the allocator was
 * refused memory in it; an alarm is right when its run is. Lead time: updates from the first alarm to out of memory. A spike, or a
 * neighbour that comes at once, gives no sign before it kills: recall is told with and without the scenarios of such.
 *
 *   npx tsx bench/verdict/alarms.ts [variants of each scenario] [first seed]
 */
import {
  type AlarmRule,
  defaultRules,
  noAlarms,
  parseAlarmsFile,
  updateAlarms,
} from '../../src/alerts/index.ts';
import type { TelemetryEvent } from '../../src/contract/index.ts';
import { emptySnapshot, reduce } from '../../src/reduce/index.ts';
import { playScenario, type Scenario, type ScenarioTruth, scenarios } from '../../src/simulate/index.ts';

const variants = Number(process.argv[2] ?? 20);
/** Seeds below are for tuning. */
const firstSeed = Number(process.argv[3] ?? 100_000);

const plain = (when: string): AlarmRule[] =>
  parseAlarmsFile(
    '',
    JSON.stringify({
      defaults: false,
      rules: [{ name: 'plain', when, level: 'critical', cooldown: '0s', clearHold: '0s' }],
    }),
  ).rules.map(rule => ({
    ...rule,
    clear: { ...rule.raise, bound: { operator: '<=', value: rule.raise.bound!.value } },
  }));

const contenders: { name: string; rules: readonly AlarmRule[] }[] = [
  {
    name: 'Esper, critical',
    rules: defaultRules.filter(rule => rule.level === 'critical' && rule.name !== 'failed'),
  },
  { name: 'device used > 90%', rules: plain('device > 90') },
  { name: 'allocated/reserved > 90%', rules: plain('mem > 90') },
];

/** Danger that may come without a sign. */
const sudden = ['spike', 'neighbour', 'cache-starvation'];

interface Outcome {
  scenario: string;
  raises: number[];
  batchOfOom: number | null;
  inDanger: boolean;
}

function play(scenario: Scenario, seed: number): Map<string, Outcome> {
  const steps = playScenario(scenario, { seed });
  const found = new Map(contenders.map(({ name }) => [name, { alarms: noAlarms(), raises: [] as number[] }]));
  let snapshot = emptySnapshot();
  let timeMs = 1_700_000_000_000;
  let truth: ScenarioTruth;
  for (let seq = 0; ; seq++) {
    const step = steps.next();
    if (step.done) {
      truth = step.value;
      break;
    }
    const { type, data, afterMs } = step.value;
    timeMs += afterMs;
    snapshot = reduce(snapshot, {
      v: '1.0',
      seq,
      timeMs,
      run: 'bench',
      rank: 0,
      type,
      data,
    } as TelemetryEvent);
    for (const { name, rules } of contenders) {
      const own = found.get(name)!;
      const { alarms, notices } = updateAlarms(own.alarms, snapshot, rules);
      own.alarms = alarms;
      for (const notice of notices) if (notice.what === 'raised') own.raises.push(notice.batch ?? 0);
    }
  }
  const inDanger = snapshot.run.state === 'failed' || truth.updatesAtTheWall > 0;
  return new Map(
    [...found].map(([name, { raises }]) => [
      name,
      { scenario: scenario.name, raises, batchOfOom: truth.outOfMemoryAt, inDanger },
    ]),
  );
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? null;
const share = (part: number, whole: number) => (whole === 0 ? '  –  ' : (part / whole).toFixed(3));

const all = new Map<string, Outcome[]>(contenders.map(({ name }) => [name, []]));
console.log(
  `${'scenario'.padEnd(22)} in danger   raised, of ${variants}: ${contenders.map(c => c.name).join(' | ')}`,
);
for (const scenario of scenarios) {
  const own = new Map<string, Outcome[]>(contenders.map(({ name }) => [name, []]));
  for (let i = 0; i < variants; i++)
    for (const [name, outcome] of play(scenario, firstSeed + i)) own.get(name)!.push(outcome);
  const inDanger = own.get(contenders[0]!.name)!.filter(o => o.inDanger).length;
  const raised = [...own.values()].map(outcomes => outcomes.filter(o => o.raises.length > 0).length);
  console.log(`${scenario.name.padEnd(22)} ${String(inDanger).padStart(9)}   ${raised.join(' | ')}`);
  for (const [name, outcomes] of own) all.get(name)!.push(...outcomes);
}
console.log();
for (const [name, outcomes] of all) {
  const raised = outcomes.filter(o => o.raises.length > 0);
  const right = raised.filter(o => o.inDanger).length;
  const danger = outcomes.filter(o => o.inDanger).length;
  const lead = outcomes
    .filter(o => o.batchOfOom !== null && o.raises.length > 0)
    .map(o => o.batchOfOom! - o.raises[0]!);
  const foreseeable = outcomes.filter(o => o.inDanger && !sudden.includes(o.scenario));
  const foreseen = foreseeable.filter(o => o.raises.length > 0).length;
  const perRun = outcomes.reduce((sum, o) => sum + o.raises.length, 0) / outcomes.length;
  console.log(
    `${name.padEnd(26)} precision ${share(right, raised.length)}  recall ${share(right, danger)} (${share(foreseen, foreseeable.length)} where it can be foreseen)  ` +
      `median lead ${median(lead) ?? '–'} updates before out of memory (${lead.length} runs)  ${perRun.toFixed(2)} raises a run`,
  );
}
