/** What the server answers, over real HTTP. */

import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyseRun } from '../../src/analysis/index.ts';
import { loadRun } from '../../src/cli/load-run.ts';
import { reportOfRun } from '../../src/cli/run-report.ts';
import type { EventOf, RunReport, SanctumSnapshot } from '../../src/contract/index.ts';
import { asLeft } from '../../src/contract/index.ts';
import { emptyReport, openRun, readRun } from '../../src/log/index.ts';
import { judgementOf, withJudgement } from '../../src/present/index.ts';
import type { RunsResponse, RunView, SeriesResponse } from '../../src/serve/index.ts';
import { RunFeed } from '../../src/serve/run-feed.ts';
import { append, writeRun } from '../log-files.ts';
import { event, hold, type Served, serve, update } from './fixture.ts';

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served.end());

const started = (data: object = {}) => event(0, 'TRAINING_STARTED', { name: 'n', maxBatches: 9, ...data });

describe('runs', () => {
  test('are listed newest first with their state; afterwards only what changed', async () => {
    writeRun(served.runs, '20260101-000000-old-aaaa', [
      started(),
      update(1),
      event(2, 'TRAINING_COMPLETED', { reason: 'finished' }),
    ]);
    const young = writeRun(served.runs, '20260102-000000-young-bbbb', [started(), update(1, 82)]);
    const writer = hold(young);
    // Their verdicts come once their logs were read; afterwards nothing changes by itself.
    await expect
      .poll(async () => (await served.ask<RunsResponse>('/api/runs')).runs.map(run => run.verdict !== null))
      .toEqual([true, true]);
    const { runs, version, count } = await served.ask<RunsResponse>('/api/runs');
    expect(runs.map(run => run.name)).toEqual(['young', 'old']);
    expect(runs.map(run => run.state)).toEqual(['running', 'completed']);
    expect(runs[0]!.memory!.memoryUsagePercent).toBeCloseTo(82);
    expect(count).toBe(2);
    append(young, [update(2, 95)]);
    const changed = async () => {
      const { runs } = await served.ask<RunsResponse>(`/api/runs?since=${version}`);
      return runs.map(run => [run.name, run.batch]);
    };
    await expect.poll(changed).toEqual([['young', 2]]);
    writer.close();
    rmSync(young, { recursive: true });
  });
});

describe('snapshot', () => {
  const id = '20260103-000000-moments-cccc';
  let folder: string;
  beforeAll(() => {
    folder = writeRun(served.runs, id, [
      started(),
      ...Array.from({ length: 3000 }, (_, i) => update(i + 1, 40 + (i % 50))),
    ]);
  });

  test('is the one that the log comes to', async () => {
    const snapshot = await served.ask<SanctumSnapshot>(`/api/runs/${id}/snapshot`);
    // Nobody writes it, and it has no end.
    expect(snapshot.run.state).toBe('gone');
    const left = asLeft(loadRun(folder, emptyReport()), true);
    const judgement = judgementOf(analyseRun(readRun(folder, emptyReport())), 'gone');
    expect(snapshot).toEqual(JSON.parse(JSON.stringify(withJudgement(left, judgement))));
  });

  test.each([1, 511, 512, 513, 1024, 2999])(
    'as it was at batch %i is the one that the command line shows',
    async batch => {
      const snapshot = await served.ask<SanctumSnapshot>(`/api/runs/${id}/snapshot?batch=${batch}`);
      expect(snapshot).toEqual(loadRun(folder, emptyReport(), batch));
    },
  );

  test.each([{ batch: 700 }, { batch: 9000 }, { timeMs: 1_700_000_000_000 + 700_500 }])(
    'as it was at %j is the same before the run has been read',
    async moment => {
      const feed = new RunFeed(openRun(folder)!);
      const before = await feed.at(moment);
      expect([feed.isComplete, feed.index.events]).toEqual([false, 0]);
      feed.follow();
      await feed.complete;
      expect(before).toEqual(await feed.at(moment));
      await feed.stop();
      const query = new URLSearchParams(Object.entries(moment).map(([name, value]) => [name, `${value}`]));
      expect(JSON.parse(JSON.stringify(before))).toEqual(
        await served.ask<SanctumSnapshot>(`/api/runs/${id}/snapshot?${query}`),
      );
    },
  );

  test('as it was at a time holds nothing later', async () => {
    const { run, tamiyo } = await served.ask<SanctumSnapshot>(
      `/api/runs/${id}/snapshot?timeMs=${1_700_000_000_000 + 700_500}`,
    );
    expect(tamiyo.batch).toBe(700);
    expect(run.lastEventMs).toBe(1_700_000_000_000 + 700_000);
  });

  test('follows the log as it grows, and restarts where the file was cut', async () => {
    append(folder, [update(3001, 77)]);
    await expect
      .poll(async () => (await served.ask<RunView>(`/api/runs/${id}`)).snapshot.tamiyo.batch)
      .toBe(3001);
    truncateSync(join(folder, 'events-0.jsonl'), 0);
    append(folder, [started(), update(1, 12)]);
    await expect
      .poll(
        async () =>
          (await served.ask<RunView>(`/api/runs/${id}`)).snapshot.tamiyo.infrastructure.memoryUsagePercent,
      )
      .toBeCloseTo(12);
  });
});

describe('series', () => {
  const id = '20260104-000000-long-dddd';
  const N = 5000;
  const kl = (i: number) => (i === 3210 ? 9 : i === 17 ? -9 : Math.sin(i / 40) / 100);
  beforeAll(() => {
    writeRun(served.runs, id, [
      started(),
      ...Array.from({ length: N }, (_, i) => update(i + 1, 50, kl(i + 1))),
    ]);
  });

  test.each([1, 7, 100, 4096])('in %i buckets keeps the exact extremes of each', async width => {
    const { batch, batchEnd, figures, points } = await served.ask<SeriesResponse>(
      `/api/runs/${id}/series?figures=approxKl&width=${width}`,
    );
    expect(points).toBe(N);
    expect(batch.length).toBeLessThanOrEqual(width);
    batch.forEach((first, bucket) => {
      const values = [];
      for (let i = first; i <= batchEnd[bucket]!; i++) values.push(kl(i));
      expect(figures.approxKl!.min[bucket]).toBe(Math.min(...values));
      expect(figures.approxKl!.max[bucket]).toBe(Math.max(...values));
    });
    expect(batch[0]).toBe(1);
    expect(batchEnd.at(-1)).toBe(N);
  });

  test('of a range has its points and one at either side', async () => {
    const { batch } = await served.ask<SeriesResponse>(
      `/api/runs/${id}/series?figures=approxKl&width=100&from=3200&to=3220`,
    );
    expect(batch[0]).toBe(3199);
    expect(batch.at(-1)).toBe(3221);
    expect(batch).toHaveLength(23);
  });

  test('by time, of a device, and of a figure that nobody measured', async () => {
    const answer = await served.ask<SeriesResponse>(
      `/api/runs/${id}/series?figures=cuda:0/memoryUsagePercent,entropy&x=time&from=${1_700_000_000_000 + 10_000}&to=${1_700_000_000_000 + 12_000}`,
    );
    expect(answer.batch).toEqual([9, 10, 11, 12, 13]);
    expect(answer.figures['cuda:0/memoryUsagePercent']!.max[1]).toBe(50);
    expect(answer.figures.entropy!.max).toEqual([null, null, null, null, null]);
  });

  test('of a resumed run has each batch once', async () => {
    const resumed = '20260105-000000-resumed-eeee';
    const first = Array.from({ length: 40 }, (_, i) => update(i + 1, 50, 1));
    const second = Array.from({ length: 20 }, (_, i) => update(i + 42, 50, 2, i + 31));
    writeRun(served.runs, resumed, [
      started(),
      ...first,
      event(41, 'TRAINING_STARTED', { resumedAtBatch: 30 }),
      ...second,
    ]);
    const { batch, figures } = await served.ask<SeriesResponse>(
      `/api/runs/${resumed}/series?figures=approxKl&width=500`,
    );
    expect(batch).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(figures.approxKl!.max[29]).toBe(1);
    expect(figures.approxKl!.max[30]).toBe(2);
  });
});

test('a phase’s memory is a figure of the update that it is part of, from the summary and from the file alike', async () => {
  const id = '20260106-000000-phases-ffff';
  const N = 66_000;
  const SPIKE = 54_321;
  const edge = (seq: number, allocatedBytes: number) =>
    event(seq, 'MEMORY_SAMPLED', { phase: 'rollout', memory: [{ device: 'cuda:0', allocatedBytes }] });
  const step = (seq: number, number: number) => event(seq, 'STEP_COMPLETED', { step: number });
  writeRun(
    served.runs,
    id,
    Array.from({ length: N }, (_, i) => [
      edge(2 * i, i + 1 === SPIKE ? 9000 : 100),
      step(2 * i + 1, i + 1),
    ]).flat(),
  );
  const asked = (query: string) =>
    served.ask<SeriesResponse>(`/api/runs/${id}/series?figures=cuda:0/phase/rollout&${query}`);
  const whole = await asked('width=50');
  const of = ({ figures }: SeriesResponse) => figures['cuda:0/phase/rollout']!.max;
  const bucket = whole.batch.findLastIndex(first => first <= SPIKE);
  expect(of(whole).map(max => max === 9000)).toEqual(whole.batch.map((_, i) => i === bucket));
  const near = await asked(`width=1000&from=${SPIKE - 2}&to=${SPIKE + 2}`);
  expect(near.batch).toContain(SPIKE);
  expect(of(near).map(max => max === 9000)).toEqual(near.batch.map(batch => batch === SPIKE));
});

describe('report', () => {
  const id = '20260107-000000-leaking-abcd';
  let folder: string;
  beforeAll(() => {
    folder = writeRun(served.runs, id, [
      started(),
      ...Array.from({ length: 60 }, (_, i) => update(i + 1, 20 + i)),
      event(61, 'INTERVENTION_APPLIED', { kind: 'shrink', device: 'cuda:0', microbatches: 4 }),
      event(62, 'TRAINING_FAILED', { errorType: 'OutOfMemoryError', outOfMemory: {} }),
    ]);
  });

  test('is that of the command line, and without its timelines where a page asks', async () => {
    const report = await served.ask<RunReport>(`/api/runs/${id}/report`);
    const { alarms } = await reportOfRun(openRun(folder)!);
    expect(alarms).toHaveLength(1);
    expect(report).toEqual(JSON.parse(JSON.stringify({ ...analyseRun(readRun(folder)), alarms })));
    expect(report.verdict.kind).toBe('leak');
    const slim = await served.ask<RunReport>(`/api/runs/${id}/verdict`);
    expect(slim.devices.map(device => device.timeline)).toEqual([[]]);
    expect(slim.devices[0]!.findings).toEqual(report.devices[0]!.findings);
  });

  test('is a page that stands by itself, and may do nothing', async () => {
    const other = await serve({ reportPage: report => `<p>${report.verdict.kind} ${report.run.state}</p>` });
    writeRun(other.runs, id, [started(), update(1)]);
    const { status, headers, body } = await other.get(`/api/runs/${id}/report.html`);
    expect([status, body]).toEqual([200, '<p>unmeasured gone</p>']);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('script');
    expect(headers['x-content-type-options']).toBe('nosniff');
    await other.end();
    expect((await served.get(`/api/runs/${id}/report.html`)).status).toBe(404);
  });

  test('alarms are those that the log raises, with where they began and ended', async () => {
    const id = '20260108-000000-alarmed-bcde';
    const refused = (seq: number, allocRetries: number) => {
      const own = update(seq) as EventOf<'PPO_UPDATE_COMPLETED'>;
      return { ...own, data: { ...own.data, memory: [{ ...own.data.memory![0]!, allocRetries }] } };
    };
    // Cleared once it has been calm for a minute; an event is a second.
    const alarmed = [started(), ...Array.from({ length: 120 }, (_, i) => refused(i + 1, i + 1 < 20 ? 0 : 3))];
    const folder = writeRun(served.runs, id, alarmed);
    const { alarms } = await served.ask<RunView>(`/api/runs/${id}`);
    expect(
      alarms.map(({ rule, level, device, fromBatch, toBatch }) => [rule, level, device, fromBatch, toBatch]),
    ).toEqual([['at-the-wall', 'critical', 'cuda:0', 20, 81]]);
    append(folder, [event(121, 'TRAINING_FAILED', { errorType: 'E', message: 'no more' })]);
    await expect
      .poll(async () => (await served.ask<RunView>(`/api/runs/${id}`)).alarms.at(-1))
      .toMatchObject({ rule: 'failed', device: null, reason: 'training failed: no more', toMs: null });
  });

  test('what happened once is marked where it happened', async () => {
    const { marks } = await served.ask<RunView>(`/api/runs/${id}`);
    expect(marks.map(({ kind, text, batch, device }) => [kind, text, batch, device])).toEqual([
      ['started', 'started', null, null],
      ['intervention', 'shrink, 4 microbatches', 60, 'cuda:0'],
      ['failed', 'out of memory', 60, null],
    ]);
  });
});

test('events come from any point of the log on', async () => {
  const { events, next } = await served.ask<{ events: { seq: number }[]; next: number }>(
    '/api/runs/20260104-000000-long-dddd/events?from=4321&limit=3',
  );
  expect(events.map(e => e.seq)).toEqual([4321, 4322, 4323]);
  expect(next).toBe(4324);
});

test('records are served, with their thresholds', async () => {
  const records = await served.ask<{ id: string; thresholds: unknown }[]>('/api/records');
  expect(records.find(({ id }) => id === 'TELE-770')!.thresholds).toMatchObject({ warning: { atLeast: 75 } });
});
