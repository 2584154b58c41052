/** What ranks show beside each other, on fleets whose truth is known; that healthy ones show nothing; and that order is no matter. */
import { describe, expect, test } from 'vitest';
import { RankAlarms } from '../../src/alarms/index.ts';
import { RunAnalyser } from '../../src/analysis/index.ts';
import { checkEvent, isMalformed, type RankFinding, type TelemetryEvent } from '../../src/contract/index.ts';
import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';
import { playedFleet } from './fleet.ts';

const RANKS = 16;

function analysed(events: readonly TelemetryEvent[]) {
  const analyser = new RunAnalyser();
  for (const event of events) analyser.take(event);
  return analyser.report();
}
const foundIn = (events: readonly TelemetryEvent[]): RankFinding[] => analysed(events).acrossRanks!;
const kinds = (found: readonly RankFinding[]) => found.map(({ kind }) => kind);

describe.each([
  ['fleet-creep', 'lone growth'],
  ['fleet-slow', 'slow rank'],
  ['fleet-silent', 'silent rank'],
  ['fleet-skew', 'memory skew'],
  ['fleet-first-failure', 'first failure'],
  ['fleet-contexts', 'shared device'],
  ['fleet-stages', 'uneven stages'],
] as const)('%s', (name, kind) => {
  const { events, truths } = playedFleet(name, { seed: 5, ranks: RANKS, updates: 200 });

  test(`is found as ${kind}, of the right rank, and nothing beside it`, () => {
    const found = foundIn(events);
    expect(kinds(found)).toEqual([kind]);
    const [rank] = truths[0]!.ranks;
    if (rank !== undefined) expect(found[0]!.rank).toBe(rank);
    expect(found[0]!.says).toMatch(/^[A-Z][^\n]*\.$/);
    if (found[0]!.level !== 'info') expect(found[0]!.short).toContain(`rank ${found[0]!.rank}`);
  });

  test('the same where each rank’s log is read after the other', () => {
    const byRank = [...events].sort((a, b) => a.rank - b.rank || a.seq - b.seq);
    expect(foundIn(byRank)).toEqual(foundIn(events));
  });

  test('is a run that the contract accepts', () => {
    const wrong = events.filter(event => isMalformed(checkEvent(structuredClone(event))));
    expect(wrong).toEqual([]);
  });

  test('is a run whose sources agree: the driver’s samples and the ranks’ own make a ledger that adds up', () => {
    const { devices } = reduceAll(emptySnapshot(), events);
    expect(devices.flatMap(({ ledger }) => ledger.contradiction ?? [])).toEqual([]);
  });
});

test.each([1, 2, 3, 4])('a healthy fleet shows nothing, whatever its seed (%i)', seed => {
  const report = analysed(playedFleet('fleet-steady', { seed, ranks: 24, updates: 120 }).events);
  expect(report.acrossRanks).toEqual([]);
  expect(report.verdict.kind).toBe('steady');
});

describe('the times of all ranks are alike, because they wait for each other', () => {
  test('the slow one is found by its rollouts', () => {
    const seed = [1, 2, 3, 4, 5, 6].find(seed => {
      const { events } = playedFleet('fleet-slow', { seed, ranks: RANKS, updates: 60 });
      return foundIn(events)[0]?.says.includes('rollouts');
    });
    expect(seed).toBeDefined();
  });
});

const steady = playedFleet('fleet-steady', { seed: 9, ranks: RANKS, updates: 100 }).events;

test('a rank of the job that never wrote is missed; where only a few ranks write at all, none is', () => {
  const without = steady.filter(({ rank }) => rank !== 7);
  const stretched = without.map(event => ({ ...event, timeMs: 1.7e12 + (event.timeMs - 1.7e12) * 10 }));
  expect(foundIn(stretched).map(({ says }) => says)).toEqual([
    'Nothing was ever heard of rank 7, of 16 in the job.',
  ]);
  expect(foundIn(stretched.filter(({ rank }) => rank < 4))).toEqual([]);
});

test('a rank that finished early is not silent, and a run that stands still has no silent rank', () => {
  const end = (rank: number, seq: number): TelemetryEvent => ({
    ...steady.find(event => event.rank === rank)!,
    seq,
    type: 'TRAINING_COMPLETED',
    data: { reason: 'finished' },
  });
  const early = steady.filter(({ rank, seq }) => rank !== 3 || seq < 30);
  const slowed = (events: TelemetryEvent[]) =>
    events.map(event => ({ ...event, timeMs: 1.7e12 + (event.timeMs - 1.7e12) * 10 }));
  expect(kinds(foundIn(slowed(early)))).toContain('silent rank');
  expect(kinds(foundIn(slowed([...early, end(3, 30)])))).not.toContain('silent rank');
  expect(foundIn(slowed(steady.filter(({ seq }) => seq < 30)))).toEqual([]);
});

test('where all fell waiting for a rank without an error of its own, that rank stopped first', () => {
  const failed = steady
    .filter(({ rank, seq }) => (rank === 3 ? seq < 30 : seq < 80))
    .map(event => ({ ...event, timeMs: 1.7e12 + (event.timeMs - 1.7e12) * 10 }));
  const ends = Array.from({ length: RANKS }, (_, rank) => rank)
    .filter(rank => rank !== 3)
    .map(
      (rank): TelemetryEvent => ({
        ...failed.findLast(event => event.rank === rank)!,
        seq: 80,
        type: 'TRAINING_FAILED',
        data: { errorType: 'DistBackendError', message: 'Watchdog caught collective operation timeout' },
      }),
    );
  const [first] = foundIn([...failed, ...ends]);
  expect(first).toMatchObject({ kind: 'first failure', rank: 3 });
  expect(first!.says).toContain('stopped first');
});

test('a run of one rank has none of it, and its report is what it was', () => {
  const report = analysed(
    steady
      .filter(({ rank }) => rank === 0)
      .map(event => ({ ...event, data: { ...event.data, worldSize: 1 } }) as TelemetryEvent),
  );
  expect(report).not.toHaveProperty('acrossRanks');
  expect(report.devices[0]).not.toHaveProperty('host');
});

test('judged a few devices at a time, the report comes to be the same', () => {
  const { events } = playedFleet('fleet-leak', { seed: 3, ranks: RANKS, updates: 120 });
  const whole = analysed(events);
  const analyser = new RunAnalyser();
  let looks = 0;
  for (const [i, event] of events.entries()) {
    analyser.take(event);
    if (i % 500 === 0) analyser.judgeSome(() => looks++ % 3 !== 0);
  }
  // The leaking rank stands out: it is among the first that are judged.
  analyser.judgeSome(() => false);
  expect(analyser.reportAsJudged().verdict.rank).toBe(whole.verdict.rank);
  while (!analyser.judgeSome(() => false));
  expect(analyser.reportAsJudged()).toEqual(whole);
});

test('alarms: one that is found still, as information, is not cleared as if nothing were found', () => {
  const alarms = new RankAlarms();
  const [finding] = foundIn(playedFleet('fleet-creep', { seed: 5, ranks: 8, updates: 60 }).events);
  const levels = ['warning', 'info', 'info', 'info'] as const;
  const notices = levels.flatMap((level, look) =>
    steady
      .filter(({ rank, seq }) => rank < 8 && seq > 10 * look && seq <= 10 * look + 10)
      .flatMap(event => alarms.take(event, () => [{ ...finding!, level }])),
  );
  expect(notices.map(({ what, reason }) => [what, reason])).toEqual([
    ['raised', finding!.says.replace(/\.$/, '')],
    ['cleared', 'the verdict of the device names it'],
  ]);
});

test('alarms: raised once, of the right rank, and cleared when it is over', () => {
  const { events } = playedFleet('fleet-silent', { seed: 5, ranks: RANKS, updates: 200 });
  const analyser = new RunAnalyser();
  const alarms = new RankAlarms();
  const notices = events.flatMap(event => {
    analyser.take(event);
    return alarms.take(event, () => analyser.acrossRanks());
  });
  expect(notices.map(({ what, rule, rank }) => `${what} ${rule} ${rank}`)).toEqual([
    expect.stringMatching(/^raised silent-rank \d+$/),
    expect.stringMatching(/^cleared silent-rank \d+$/),
  ]);
  expect(notices[1]!.reason).toBe('the run has ended');
});
