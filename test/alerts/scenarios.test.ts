/** The default rules on simulated runs whose truth is known; bench/verdict measures how right they are over many. */
import { expect, test } from 'vitest';
import { type AlarmNotice, defaultRules } from '../../src/alarms/index.ts';
import type { TelemetryEvent } from '../../src/contract/index.ts';
import { Reduction } from '../../src/reduce/index.ts';
import { playScenario, scenarios } from '../../src/workloads/simulate/index.ts';

const critical = defaultRules.filter(({ level, name }) => level === 'critical' && name !== 'failed');

function play(name: string, seed: number) {
  const steps = playScenario(scenarios.find(scenario => scenario.name === name)!, { seed });
  const reduction = new Reduction(undefined, critical);
  const raised: AlarmNotice[] = [];
  let timeMs = 1.7e12;
  for (let seq = 0; ; seq++) {
    const step = steps.next();
    if (step.done) {
      const { outOfMemoryAt, updatesAtTheWall } = step.value;
      return { raised, outOfMemoryAt, isInDanger: outOfMemoryAt !== null || updatesAtTheWall > 0 };
    }
    const { type, data, afterMs } = step.value;
    timeMs += afterMs;
    const next = { v: '1.0', seq, timeMs, run: 'r', rank: 0, type, data } as TelemetryEvent;
    raised.push(...reduction.add(next).filter(({ what }) => what === 'raised'));
  }
}

const seeds = Array.from({ length: 8 }, (_, i) => i + 1);

test.each(['steady', 'noise', 'batch-size-step'])('%s is silent as long as nothing is refused', name => {
  const calm = seeds.map(seed => play(name, seed)).filter(({ isInDanger }) => !isInDanger);
  expect(calm.length).toBeGreaterThan(3);
  for (const { raised } of calm) expect(raised).toEqual([]);
});

test('a leak is reported before memory runs out, also where most of it lies in pieces', () => {
  for (const seed of [1000, 1021]) {
    const { raised, outOfMemoryAt } = play('slow-leak', seed);
    expect(raised[0]).toMatchObject({ rule: 'headroom' });
    expect(outOfMemoryAt! - raised[0]!.batch!).toBeGreaterThan(10);
  }
});
