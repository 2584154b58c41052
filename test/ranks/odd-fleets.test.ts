/** Fleets as operators meet them beside the plain ones: what is wrong is found, what only looks odd is not. */
import { describe, expect, test } from 'vitest';
import { RunAnalyser } from '../../src/analysis/index.ts';
import type { RankFinding, TelemetryEvent } from '../../src/contract/index.ts';
import { playedFleet } from './fleet.ts';

function foundIn(events: readonly TelemetryEvent[]): RankFinding[] {
  const analyser = new RunAnalyser();
  for (const event of events) analyser.take(event);
  return [...analyser.report().acrossRanks!];
}
const wordsOf = (found: readonly RankFinding[]) => found.map(({ kind, ranks }) => `${kind}: ${ranks}`);
const played = (name: string, seed: number, ranks = 8) =>
  playedFleet(`fleet-${name}`, { seed, ranks, updates: 200 });
/** As if updates took ten times as long. */
const slowed = (events: readonly TelemetryEvent[]) =>
  events.map(event => ({ ...event, timeMs: 1.7e12 + (event.timeMs - 1.7e12) * 10 }));

describe.each([
  ['straggler', 'slow rank'],
  ['two-creeps', 'lone growth'],
  ['two-slow', 'slow rank'],
  ['restart-and-creep', 'lone growth'],
  ['heavy-tails-and-slow', 'slow rank'],
] as const)('%s', (name, kind) => {
  test(`is found as ${kind} of the right ranks`, () => {
    const { events, truths } = played(name, 418_274);
    const found = foundIn(events).find(finding => finding.kind === kind);
    expect([...(found?.ranks ?? [])].sort()).toEqual([...truths[0]!.ranks].sort());
  });
});

test('a rank that is slow in every tenth update is named as one that is so now and then', () => {
  expect(foundIn(played('straggler', 418_273).events)[0]!.says).toContain('some of them take much longer');
});

const { events: steady } = playedFleet('fleet-steady', { seed: 9, ranks: 8, updates: 100 });
/** The steady ranks, each holding so many MiB more in its updates. */
const raised = (moreMib: (rank: number, batch: number) => number) =>
  steady.map(event => {
    const [memory] = event.type === 'PPO_UPDATE_COMPLETED' ? (event.data.memory ?? []) : [];
    if (memory === undefined) return event;
    const more = moreMib(event.rank, event.seq) * 2 ** 20;
    const plus = (bytes: number | null | undefined) => bytes! + more;
    const { activeBytes, allocatedBytes, peakActiveBytes, peakAllocatedBytes } = memory;
    const all = {
      activeBytes: plus(activeBytes),
      allocatedBytes: plus(allocatedBytes),
      peakActiveBytes: plus(peakActiveBytes),
      peakAllocatedBytes: plus(peakAllocatedBytes),
    };
    return { ...event, data: { ...event.data, memory: [{ ...memory, ...all }] } } as TelemetryEvent;
  });

test('stages stay stages beside a rank that grows, also where that rank is the one in the middle', () => {
  expect(wordsOf(foundIn(played('stages-and-creep', 418_273).events))).toEqual([
    'lone growth: 4',
    'uneven stages: 0,1,2,3,5',
  ]);
  const five = raised((rank, batch) => (rank < 2 ? 0 : rank > 2 ? 2000 : 600 + 8 * batch));
  expect(wordsOf(foundIn(five.filter(({ rank }) => rank < 5)))).toEqual([
    'lone growth: 2',
    'uneven stages: 3,4',
  ]);
});

test('a rank that grows in leaps with long pauses between them grows; one that leaps once does not', () => {
  const leaping = (leaps: readonly number[]) =>
    raised((rank, batch) => (rank === 3 ? 24 * leaps.filter(leap => leap <= batch).length : 0));
  expect(wordsOf(foundIn(leaping([20, 22, 40, 44, 66, 68, 95])))).toEqual(['lone growth: 3']);
  expect(wordsOf(foundIn(leaping([20, 20, 20, 20, 20, 20, 20])))).toEqual([]);
});

test('peaks of the whole run that are high by chance are no skew; those that nothing else comes near are one', () => {
  // Each rank meets a long sequence at some time; one a longer one.
  const met = (byRank: readonly number[]) =>
    raised((rank, batch) => (batch >= 10 + 9 * rank ? byRank[rank]! : 0)).map(event => {
      const [memory] = event.type === 'PPO_UPDATE_COMPLETED' ? (event.data.memory ?? []) : [];
      if (memory === undefined) return event;
      return {
        ...event,
        data: { ...event.data, memory: [{ ...memory, peakScope: 'run' }] },
      } as TelemetryEvent;
    });
  const skews = (found: readonly RankFinding[]) => wordsOf(found).filter(words => words.includes('skew'));
  expect(skews(foundIn(met([300, 290, 310, 700, 305, 295, 300, 300])))).toEqual([]);
  expect(skews(foundIn(met([30, 29, 31, 700, 30, 29, 30, 30])))).toEqual(['memory skew: 3']);
});

test.each([
  ['heavy-tails', 418_278],
  ['late-ranks', 2],
  ['early-end', 2],
  ['intervals', 2],
  ['restart', 2],
  ['checkpoints', 2],
])('%s (%i) shows nothing', (name, seed) => {
  expect(wordsOf(foundIn(played(name, seed).events))).toEqual([]);
});

test('work that wanders from rank to rank makes none of them slow', () => {
  const { events } = played('experts-and-creep', 35_508_222);
  expect(wordsOf(foundIn(events.slice(0, 1280)))).toEqual(['lone growth: 5']);
});

describe('clocks of nodes that differ', () => {
  const { events } = played('two-slow', 3, 16);
  // A node of slow ranks, which are behind, with a clock that is behind as well.
  const behind = (byMs: number) =>
    events
      .filter(({ seq, rank }) => seq < 60 || (rank < 8 && seq < 70))
      .map(event => (event.rank < 8 ? event : { ...event, timeMs: event.timeMs - byMs }));
  test('make no rank silent', () => {
    expect(wordsOf(foundIn(behind(600_000))).filter(words => words.startsWith('silent'))).toEqual([]);
  });
});

describe('two ranks', () => {
  const { events } = playedFleet('fleet-steady', { seed: 4, ranks: 2, updates: 100 });
  test('are enough to miss one', () => {
    expect(wordsOf(foundIn(slowed(events.filter(({ rank, seq }) => rank === 0 || seq < 40))))).toEqual([
      'silent rank: 1',
    ]);
  });
  test('that are well show nothing', () => {
    expect(foundIn(slowed(events))).toEqual([]);
  });
});
