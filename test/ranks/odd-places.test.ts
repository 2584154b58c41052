/** Jobs whose ranks, nodes and devices are numbered and named in every way that schedulers do: the screens have what is so, and the worst first. */
import { beforeAll, expect, test } from 'vitest';
import { RunAnalyser } from '../../src/analysis/index.ts';
import { columns } from '../../src/base/index.ts';
import type { RunReport, SanctumSnapshot, TelemetryEvent } from '../../src/contract/index.ts';
import { groupedEvents, headline, judgementOf } from '../../src/present/index.ts';
import { Reduction } from '../../src/reduce/index.ts';
import { frame, initialView } from '../../src/sanctum/index.ts';
import { playedFleet } from './fleet.ts';

const RANKS = 12;
let going: TelemetryEvent[];
let leaking: number;
beforeAll(() => {
  const { events, truths } = playedFleet('fleet-leak', { seed: 3, ranks: RANKS, nodes: 3, updates: 100 });
  going = events.filter(({ type }) => type !== 'TRAINING_COMPLETED');
  leaking = truths[0]!.ranks[0]!;
});

type Change = (event: TelemetryEvent, data: Record<string, unknown>) => void;

/** The run with every event changed. */
function changed(change: Change): { snapshot: SanctumSnapshot; report: RunReport } {
  const analyser = new RunAnalyser();
  const reduction = new Reduction();
  for (const event of going) {
    const copy = structuredClone(event);
    change(copy, copy.data as Record<string, unknown>);
    analyser.take(copy);
    reduction.add(copy);
  }
  return { snapshot: reduction.snapshot(), report: analyser.report() };
}

const rows = ({ snapshot, report }: ReturnType<typeof changed>, width = 100, height = 30) =>
  frame(snapshot, {
    ...initialView({ width, height, nowMs: snapshot.run.lastEventMs! + 100 }),
    verdict: report,
  });

/** The row of cells, as it stands. */
const strip = (shown: readonly string[]) =>
  shown.find(row => /^ [▁▂▃▄▅▆▇█×· ]+$/.test(row.trimEnd()) && row.trim() !== '')!.trimEnd();

test('ranks with gaps in their numbers, dealt to the nodes in turn: the first line has the own number, and no node stands apart', () => {
  const run = changed((event, data) => {
    if (data.hostname !== undefined) data.hostname = `node${event.rank % 3}`;
    event.rank = 7 * event.rank + 3;
  });
  const shown = rows(run);
  expect(shown[0]).toContain(`rank ${7 * leaking + 3} `);
  expect(shown.join('\n')).toMatch(new RegExp(`RANKS {2}${RANKS} on 3 nodes`));
  expect(shown.join('\n')).toMatch(new RegExp(`worst {2}${7 * leaking + 3} leak`));
  expect([...strip(shown)]).toHaveLength(RANKS + 1);
});

test('a node of many ranks and others of one stand apart; nodes of one name are one', () => {
  const uneven = changed((event, data) => {
    if (data.hostname !== undefined) data.hostname = event.rank < 10 ? 'big' : `one${event.rank}`;
  });
  expect(strip(rows(uneven))).toMatch(/^ \S{10} \S \S$/);
  const same = changed((_, data) => {
    if (data.hostname !== undefined) data.hostname = 'localhost';
  });
  expect(strip(rows(same))).toMatch(new RegExp(`^ \\S{${RANKS}}$`));
});

test('more ranks than have room share cells: the fullest of a cell shows, the worst are listed, nothing is pushed out', () => {
  const { snapshot, report } = changed(() => {});
  const [rank, device] = [snapshot.ranks[0]!, snapshot.devices[0]!];
  const all = Array.from({ length: 4096 }, (_, i) => i);
  const crowd = {
    ...snapshot,
    ranks: all.map(i => ({ ...rank, rank: i, hostname: `node${i >> 3}` })),
    devices: all.map(i => ({
      ...device,
      rank: i,
      pressure: { ...device.pressure, pressureFraction: i === 3001 ? 0.97 : 0.3 },
    })),
  };
  for (const [width, height, share] of [
    [100, 30, 8],
    [80, 24, 16],
  ] as const) {
    const shown = rows({ snapshot: crowd, report }, width, height);
    expect(shown).toHaveLength(height);
    for (const row of shown) expect(columns(row)).toBeLessThanOrEqual(width);
    const title = shown.findIndex(row => row.includes(`, ${share} a cell `));
    const cells = shown.slice(title + 1, title + 1 + 64 / share).join('');
    expect([...cells.replaceAll(' ', '')]).toHaveLength(4096 / share);
    expect([...cells.replaceAll(' ', '')].indexOf('█')).toBe(Math.floor(3001 / share));
    expect(shown[title + 1 + 64 / share]).toMatch(/worst .*3001 0\.97/);
  }
});

test('a node’s name of 60 characters costs no forecast: of both its ends so much stays as there is room for', () => {
  const host = 'a-very-long-node-name-of-some-cluster-of-sixty-characters-07';
  const run = changed((_, data) => {
    if (data.hostname !== undefined) data.hostname = host;
  });
  const judgement = judgementOf(run.report, 'running', run.snapshot);
  const at = (width: number) => headline({ ...judgement, host }, width).text;
  expect(at(400)).toContain(`rank ${leaking} sim:${leaking % 4} on ${host}`);
  expect(at(93)).toMatch(/OOM in .* updates · rank \d+ sim:\d on a-very-lon…racters-07/);
  expect(at(78)).toMatch(/(OOM|memory) .* · rank \d+ sim:\d( on a-very-lon…racters-07)?$/);
  for (const width of [60, 78, 100, 160]) expect(columns(at(width))).toBeLessThanOrEqual(width);
  for (const [width, height] of [
    [80, 24],
    [160, 50],
  ] as const)
    for (const row of rows(run, width, height)) expect(columns(row)).toBeLessThanOrEqual(width);
});

test('what several devices of each rank report in one event is one line', () => {
  const { snapshot } = changed((_, data) => {
    const memory = data.memory as { device: string; uuid?: string | null }[] | undefined;
    data.memory = memory?.flatMap(reading => [
      reading,
      { ...reading, device: reading.device.replace('sim:', 'sim:1'), uuid: null },
    ]);
  });
  expect(snapshot.devices).toHaveLength(2 * RANKS);
  const groups = groupedEvents(snapshot.ranks, 20);
  expect(new Set(groups.map(({ ranks }) => ranks.length))).toEqual(new Set([RANKS]));
  // What one rank reports twice is not one thing.
  const twice = groupedEvents(
    [
      {
        log: [1, 2].map(seq => ({ timeMs: seq, seq, rank: 0, level: 'info' as const, message: 'saved' })),
      },
    ],
    20,
  );
  expect(twice).toHaveLength(2);
});

test('ranks that join late and ranks that have ended change no other’s place', () => {
  const half = going[Math.floor(going.length / 2)]!.timeMs;
  const late = going.filter(({ rank, timeMs }) => rank < 8 || timeMs > half);
  const analyser = new RunAnalyser();
  const reduction = new Reduction();
  for (const event of late) {
    analyser.take(event);
    reduction.add(event);
  }
  const shown = rows({ snapshot: reduction.snapshot(), report: analyser.report() });
  expect(shown[0]).toContain(`rank ${leaking} `);
  expect([...strip(shown).replaceAll(' ', '')]).toHaveLength(RANKS);
});
