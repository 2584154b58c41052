/**
 * Figures of a trainer's own, from its call to every place that shows them: snapshot, series, Sanctum, Overwatch, report,
 * comparison and `/metrics`. A bad name or value costs itself alone, and the number of names has an end.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Comparand, compareRuns, RunAnalyser } from '../../src/analysis/index.ts';
import {
  OWN_FIGURES,
  type RunReport,
  type SanctumSnapshot,
  type TelemetryEvent,
} from '../../src/contract/index.ts';
import { Emitter } from '../../src/emit/index.ts';
import { prometheusText } from '../../src/export/index.ts';
import { emptySnapshot, reduce, reduceAll } from '../../src/reduce/index.ts';
import { comparisonDocument, runDocument, toTerminal } from '../../src/report/index.ts';
import { frame, initialView } from '../../src/sanctum/index.ts';
import type { RunView, SeriesResponse } from '../../src/serve/index.ts';
import { drawRun } from '../../src/web/index.ts';
import { append, writeRun } from '../log-files.ts';
import { hold, type Served, serve } from '../serve/fixture.ts';

const context = { nowMs: 0, timeZone: 'UTC', version: 'test' };

/** The events that a trainer's calls make. */
function record(calls: (emitter: Emitter) => void, run = 'own'): TelemetryEvent[] {
  const events: TelemetryEvent[] = [];
  let now = 1_700_000_000_000;
  const sink = { append: (line: string) => void events.push(JSON.parse(line)) };
  calls(new Emitter({ run, rank: 0, sink, now: () => (now += 1000) }));
  return events;
}

/** 40 steps of a classifier that is evaluated every tenth. */
const classifier =
  (shift = 0) =>
  (emitter: Emitter) => {
    emitter.emit('TRAINING_STARTED', { name: 'classifier', maxSteps: 100 });
    for (let step = 1; step <= 40; step++) {
      emitter.step({ step, loss: 2 / step, stepMs: 100, accuracy: 0.5 + step / 100 + shift, note: 'warm' });
      if (step % 10 === 0) emitter.log({ 'val/loss': 1 / step, broken: step === 40 ? Number.NaN : 1 });
    }
  };
const log = record(classifier());

test('the snapshot has the newest of each, its extremes and its history', () => {
  const [rank] = reduceAll(emptySnapshot(), log).ranks;
  const at = { batch: 40, timeMs: expect.any(Number) };
  expect(rank!.own).toEqual([
    { name: 'accuracy', value: 0.9, nonFinite: null, lowest: 0.51, highest: 0.9, ...at },
    { name: 'val/loss', value: 1 / 40, nonFinite: null, lowest: 1 / 40, highest: 0.1, ...at },
    { name: 'broken', value: null, nonFinite: 'NaN', lowest: 1, highest: 1, ...at },
  ]);
  expect(rank!.ownHistory[1]).toEqual({
    name: 'val/loss',
    batch: [10, 20, 30, 40],
    value: [0.1, 1 / 20, 1 / 30, 1 / 40],
  });
  expect(rank!.ownLeftOut).toBe(0);
  const oneByOne = log.reduce<SanctumSnapshot>(reduce, emptySnapshot());
  expect(JSON.stringify(oneByOne)).toBe(JSON.stringify(reduceAll(emptySnapshot(), log)));
});

test('a step’s rate of tokens is shown as they are', () => {
  const events = record(emitter => {
    for (let step = 1; step <= 12; step++) emitter.step({ step, loss: 1, tokensPerSecond: 1000 + step });
  });
  const [rank] = reduceAll(emptySnapshot(), events).ranks;
  expect(rank!.own).toMatchObject([{ name: 'tokens/s', value: 1012, lowest: 1001, highest: 1012 }]);
  expect(screen(events, [120, 36])).toMatch(/tokens\/s +1\.0k/);
  expect(reported(events).own).toMatchObject([{ name: 'tokens/s', newest: 1012, values: 12 }]);
});

test('a step’s return is the learner’s, and what its loop is for', () => {
  const events = record(emitter => {
    for (let step = 1; step <= 12; step++)
      emitter.step({
        step,
        stepMs: 10,
        episodicReturn: step === 12 ? Number.NaN : 20 * step,
        totalEpisodes: step,
      });
  });
  const [rank] = reduceAll(emptySnapshot(), events).ranks;
  expect(rank!.own).toEqual([]);
  expect(rank!.ppo).toMatchObject({ episodicReturn: null, nonFinite: ['return'], totalEpisodes: 12 });
  expect(rank!.history.episodicReturn.slice(0, 11)).toEqual(
    Array.from({ length: 11 }, (_, i) => 20 * (i + 1)),
  );
  const finite = events.slice(0, -1);
  expect(screen(finite, [120, 36])).toMatch(/RETURN ─+ of episodes/);
  expect(reported(finite).learning.highestReturn).toBe(220);
});

test('a history is bounded, and a resumed run makes its end again', () => {
  const long = record(emitter => {
    for (let step = 1; step <= 1000; step++) emitter.step({ step, accuracy: step });
    emitter.emit('TRAINING_STARTED', { resumedAtStep: 900 });
    emitter.step({ step: 901, accuracy: -1 });
  });
  const [rank] = reduceAll(emptySnapshot(), long).ranks;
  expect(rank!.ownHistory[0]!.batch).toHaveLength(240 - 100 + 1);
  expect(rank!.history.batch).toHaveLength(240 - 100 + 1);
  expect(rank!.ownHistory[0]!.batch.slice(-2)).toEqual([900, 901]);
  // However the events are grouped.
  let snapshot = emptySnapshot();
  for (let i = 0; i < long.length; i += 77) snapshot = reduceAll(snapshot, long.slice(i, i + 77));
  expect(JSON.stringify(snapshot)).toBe(JSON.stringify(reduceAll(emptySnapshot(), long)));
});

test('a bad name or value costs itself alone; names beyond the bound are counted', () => {
  const many = record(emitter => {
    emitter.log({
      good: 1,
      'a,b': 2,
      '': 3,
      'line\nfeed': 4,
      ['x'.repeat(81)]: 5,
      text: 'six',
      list: [7],
      nothing: null,
    });
    emitter.step({ step: 1, loss: 'no number', accuracy: Number.POSITIVE_INFINITY });
    emitter.log(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`n${i}`, i])));
  });
  const [rank] = reduceAll(emptySnapshot(), many).ranks;
  expect(rank!.own.slice(0, 3).map(({ name, value }) => [name, value])).toEqual([
    ['good', 1],
    ['accuracy', null],
    ['n0', 0],
  ]);
  expect(rank!.own).toHaveLength(OWN_FIGURES);
  expect(rank!.ownLeftOut).toBe(102 - OWN_FIGURES);
  expect(rank!.ppo.totalLoss).toBeNull();
});

/** A frame without styles. */
const screen = (events: readonly TelemetryEvent[], size: [number, number], more: object = {}) => {
  const snapshot = reduceAll(emptySnapshot(), events);
  const [width, height] = size;
  const nowMs = snapshot.run.lastEventMs!;
  return frame(snapshot, { ...initialView({ width, height, nowMs }), timeZone: 'UTC', ...more }).join('\n');
};

test('Sanctum: in the panel, and one chosen is drawn large, at every size', () => {
  expect(screen(log, [120, 36])).toMatch(/accuracy +0\.90/);
  expect(screen(log, [120, 36])).toContain('training loss');
  expect(screen(log, [120, 36], { curveIndex: 2 })).toMatch(/╭ accuracy ─.*of this trainer/);
  for (const size of [
    [80, 24],
    [40, 10],
    [200, 60],
  ] as [number, number][]) {
    const text = screen(log, size, { overlay: { what: 'figures', from: 2 }, curveIndex: 2 });
    expect(text).toMatch(/▸ accuracy +0\.90/);
    if (size[1] > 20) expect(text).toContain('└ step 1');
  }
});

let served: Served;
beforeAll(async () => {
  served = await serve({ metrics: prometheusText });
});
afterAll(() => served.end());

test('Overwatch: series, page and /metrics; and what comes later', async () => {
  const id = '20260101-000000-own-aaaa';
  const folder = writeRun(served.runs, id, log);
  const writer = hold(folder);
  const of = 'own/accuracy,own/val/loss,totalLoss';
  const series = () => served.ask<SeriesResponse>(`/api/runs/${id}/series?figures=${of}`);
  const first = await series();
  expect(first.available).toEqual(expect.arrayContaining(['own/accuracy', 'own/val/loss', 'own/broken']));
  expect(first.batch).toHaveLength(40);
  // What was logged by itself is of the step before it.
  const logged = first.figures['own/val/loss']!.max;
  expect(logged.flatMap((value, i) => (value === null ? [] : [[first.batch[i], value]]))).toEqual([
    [10, 0.1],
    [20, 1 / 20],
    [30, 1 / 30],
    [40, 1 / 40],
  ]);
  expect(first.figures['own/accuracy']!.max.at(-1)).toBe(0.9);

  const view = await served.ask<RunView>(`/api/runs/${id}`);
  const html = drawRun({ view, series: first, report: null, nowMs: view.snapshot.run.lastEventMs! });
  const region = html.slice(html.indexOf('data-region="own"'));
  expect(region).toMatch(/aria-pressed="true"[^>]*>accuracy /);
  expect(region).toMatch(/tone-critical[^>]*>NaN</);
  expect(JSON.stringify(view)).not.toContain('ownHistory');

  const metrics = (await served.get('/metrics')).body;
  expect(metrics).toMatch(/^esper_own_figure\{[^}]*figure="accuracy"\} 0\.9$/m);
  expect(metrics).not.toMatch(/figure="broken"/);

  append(
    folder,
    record(emitter => emitter.log({ 'val/loss': 0.5 }, 40)).map(event => ({ ...event, seq: log.length })),
  );
  await expect.poll(async () => (await series()).figures['own/val/loss']!.max.at(-1)).toBe(0.5);
  expect((await series()).batch).toHaveLength(40);
  writer.close();
});

test('a rank that makes no updates has its figures all the same', async () => {
  const id = '20260101-000001-alone-aaaa';
  const alone = record(emitter => {
    for (let i = 1; i <= 20; i++) emitter.log({ reward: i });
  });
  writeRun(served.runs, id, alone);
  const series = await served.ask<SeriesResponse>(`/api/runs/${id}/series?figures=own/reward`);
  expect(series.figures['own/reward']!.max).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(screen(alone, [80, 24])).toMatch(/reward +20/);
});

const reported = (events: readonly TelemetryEvent[]): RunReport => {
  const analyser = new RunAnalyser();
  for (const event of events) analyser.take(event);
  return analyser.report();
};

test('the report has the newest, what is usual, the extremes, and draws the first', () => {
  const report = reported(log);
  expect(report.own!.map(({ name, newest, values, nonFinite }) => [name, newest, values, nonFinite])).toEqual(
    [
      ['accuracy', 0.9, 40, 0],
      ['val/loss', 1 / 40, 4, 0],
      ['broken', 1, 3, 1],
    ],
  );
  expect(report.own![0]).toMatchObject({ batch: 40, lowest: 0.51, highest: 0.9 });
  const text = toTerminal(runDocument(report, context), { width: 120, color: false });
  expect(text).toMatch(/accuracy +0\.900 +at 40; 0\.820 to 0\.890 \(95%\), newest quarter; all/);
  expect(text).toMatch(/1 value not\s+finite/);
  expect(text).toContain('── Own figures');
});

test('a comparison finds what changed, and what did not', () => {
  const of = (events: readonly TelemetryEvent[]) => {
    const run = new Comparand();
    for (const event of events) run.take(event);
    return { run, report: run.report() };
  };
  const long = (shift: number) =>
    record(emitter => {
      for (let step = 1; step <= 600; step++)
        emitter.step({
          step,
          accuracy: 0.5 + ((step * 7919) % 13) / 100 + shift,
          margin: ((step * 7919) % 13) / 100 - 0.1 + shift,
          tiny: ((step * 7919) % 13) / 1e4 + 1e-3 + shift,
          same: (step * 31) % 7,
        });
    });
  const comparison = compareRuns(of(long(0)), of(long(0.2)));
  expect(comparison.own.map(({ figure, status }) => [figure, status])).toEqual([
    ['accuracy', 'changed'],
    ['margin', 'changed'],
    ['tiny', 'changed'],
    ['same', 'no evidence'],
  ]);
  expect(comparison.own[0]!.change!.mid).toBeCloseTo(0.2);
  const text = toTerminal(comparisonDocument(comparison, context), { width: 120, color: false });
  expect(text).toMatch(/accuracy .*% \[.*changed/);
  // From below zero to above it, and a hundred times as much: by how much, and no share.
  expect(text).toMatch(/margin +-0\.\S+ +0\.\S+ +\+0\.\d+ \[/);
  expect(text).toMatch(/tiny +0\.002 +0\.\S+ +\+0\.2\d* \[/);
});

test('a figure that stays what it is has a row and no plot', () => {
  const analyser = new RunAnalyser();
  const calls = (emitter: Emitter) => {
    emitter.emit('TRAINING_STARTED', { name: 'sized' });
    for (let step = 1; step <= 5; step++) emitter.step({ step, size: 640, boxes: step });
  };
  for (const made of record(calls)) analyser.take(made);
  const report = analyser.report({ malformed: 0, torn: 0 });
  const { sections } = runDocument(report, context);
  const plots = sections
    .flatMap(({ blocks }) => blocks)
    .flatMap(block => (block.type === 'plot' ? [block.plot.title] : []));
  expect(plots).toEqual(['boxes']);
  expect(toTerminal(runDocument(report, context), { width: 100, color: false })).toMatch(/^size +640\.0/m);
});
