/**
 * How right alarms are, on runs whose truth is known: the default rules against what people alert on otherwise, a plain threshold
 * on the same events. A run is in danger when it fails for lack of memory, torch's or a library's, or the allocator was
 * refused memory in it; an alarm is right when its run is. Lead time: updates from the first alarm to out of memory. A spike, or a
 * neighbour that comes at once, gives no sign before it kills: recall is given with and without the scenarios of such.
 *
 *   npx tsx bench/verdict alarms [variants of each scenario] [first seed]
 */
import { type AlarmRule, defaultRules } from '../../src/alarms/index.ts';
import { parseAlarmsFile } from '../../src/alerts/index.ts';
import { Reduction } from '../../src/reduce/index.ts';
import { median, play, type Scenario, scenarios, share } from './play.ts';

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
  { name: 'Esper, warnings too', rules: defaultRules.filter(rule => rule.name !== 'failed') },
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

function raisesIn(scenario: Scenario, seed: number): Map<string, Outcome> {
  const { events, truth } = play(scenario, seed);
  const found = new Map(
    contenders.map(({ name, rules }) => [
      name,
      { reduction: new Reduction(undefined, rules), raises: [] as number[] },
    ]),
  );
  let state = 'waiting';
  for (const event of events) {
    for (const { reduction, raises } of found.values())
      for (const { what, batch } of reduction.add(event)) if (what === 'raised') raises.push(batch ?? 0);
    if (event.type === 'TRAINING_FAILED') state = 'failed';
  }
  const inDanger = state === 'failed' || truth.updatesAtTheWall > 0;
  return new Map(
    [...found].map(([name, { raises }]) => [
      name,
      { scenario: scenario.name, raises, batchOfOom: truth.outOfMemoryAt, inDanger },
    ]),
  );
}

export function alarms(variants: number, firstSeed: number): void {
  const all = new Map<string, Outcome[]>(contenders.map(({ name }) => [name, []]));
  console.log(`\nAlarms: ${variants} runs of each scenario, seeds from ${firstSeed}`);
  console.log(`${'scenario'.padEnd(22)} in danger   raised: ${contenders.map(c => c.name).join(' | ')}`);
  for (const scenario of scenarios) {
    const own = new Map<string, Outcome[]>(contenders.map(({ name }) => [name, []]));
    for (let i = 0; i < variants; i++)
      for (const [name, outcome] of raisesIn(scenario, firstSeed + i)) own.get(name)!.push(outcome);
    const inDanger = own.get(contenders[0]!.name)!.filter(o => o.inDanger).length;
    const raised = [...own.values()].map(outcomes => outcomes.filter(o => o.raises.length > 0).length);
    console.log(`${scenario.name.padEnd(22)} ${String(inDanger).padStart(9)}   ${raised.join(' | ')}`);
    for (const [name, outcomes] of own) all.get(name)!.push(...outcomes);
  }
  for (const [name, outcomes] of all) summary(name, outcomes);
}

function summary(name: string, outcomes: readonly Outcome[]): void {
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
      `median lead ${lead.length === 0 ? '–' : median(lead)} updates before out of memory (${lead.length} runs)  ${perRun.toFixed(2)} raises a run`,
  );
}
