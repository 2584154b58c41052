/** 64 ranks on 8 nodes, of which one leaks, one is slow and one is silent: each is named wherever a verdict stands, the worst first. */
import { beforeAll, describe, expect, test } from 'vitest';
import { RankAlarms, VerdictAlarms } from '../../src/alarms/index.ts';
import { RunAnalyser } from '../../src/analysis/index.ts';
import type { RunReport, SanctumSnapshot } from '../../src/contract/index.ts';
import { headline, judgementOf, withJudgement } from '../../src/present/index.ts';
import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';
import { runDocument, toMarkdown } from '../../src/report/index.ts';
import { frame, initialView } from '../../src/sanctum/index.ts';
import { playedFleet } from './fleet.ts';

let report: RunReport;
let snapshot: SanctumSnapshot;
let notices: string[];
beforeAll(() => {
  const { events } = playedFleet('fleet', { seed: 1, updates: 140 });
  const going = events.filter(({ type }) => type !== 'TRAINING_COMPLETED');
  const analyser = new RunAnalyser();
  const [verdicts, ranks] = [new VerdictAlarms(), new RankAlarms()];
  for (const event of going) analyser.take(event);
  report = analyser.report();
  // The alarms of a part of them: all 64 take their time.
  const few = new RunAnalyser();
  notices = going
    .filter(({ rank }) => rank % 8 === 4 || rank === 37 || rank === 50)
    .flatMap(event => {
      few.take(event);
      return [
        ...verdicts.take(event, () => judgementOf(few.reportOfRank(event.rank), 'running')),
        ...ranks.take(event, () => few.acrossRanks()),
      ].map(({ what, rule, rank }) => `${what} ${rule} ${rank}`);
    });
  snapshot = reduceAll(emptySnapshot(), going);
}, 180_000);

const rows = (width: number, height: number, of = snapshot) => {
  const nowMs = of.run.lastEventMs! + 100;
  return frame(of, { ...initialView({ width, height, nowMs }), verdict: report });
};

test('the first line', () => {
  const text = headline(judgementOf(report, 'running', snapshot)).text;
  expect(text).toMatch(
    /^✗ leak · memory runs out .* · rank 37 sim:5 on node4 · rank 50 silent .* · rank 12 slow 1\.\d+×$/,
  );
});

describe.each([
  [100, 30],
  [80, 24],
])('Sanctum at %i×%i', (width, height) => {
  test('names rank 37 in its first row, rank 50 and rank 12 on the screen, and has a cell for each of 64 ranks in one row', () => {
    const shown = rows(width, height);
    expect(shown[0]).toMatch(/leak .*(rank |r)37 /);
    const all = shown.join('\n');
    expect(all).toMatch(/worst {2}37 leak .* · 50 silent .* · 12 slow/);
    const cells = shown.find(row => /^ ?[▁▂▃▄▅▆▇█×· ]{64,}$/.test(row))!;
    expect([...cells.replaceAll(' ', '')]).toHaveLength(64);
    expect([...cells.replaceAll(' ', '')][50]).toBe('×');
  });
});

test('512 ranks stand in eight rows', () => {
  const many = {
    ...snapshot,
    ranks: Array.from({ length: 512 }, (_, rank) => ({ ...snapshot.ranks[rank % 64]!, rank, log: [] })),
    devices: Array.from({ length: 512 }, (_, rank) => ({ ...snapshot.devices[rank % 64]!, rank })),
  };
  const shown = rows(100, 30, many).filter(row => /^ ?[▁▂▃▄▅▆▇█×· ]{64,}$/.test(row) && row.trim() !== '');
  expect(shown).toHaveLength(8);
});

test('alarms, the status and the report name them', () => {
  expect(notices).toContain('raised verdict 37');
  expect(notices).toContain('raised slow-rank 12');
  expect(notices).toContain('raised silent-rank 50');
  const judged = withJudgement(snapshot, judgementOf(report, 'running', snapshot));
  expect(judged.status.reasons[0]).toMatch(/^rank 37 sim:5: leak/);
  expect(judged.vitals.memoryAlarmDevices[0]).toMatchObject({ rank: 37, device: 'sim:5' });
  const page = toMarkdown(runDocument(report, { nowMs: 0, timeZone: 'UTC', version: 'test' }));
  expect(page).toContain('Rank 50 on node6 is silent');
  expect(page).toContain('Rank 12 on node1 is slow');
  expect(page.indexOf('rank 37')).toBeGreaterThan(0);
});
