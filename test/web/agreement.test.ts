/**
 * Sanctum and Overwatch must show the same of the same snapshot: every figure, every word, every severity. Both are really
 * drawn, the terminal's rows and the page's HTML, and what stands on the one is looked for on the other.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Row, Span } from '../../src/base/index.ts';
import { asLeft, isOver, type SanctumSnapshot } from '../../src/contract/index.ts';
import {
  duration,
  etaMs,
  judgementOf,
  ppoFigures,
  reasonOf,
  stepFigures,
  withJudgement,
} from '../../src/present/index.ts';
import { memoryRows } from '../../src/sanctum/MemoryPanel.ts';
import { PhasePanel } from '../../src/sanctum/PhasePanel.ts';
import { ppoRows } from '../../src/sanctum/PpoPanel.ts';
import { RunHeader } from '../../src/sanctum/RunHeader.ts';
import { bannerRows } from '../../src/sanctum/StatusBanner.ts';
import { styleOf } from '../../src/sanctum/styled-text.ts';
import { initialView, type View } from '../../src/sanctum/view.ts';
import type { RunView, SeriesResponse } from '../../src/serve/index.ts';
import { drawRun } from '../../src/web/index.ts';
import { arbitrarySnapshot } from '../sanctum/arbitrary-snapshot.ts';
import { device, NOW, rank, snapshot, stepRank } from '../sanctum/snapshots.ts';

/** Columns and rows in which nothing gives way. */
const WIDE = 600;
const HIGH = 60;
const figures = [...ppoFigures, ...stepFigures];

/** A series in which everything was measured: every chart that there may be is drawn. */
function seriesOf(shot: SanctumSnapshot): SeriesResponse {
  const own = shot.tamiyo.rank ?? 0;
  const point = { min: [1], max: [1] };
  return {
    rank: own,
    available: [],
    points: 1,
    batchRange: [1, 1],
    timeRange: [1, 1],
    nextSeq: 1,
    indexing: null,
    batch: [1],
    batchEnd: [1],
    timeMs: [1],
    timeEndMs: [1],
    figures: Object.fromEntries(figures.map(({ key }) => [key, point])),
  };
}

/** A figure as a screen shows it: `pressure 0.71`, and how it looks. */
interface Shown {
  text: string;
  look: string;
}

const decode = (html: string) =>
  html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
/** The terminal's styles for what stands on the page under a label: no figure there is strong. */
const lookOf = (tone: string) => styleOf({ text: '', tone: tone as 'plain' });

function pageOf(shot: SanctumSnapshot, nowMs: number) {
  const view: RunView = {
    id: 'r',
    name: 'r',
    snapshot: shot,
    report: { malformed: 0, torn: 0, lost: 0, unknown: 0 },
    problem: null,
    marks: [],
    alarms: [],
    indexing: null,
    etaMs: etaMs(shot),
  };
  const html = drawRun({ view, series: seriesOf(shot), report: null, nowMs });
  const region = (name: string) => {
    const from = html.indexOf(`data-region="${name}"`);
    const to = html.indexOf('data-region=', from + 1);
    return from === -1 ? '' : html.slice(from, to === -1 ? undefined : to);
  };
  const facts = (name: string): Shown[] =>
    [...region(name).matchAll(/>([^<>]+)<\/button> <b class="tone-(\w+)"[^>]*>([^<]*)<\/b>/g)].map(
      ([, label, tone, text]) => ({ text: `${decode(label!)} ${decode(text!)}`, look: lookOf(tone!) }),
    );
  /** What is shown under a name, with its look. */
  const styled = (name: string): Shown | null => {
    const [, classes, text] = new RegExp(`class="([^"]*)" data-styled="${name}">([^<]*)<`).exec(html) ?? [];
    if (text === undefined) return null;
    const tone = /tone-(\w+)/.exec(classes!)![1] as 'plain';
    const isStrong = classes!.includes('strong') || undefined;
    return { text: decode(text), look: styleOf({ text: '', tone, ...(isStrong && { isStrong }) }) };
  };
  const counter = /data-styled="counter">([^<]*)</.exec(html)?.[1] ?? null;
  const courses = [
    ...html.matchAll(/>([^<>]+)<\/button> <b data-line="0" class="tone-(\w+)">([^<]*)<\/b>/g),
  ].map(([, name, tone, text]) => ({ name: decode(name!), text: decode(text!), look: lookOf(tone!) }));
  const phases = [...region('phases').matchAll(/<td class="number">([^<]*)<\/td>/g)].map(([, text]) =>
    decode(text!),
  );
  return { html, facts, styled, counter, courses, phases };
}

/** Spans with a dim label before them: the figures of a panel. */
function factsIn(rows: readonly Row[]): Shown[] {
  const found: Shown[] = [];
  for (const row of rows)
    row.forEach((span, i) => {
      const label: Span | undefined = row[i - 1];
      // The axes of a chart are no labels.
      if (/[─│└┤]/.test(`${label?.text}${span.text}`)) return;
      if (label?.style !== 'dim' || !/[a-zA-Z]\s*$/.test(label.text) || span.text.trim() === '') return;
      found.push({ text: `${label.text.trim()} ${span.text.trim()}`, look: span.style });
    });
  return found;
}
const text = (row: Row) => row.map(span => span.text).join('');
const has = (row: Row, { text, look }: Shown) =>
  row.some(span => text.startsWith(span.text.trim()) && span.text.trim() !== '' && span.style === look);

function mustAgree(shot: SanctumSnapshot, nowMs = NOW): void {
  const view: View = initialView({ width: WIDE, height: HIGH, nowMs });
  const page = pageOf(shot, nowMs);

  const judgement = judgementOf(null, shot.run.state);
  const banner = bannerRows(withJudgement(shot, judgement), WIDE, reasonOf(judgement)).flat();
  for (const name of ['status', 'memory', 'reason']) {
    const shown = page.styled(name);
    if (shown) expect(has(banner, shown), `${name} ${shown.text} in ${text(banner)}`).toBe(true);
  }
  expect(page.styled('memory') === null).toBe(!/\[Mem:/.test(text(banner)));
  if (page.counter) expect(text(banner)).toContain(page.counter);
  const inBanner = factsIn([banner]);
  expect(page.facts('banner')).toEqual(inBanner);

  const header = RunHeader(shot, view);
  const connection = page.styled('connection')!;
  expect(text(header)).toContain(connection.text);
  expect(has(header, connection), connection.text).toBe(true);
  const eta = isOver(shot.run.state) ? null : etaMs(shot);
  const shownEta = /data-styled="eta">([^<]*)</.exec(page.html)?.[1] ?? null;
  expect(shownEta).toBe(eta === null ? null : duration(eta));
  if (shownEta !== null) expect(text(header)).toContain(`ETA ${shownEta}`);
  const system = page.styled('system')!;
  expect(text(header)).toContain(system.text);
  if (system.look !== 'green') expect(has(header, system), system.text).toBe(true);

  // Of an unmeasured pool the label catches the eye in the terminal, where the page leaves it dim.
  const loud = ({ text, look }: Shown) => ({ text, look: look === 'bold' ? 'dim' : look });
  const own = shot.devices.find(d => d.rank === shot.tamiyo.rank);
  const panel = memoryRows(shot, view, WIDE, HIGH);
  const memory = factsIn(panel).map(loud);
  const listed = [...page.facts('memory'), ...page.facts('figures')];
  if (own) {
    for (const shown of page.facts('memory').filter(({ text }) => !text.startsWith('allocated ')))
      expect(memory, shown.text).toContainEqual(shown);
    for (const shown of memory) expect(listed, shown.text).toContainEqual(shown);
    const [allocated] = page.facts('memory').filter(({ text }) => text.startsWith('allocated '));
    if (allocated !== undefined)
      expect(panel.map(text).join('\n')).toContain(`${allocated.text.replace('allocated ', '')} allocated`);
  }

  const lead = shot.ranks.find(r => r.rank === (shot.tamiyo.rank ?? 0));
  if (lead && lead.updates > 0) {
    const learner = factsIn(ppoRows(shot, view, WIDE));
    const isStep = lead.batch === null && lead.step !== null;
    const courses = isStep ? stepFigures : ppoFigures;
    for (const { title: name, label } of courses) {
      const shown = page.courses.find(one => one.name === name);
      const there = learner.find(({ text }) => text.startsWith(`${label} `));
      if (there) expect(shown && { text: `${label} ${shown.text}`, look: shown.look }).toEqual(there);
    }
    const notes = learner.filter(({ text }) => !courses.some(({ label }) => text.startsWith(`${label} `)));
    for (const shown of notes) expect(listed, shown.text).toContainEqual(shown);
  }

  const phases = PhasePanel(shot, view, WIDE, 200).map(text).join('\n').replace(/ +/g, ' ');
  for (const cell of page.phases) expect(phases).toContain(cell);
}

const pool = (percent: number) => {
  const own = device(percent);
  const shot = snapshot({ devices: [own] });
  return { ...shot, run: { ...shot.run, lastEventMs: NOW } };
};

describe('at the boundaries of TELE-770', () => {
  test.each([0, 45, 74.9, 75, 82, 90, 90.1, 95, 100, 104])('%s percent', percent => mustAgree(pool(percent)));
});

test('whatever the age of the newest event, and whether anybody writes', () => {
  const shot = pool(45);
  for (const age of [0, 1999, 2000, 4999, 5000])
    for (const isGone of [false, true]) mustAgree(asLeft(shot, isGone), NOW + age);
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
    rule: 'at-the-wall',
    reason: 'at the wall: refused',
    short: 'at the wall',
    percent: null,
    raisedMs: 1_700_000_000_000,
  };
  mustAgree({
    ...shot,
    status: { level: 'critical', reasons: ['sim:0: at the wall: refused', 'approx KL 0.034'] },
    vitals: {
      ...shot.vitals,
      hasMemoryAlarm: true,
      memoryAlarmDevices: [alarm, { ...alarm, level: 'warning', short: '95%', percent: 95 }],
    },
  });
});

const judgements = new Set(['state', 'level', 'status', 'memoryStatus', 'peakScope', 'numbered']);

/** Words that a terminal may print as they are: how it prints others is its own matter. */
function plainWords<T>(value: T, key = ''): T {
  if (typeof value === 'string') return (judgements.has(key) ? value : `word ${value.length}`) as T;
  if (Array.isArray(value)) return value.map(entry => plainWords(entry, key)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, plainWords(inner, name)]),
  ) as T;
}

/** All of one rank, which is how both screens open. */
function ofOneRank(shot: SanctumSnapshot): SanctumSnapshot {
  const ranks = shot.ranks.slice(0, 1);
  const rank = ranks[0]?.rank ?? null;
  const devices = shot.devices.map((device, i) => ({ ...device, rank: rank ?? 0, device: `sim:${i}` }));
  return { ...shot, ranks, devices: ranks.length > 0 ? devices : [], tamiyo: { ...shot.tamiyo, rank } };
}

test('whatever the snapshot', () => {
  fc.assert(
    fc.property(arbitrarySnapshot, fc.boolean(), (shot, isGone) =>
      mustAgree(asLeft(ofOneRank(plainWords(shot)), isGone)),
    ),
    { numRuns: 150 },
  );
});
