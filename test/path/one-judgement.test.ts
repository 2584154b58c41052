/**
 * One run, one judgement: what it is, how sure, when memory runs out, where, its status and whether an alarm stands are the
 * same in Sanctum, in Overwatch and its list, in the plain line, in `runs`, `snapshot` and `wait`, and in `/metrics`. Every
 * scenario, at several moments, while it runs and where it ended; each view is asked as a user asks it.
 */

import type { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { play, scenarios } from '../../bench/verdict/play.ts';
import { VERDICT_RULE } from '../../src/alarms/index.ts';
import { RunAnalyser } from '../../src/analysis/index.ts';
import { reportCommand } from '../../src/cli/report.ts';
import { runsCommand } from '../../src/cli/runs.ts';
import { snapshotCommand } from '../../src/cli/snapshot.ts';
import { waitCommand } from '../../src/cli/wait.ts';
import type { RunReport, SanctumSnapshot, TelemetryEvent } from '../../src/contract/index.ts';
import { asLeft } from '../../src/contract/index.ts';
import { prometheusText } from '../../src/export/index.ts';
import {
  etaMs,
  etaText,
  headline,
  judgementOf,
  type RunJudgement,
  system,
  withJudgement,
} from '../../src/present/index.ts';
import { emptySnapshot, Reduction, reduceAll } from '../../src/reduce/index.ts';
import { frame, initialView, plainLine } from '../../src/sanctum/index.ts';
import type { RunsResponse, RunView, SeriesResponse } from '../../src/serve/index.ts';
import { drawRun } from '../../src/web/index.ts';
import { writeRun } from '../log-files.ts';
import { hold, type Served, serve } from '../serve/fixture.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

interface Case {
  id: string;
  events: readonly TelemetryEvent[];
  isHeld: boolean;
  /** What every view must say, from the log alone. */
  report: RunReport;
  snapshot: SanctumSnapshot;
  judgement: RunJudgement;
}

/** Updates after which a run is looked at; the end comes too. */
const MOMENTS = [3, 30, 130, 260];

const isUpdate = ({ type }: TelemetryEvent) => type === 'PPO_UPDATE_COMPLETED';

function upTo(events: readonly TelemetryEvent[], updates: number): readonly TelemetryEvent[] | null {
  let seen = 0;
  const end = events.findIndex(event => isUpdate(event) && ++seen === updates);
  return end === -1 ? null : events.slice(0, end + 1);
}

/** Two ranks of one job: the second leaks, or what else its scenario does, beside a steady first. */
function twoRanks(name: string): TelemetryEvent[] {
  const of = (scenario: string, rank: number) =>
    play(scenarios.find(s => s.name === scenario)!, 1).events.map(event => ({ ...event, rank }));
  const [calm, troubled] = [of('steady', 0), of(name, 1)];
  return [...calm, ...troubled].sort((a, b) => a.timeMs - b.timeMs || a.rank - b.rank);
}

function caseOf(id: string, events: readonly TelemetryEvent[], isHeld: boolean): Case {
  const analyser = new RunAnalyser();
  for (const event of events) analyser.take(event);
  const report = analyser.report();
  const logged = asLeft(reduceAll(emptySnapshot(), events), !isHeld);
  const judgement = judgementOf(report, logged.run.state, logged);
  return { id, events, isHeld, report, snapshot: withJudgement(logged, judgement), judgement };
}

let served: Served;
const cases: Case[] = [];
const writers: { close(): void }[] = [];

beforeAll(async () => {
  served = await serve({ metrics: prometheusText });
  const logs: [string, TelemetryEvent[]][] = [
    ...scenarios.map((scenario): [string, TelemetryEvent[]] => [scenario.name, play(scenario, 1).events]),
    ['two-ranks', twoRanks('slow-leak')],
  ];
  for (const [name, events] of logs) {
    const add = (moment: string, part: readonly TelemetryEvent[], isHeld: boolean) => {
      const id = `20260101-${String(100_000 + cases.length)}-${name}-${moment}-aaaa`;
      const named = part.map(event => ({ ...event, run: id }));
      const folder = writeRun(served.runs, id, named);
      const ranks = new Set(named.map(({ rank }) => rank));
      if (isHeld && ranks.size > 0) writers.push(hold(folder));
      cases.push(caseOf(id, named, isHeld));
    };
    for (const moment of MOMENTS) {
      const part = upTo(events, moment);
      if (part !== null) add(`at${moment}`, part, true);
    }
    const half = upTo(events, 30);
    if (half !== null) add('gone', half, false);
    add('over', events, false);
  }
});
afterAll(async () => {
  for (const writer of writers) writer.close();
  await served.end();
});

/** A command as it is typed, in this process: what it printed on stdout, and its exit code. */
async function run(command: Command, ...args: string[]) {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  try {
    await command.parseAsync([...args, '--runs', served.runs], { from: 'user' });
    const code = process.exitCode ?? 0;
    return { out: [...log.mock.calls, ...write.mock.calls].map(([text]) => text as string).join('\n'), code };
  } finally {
    process.exitCode = undefined;
    log.mockRestore();
    write.mockRestore();
    error.mockRestore();
  }
}

test('there is something to disagree on', () => {
  const kinds = new Set(cases.map(({ judgement }) => judgement.kind));
  for (const kind of ['leak', 'growth', 'fragmentation', 'neighbour', 'steady', 'unmeasured', null])
    expect([...kinds]).toContain(kind);
  const levels = new Set(cases.map(({ snapshot }) => snapshot.status.level));
  expect([...levels].sort()).toEqual(['critical', 'ok', 'warmup', 'warning']);
  expect(cases.filter(({ judgement }) => judgement.runsOut !== null).length).toBeGreaterThan(3);
  expect(cases.some(({ judgement }) => judgement.hasRanks && judgement.rank === 1)).toBe(true);
});

test('the first line and the status are of one level, while the run goes on and after it', () => {
  const ended = new Set<string>();
  for (const { id, judgement, snapshot } of cases) {
    const mark = headline(judgement).text[0];
    const { level, reasons } = snapshot.status;
    expect(mark === '✗', `${id}: ${headline(judgement).text} beside ${reasons}`).toBe(level === 'critical');
    if (mark === '!') expect(level, id).toBe('warning');
    if (snapshot.run.state === 'completed') ended.add(level);
  }
  expect([...ended]).toContain('critical');
  expect([...ended]).toContain('ok');
});

const words: Record<SanctumSnapshot['status']['level'], RegExp> = {
  ok: /^\[✓\]/,
  warmup: /^\[~\]/,
  warning: /^\[!\]/,
  critical: /^\[✗\]/,
};
const decode = (html: string) =>
  html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

test('Sanctum and the plain line', () => {
  let doubted = 0;
  for (const { id, report, snapshot, judgement, events, isHeld } of cases) {
    // What the terminal is given: the log's own snapshot, and what the whole log says.
    const own = asLeft(reduceAll(emptySnapshot(), events), !isHeld);
    const nowMs = own.run.lastEventMs!;
    const view = {
      ...initialView({ width: 200, height: 60, nowMs }),
      verdict: report,
      timeZone: 'UTC',
    };
    const rows = frame(own, view);
    expect(rows[0]!.trim(), id).toContain(headline(judgement).text);
    expect(rows[1], id).toContain(system(snapshot).text);
    expect(system(snapshot).text.startsWith('⚠'), id).toBe(snapshot.vitals.hasMemoryAlarm);
    const status = rows.find(row => /\[[✓~!✗]\]/.test(row))!;
    expect(status.replace(/^[│┃ ]+/, ''), id).toMatch(words[snapshot.status.level]);
    const line = plainLine(snapshot, judgement);
    const left = etaMs(own);
    if (left !== null) {
      const { text } = etaText(left, judgement);
      // The planned end is none where memory runs out before.
      const isInDoubt = judgement.runsOut !== null && !judgement.runsOut.isAfterEnd;
      expect(text.endsWith('?'), id).toBe(isInDoubt);
      for (const shown of [rows[1], line]) expect(`${shown} `, id).toContain(`ETA ${text} `);
      if (isInDoubt) doubted++;
    }
    const isLoud = snapshot.status.level === 'warning' || snapshot.status.level === 'critical';
    expect(line.includes(`${snapshot.status.level}: `), id).toBe(isLoud);
    if (judgement.runsOut !== null)
      expect(line, id).toMatch(
        new RegExp(`${Math.round(judgement.runsOut.updates.low).toLocaleString('en')}–`),
      );
  }
  expect(doubted).toBeGreaterThan(0);
});

test('Overwatch’s page, drawn from what its server answers', async () => {
  for (const { id, snapshot, judgement } of cases) {
    const view = await served.ask<RunView>(`/api/runs/${id}`);
    const series = await served.ask<SeriesResponse>(`/api/runs/${id}/series`);
    const report = await served.ask<RunReport>(`/api/runs/${id}/verdict`);
    const html = decode(drawRun({ view, series, report, nowMs: snapshot.run.lastEventMs! }));
    const shown = (name: string) => new RegExp(`data-styled="${name}">([^<]*)<`).exec(html)?.[1] ?? '';
    expect(shown('headline'), id).toBe(headline(judgement).text);
    expect(shown('status'), id).toMatch(words[snapshot.status.level]);
    expect(shown('system'), id).toBe(system(snapshot).text);
    const left = etaMs(snapshot);
    expect(shown('eta'), id).toBe(left === null ? '' : etaText(left, judgement).text);
    const asked = await served.ask<SanctumSnapshot>(`/api/runs/${id}/snapshot`);
    expect(asked.status, id).toEqual(snapshot.status);
    expect(asked.vitals.memoryAlarmDevices, id).toEqual(snapshot.vitals.memoryAlarmDevices);
  }
});

test('Overwatch’s list and /metrics', async () => {
  const rows = async () => (await served.ask<RunsResponse>('/api/runs')).runs;
  await expect
    .poll(async () => (await rows()).every(({ read, verdict }) => read && verdict !== null), {
      timeout: 200_000,
    })
    .toBe(true);
  const byId = new Map((await rows()).map(row => [row.id, row]));
  const metrics = (await served.get('/metrics')).body;
  const sample = (name: string, id: string, more = '') =>
    new RegExp(`^${name}\\{run="${id}"[^}]*${more}[^}]*\\} (\\S+)$`, 'm').exec(metrics)?.[1];
  for (const { id, snapshot, judgement } of cases) {
    const row = byId.get(id)!;
    expect(row.state, id).toBe(snapshot.run.state);
    expect(row.verdict!.headline, id).toEqual(headline(judgement));
    expect([row.level, row.hasMemoryAlarm], id).toEqual([
      snapshot.status.level,
      snapshot.vitals.hasMemoryAlarm,
    ]);
    if (row.state !== 'running') continue;
    const level = ['ok', 'warmup', 'warning', 'critical'].indexOf(snapshot.status.level);
    expect(sample('esper_status', id), id).toBe(`${level}`);
    expect(sample('esper_memory_alarm', id), id).toBe(snapshot.vitals.hasMemoryAlarm ? '1' : '0');
    const { kind, runsOut, device } = judgement;
    const isNamed = kind !== null;
    expect(sample('esper_verdict_info', id, `verdict="${kind}"`), id).toBe(isNamed ? '1' : undefined);
    for (const bound of ['low', 'high'] as const)
      expect(sample('esper_out_of_memory_updates', id, `device="${device}",bound="${bound}"`), id).toBe(
        runsOut === null ? undefined : `${runsOut.updates[bound]}`,
      );
  }
});

test('esper runs', async () => {
  const rows = JSON.parse((await run(runsCommand(), '--json')).out) as {
    id: string;
    state: string;
    verdict: RunJudgement;
  }[];
  expect(rows).toHaveLength(cases.length);
  const byId = new Map(rows.map(row => [row.id, row]));
  for (const { id, judgement, snapshot } of cases) {
    const row = byId.get(id)!;
    expect(row.state, id).toBe(snapshot.run.state);
    expect(row.verdict, id).toEqual(JSON.parse(JSON.stringify(judgement)));
  }
});

test('the report: from the command and from the server, as JSON and in words', async () => {
  let raised = 0;
  for (const { id, events, snapshot } of cases.filter(({ id }) => /at130|gone|over/.test(id))) {
    const reduction = new Reduction();
    const notices = events.flatMap(event => reduction.add({ ...event, run: id }));
    const report = JSON.parse((await run(reportCommand(), id, '--json')).out) as RunReport;
    const of = (what: string) =>
      notices.filter(notice => notice.what === what).map(({ rule, timeMs }) => [rule, timeMs]);
    expect(
      report.alarms!.map(({ rule, fromMs }) => [rule, fromMs]),
      id,
    ).toEqual(of('raised'));
    const cleared = report.alarms!.filter(({ toMs }) => toMs !== null);
    expect(cleared.map(({ rule, toMs }) => [rule, toMs]).sort(), id).toEqual(of('cleared').sort());
    expect((await served.ask<RunReport>(`/api/runs/${id}/report`)).alarms, id).toEqual(report.alarms);
    // What stands on a screen was raised in the report, which begins with the verdict itself.
    const standing = snapshot.vitals.memoryAlarmDevices.filter(({ rule }) => rule !== VERDICT_RULE);
    for (const { rule, rank, device } of standing)
      expect(
        report.alarms!.map(span => `${span.rule} ${span.rank} ${span.device ?? 'host'}`),
        id,
      ).toContain(`${rule} ${rank} ${device}`);
    const { out } = await run(reportCommand(), id, '--format', 'markdown');
    const listed = report.alarms!.filter(({ rule }) => rule !== 'failed');
    for (const { rule, reason } of listed.slice(-1)) {
      raised++;
      expect(out, id).toMatch(new RegExp(`^\\| ${rule} \\|`, 'm'));
      expect(out, id).toContain(reason);
    }
    expect(/^## Alarms/m.test(out), id).toBe(listed.length > 0);
  }
  expect(raised).toBeGreaterThan(5);
});

test('esper snapshot, and esper wait with its exit code', async () => {
  for (const { id, snapshot, judgement } of cases) {
    const asked = JSON.parse((await run(snapshotCommand(), id, '--json')).out) as SanctumSnapshot;
    expect(asked.status, id).toEqual(snapshot.status);
    expect(asked.vitals.memoryAlarmDevices, id).toEqual(snapshot.vitals.memoryAlarmDevices);

    const isRunning = snapshot.run.state === 'running';
    // A run that goes on is not waited for: it has made an update, which is met where no alarm is.
    const conditions = isRunning ? ['alarm', 'batch>0'] : ['alarm'];
    const until = conditions.flatMap(condition => ['--until', condition]);
    const { out, code } = await run(waitCommand(), id, ...until, '--timeout', '200s', '--json');
    const outcome = JSON.parse(out);
    const { hasMemoryAlarm } = snapshot.vitals;
    expect(code, id).toBe(hasMemoryAlarm || isRunning ? 0 : 3);
    expect(outcome.condition, id).toBe(hasMemoryAlarm ? 'alarm' : isRunning ? 'batch>0' : null);
    expect([outcome.state, outcome.verdict], id).toEqual([snapshot.run.state, headline(judgement).text]);
  }
});
