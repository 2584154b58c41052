/** Sanctum and Overwatch must say the same of the same snapshot: every figure, every word, every severity. */
import { describe, expect, test } from 'vitest';
import type { SanctumSnapshot } from '../../src/contract/index.ts';
import { RunHeader } from '../../src/sanctum/RunHeader.ts';
import { bannerRows } from '../../src/sanctum/StatusBanner.ts';
import type { Row, Style } from '../../src/sanctum/style.ts';
import { initialView } from '../../src/sanctum/view.ts';
import type { SlimSnapshot } from '../../src/serve/index.ts';
import * as web from '../../src/web/banner.ts';
import { device, NOW, rank, snapshot, stepRank } from '../sanctum/snapshots.ts';

/** How the terminal's style reads on the page. */
const toneOf: Partial<Record<Style, web.Tone>> = {
  plain: 'plain',
  bold: 'plain',
  dim: 'dim',
  green: 'ok',
  'bold green': 'ok',
  'bold cyan': 'info',
  yellow: 'warning',
  'bold yellow': 'warning',
  'bold red': 'critical',
};
const text = (row: Row) => row.map(span => span.text).join('');
const style = (row: Row, part: string): web.Tone | undefined => {
  const span = row.find(piece => part.startsWith(piece.text.trim()) && piece.text.trim() !== '');
  return span && toneOf[span.style];
};

function mustAgree(shot: SanctumSnapshot): void {
  const slim = shot as SlimSnapshot;
  const rows = bannerRows(shot, 2000);
  const row = rows.flat();
  const said = text(row);

  for (const part of [web.status(slim), web.memoryFigure(slim.tamiyo.infrastructure), web.reasons(slim)[0]]) {
    if (part == null) continue;
    expect(said).toContain(part.text);
    expect(style(row, part.text), part.text).toBe(part.tone);
  }
  for (const { said: figure } of web.figures(slim))
    expect(style(row, figure.text), figure.text).toBe(figure.tone);
  const told = [
    web.status(slim).text,
    [web.counter(slim.tamiyo), web.memoryFigure(slim.tamiyo.infrastructure)?.text].filter(Boolean).join('  '),
    [web.reasons(slim)[0]?.text, web.reasons(slim).length > 1 ? `+${web.reasons(slim).length - 1}` : null]
      .filter(Boolean)
      .join(' '),
    ...web.figures(slim).map(({ label, said }) => `${label} ${said.text}`),
  ];
  expect(said).toBe(told.filter(Boolean).join('   '));

  for (const nowMs of [0, 1999, 2000, 4999, 5000].map(age => (shot.run.lastEventMs ?? 0) + age))
    for (const writerGone of [false, true]) {
      const view = { ...initialView({ width: 400, height: 50, nowMs }), writerGone };
      const header = RunHeader(shot, view);
      const over = shot.run.state !== 'running' && shot.run.state !== 'waiting';
      const state = writerGone && !over && shot.run.lastEventMs !== null ? 'gone' : shot.run.state;
      for (const part of [web.connection(state, shot.run.lastEventMs, nowMs), web.system(slim)]) {
        expect(text(header)).toContain(part.text);
        expect(style(header, part.text), part.text).toBe(part.tone);
      }
    }
}

const pool = (percent: number) => {
  const own = device(percent);
  const shot = snapshot({ devices: [own] });
  return { ...shot, run: { ...shot.run, lastEventMs: NOW } };
};

describe('at the boundaries of TELE-770', () => {
  test.each([0, 45, 74.9, 75, 82, 90, 90.1, 95, 100, 104])('%s percent', percent => mustAgree(pool(percent)));
});

test('a loop that is not PPO, an empty run, an ended one', () => {
  mustAgree(snapshot({ ranks: [stepRank()] }));
  mustAgree(snapshot({ ranks: [] }));
  for (const state of ['completed', 'interrupted', 'failed', 'waiting'] as const)
    mustAgree(snapshot({ ranks: [rank({ state })] }));
});

test('an alarm', () => {
  const shot = pool(95);
  const alarm = {
    device: 'sim:0',
    rank: 0,
    level: 'critical' as const,
    reason: 'at the wall: refused',
    percent: null,
  };
  mustAgree({
    ...shot,
    status: { level: 'critical', reasons: ['sim:0: at the wall: refused', 'approx KL 0.034'] },
    vitals: {
      ...shot.vitals,
      hasMemoryAlarm: true,
      memoryAlarmDevices: [alarm, { ...alarm, level: 'warning', percent: 95 }],
    },
  });
});
