/** Under equal memory pressure the PyTorch trainer does what ours does, and reports the same about it. */
import { describe, expect, test } from 'vitest';
import type { DeviceMemory } from '../../src/contract/index.ts';
import { Emitter } from '../../src/emit/index.ts';
import { type Adjustable, Interventions } from '../../src/workloads/ppo/interventions.ts';
import { ask, python, unless } from './python.ts';

const PARTS = [1, 2, 4, 8, 16, 32];

/** The reading that an update would end with, by the parts that its minibatches were learned in. */
type Readings = Record<string, DeviceMemory>;

const updates = (
  count: number,
  pressureOf: (parts: number, batch: number) => number | null,
  retriesOf: (parts: number, batch: number) => number = () => 0,
): Readings[] =>
  Array.from({ length: count }, (_, i) =>
    Object.fromEntries(
      PARTS.map(parts => {
        const pressure = pressureOf(parts, i + 1);
        return [
          String(parts),
          {
            device: 'cuda:0',
            reservedBytes: 400,
            deviceTotalBytes: 1000,
            deviceFreeBytes: 600,
            peakActiveBytes: pressure === null ? null : Math.round(1000 * pressure),
            allocRetries: retriesOf(parts, i + 1),
          },
        ];
      }),
    ),
  );

function ours(minibatchSize: number, all: Readings[]) {
  const events: [string, object][] = [];
  const sink = {
    append: (line: string) => {
      const { type, data } = JSON.parse(line);
      events.push([type, data]);
    },
  };
  let emptied = 0;
  const adjustable: Adjustable = { microbatches: 1, minibatchSize, emptyCache: () => emptied++ };
  const interventions = new Interventions(adjustable, new Emitter({ run: 'r', rank: 0, sink }));
  const microbatches = all.map((readings, i) => {
    const used = adjustable.microbatches;
    interventions.afterUpdate(i + 1, [readings[used]!], 10 * used);
    return used;
  });
  return { events, microbatches, emptied };
}

describe.skipIf(!python)(`interventions${unless(python, 'python3')}`, () => {
  test.each<[string, number, Readings[], number]>([
    ['no pressure', 64, updates(30, () => 0.89), 0],
    ['what helped stays', 64, updates(40, parts => 0.5 + 0.48 / parts), 2],
    [
      'a helping hand that is not enough, up to one sample a part',
      8,
      updates(60, parts => 1.3 - 0.05 * parts),
      6,
    ],
    ['what did not help is undone, and rests', 64, updates(100, () => 0.95), 6],
    [
      'refusals that end',
      64,
      updates(
        30,
        () => 0.7,
        (parts, batch) => (parts === 1 ? batch : 7),
      ),
      2,
    ],
    [
      'pressure that sways and is not always measured',
      64,
      updates(80, (_, i) => (i % 7 ? 0.8 + 0.15 * Math.sin(i) : null)),
      8,
    ],
  ])('%s', (_, minibatchSize, all, events) => {
    const theirs = ask(python!, { kind: 'interventions', minibatchSize, updates: all });
    const own = ours(minibatchSize, all);
    expect(theirs).toEqual(own);
    expect(own.events).toHaveLength(events);
  });
});
