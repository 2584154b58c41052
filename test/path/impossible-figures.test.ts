/**
 * Figures that cannot be true, kind by kind, from the log to every place that shows them: kept as they came, flagged, never
 * clamped, and never the reason for calm.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunAnalyser } from '../../src/analysis/index.ts';
import { GIB } from '../../src/base/index.ts';
import type { DeviceMemory, RunReport, SanctumSnapshot, TelemetryEvent } from '../../src/contract/index.ts';

import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';
import { runDocument, toTerminal } from '../../src/report/index.ts';
import { frame, initialView } from '../../src/sanctum/index.ts';
import type { RunView, SeriesResponse } from '../../src/serve/index.ts';
import { parseOutOfMemory } from '../../src/texts/index.ts';
import { drawRun } from '../../src/web/index.ts';
import { event, update } from '../events.ts';
import { writeRun } from '../log-files.ts';
import { type Served, serve } from '../serve/fixture.ts';

const gib = (size: number) => Math.round(size * GIB);

/** 3 of 4 GiB in use on a card of 8, of which 3 are free: the budget is 7. */
const sound: DeviceMemory = {
  device: 'cuda:0',
  allocatedBytes: gib(3),
  activeBytes: gib(3),
  reservedBytes: gib(4),
  inactiveSplitBytes: 0,
  peakAllocatedBytes: gib(3.5),
  peakActiveBytes: gib(3.5),
  peakScope: 'update',
  deviceTotalBytes: gib(8),
  deviceFreeBytes: gib(3),
  allocRetries: 0,
  ooms: 0,
};
const peak = (size: number): Partial<DeviceMemory> => ({
  peakAllocatedBytes: gib(size),
  peakActiveBytes: gib(size),
});

/** Each kind: what is reported, what names it, and the figure that carries a question mark where one is shown. */
const kinds: [string, Partial<DeviceMemory>, RegExp, RegExp][] = [
  ['a peak above the device', peak(11), /peak 11\.00 GiB exceeds the device’s 8\.00 GiB/, /\[Mem:75%\?\]/],
  [
    'a peak of the run above the device',
    { ...peak(11), peakScope: 'run' },
    /peak 11\.00 GiB exceeds the device’s 8\.00 GiB/,
    /\[Mem:75%\?\]/,
  ],
  ['pressure above 1', peak(7.5), /peak 7\.50 GiB exceeds the budget of 7\.00 GiB/, /pressure 1\.07\?/],
  ['headroom below 0', peak(7.5), /peak 7\.50 GiB exceeds the budget of 7\.00 GiB/, /headroom -0\.50 GiB\?/],
  [
    'allocated above reserved',
    { allocatedBytes: gib(5), activeBytes: gib(5), ...peak(5) },
    /allocated 5\.00 GiB exceeds reserved 4\.00 GiB/,
    /\[Mem:125%\?\]/,
  ],
  [
    'reserved above what is used',
    { deviceFreeBytes: gib(7) },
    /reserved 4\.00 GiB exceeds 1024\.00 MiB used on the device/,
    /\[Mem:75%\?\]/,
  ],
];

const UPDATES = 30;
const log = (over: Partial<DeviceMemory>): TelemetryEvent[] => [
  event('TRAINING_STARTED', { name: 'x', maxBatches: 100 }),
  ...Array.from({ length: UPDATES }, (_, i) => update(i + 1, [{ ...sound, ...(i >= 20 && over) }])),
];
const reportOf = (events: readonly TelemetryEvent[]): RunReport => {
  const analyser = new RunAnalyser();
  for (const own of events) analyser.take(own);
  return analyser.report();
};
const screen = (snapshot: SanctumSnapshot, report: RunReport, [width, height]: [number, number]) =>
  frame(snapshot, {
    ...initialView({ width, height, nowMs: snapshot.run.lastEventMs! }),
    verdict: report,
    timeZone: 'UTC',
  });
/** Boxes and breaks of lines taken away: words as they are read. */
const words = (rows: string | readonly string[]) =>
  [rows]
    .flat()
    .join(' ')
    .replace(/[│╭╮╰╯─\n]/g, ' ')
    .replace(/\s+/g, ' ');
const text = (report: RunReport) =>
  words(
    toTerminal(runDocument(report, { nowMs: 0, timeZone: 'UTC', version: 'test' }), {
      width: 100,
      color: false,
    }),
  );
const decode = (html: string) => html.replaceAll('&gt;', '>').replaceAll('&amp;', '&');

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served.end());

const page = async (id: string) => {
  const view = await served.ask<RunView>(`/api/runs/${id}`);
  const series = await served.ask<SeriesResponse>(`/api/runs/${id}/series`);
  const report = await served.ask<RunReport>(`/api/runs/${id}/verdict`);
  return decode(drawRun({ view, series, report, nowMs: view.snapshot.run.lastEventMs! })).replace(
    /<[^>]*>/g,
    ' ',
  );
};

describe.each(kinds)('%s', (name, over, says, marked) => {
  const events = log(over);
  const snapshot = reduceAll(emptySnapshot(), events);
  const report = reportOf(events);

  test('Sanctum: status, figure, panel and event', () => {
    expect(snapshot.status.level).not.toBe('ok');
    expect(snapshot.tamiyo.infrastructure.contradiction).toMatch(says);
    const rows = screen(snapshot, report, [160, 50]);
    expect(rows.join('\n')).toMatch(marked);
    expect(rows[0]).toMatch(/^ [!✗] /);
    // The panel stands in columns beside another: its rows are read by themselves.
    expect(words(screen(snapshot, report, [70, 40]))).toMatch(new RegExp(`figures disagree: ${says.source}`));
    expect(words(rows.filter(row => row.includes('!')))).toMatch(says);
    for (const size of [
      [80, 24],
      [40, 10],
    ] as [number, number][])
      expect(screen(snapshot, report, size).join('\n')).not.toMatch(/\[✓\]/);
  });

  test('report, and why', () => {
    const doubt = new RegExp(`Figures disagree in 10 updates \\(batches 21–30\\): ${says.source}`);
    expect(text(report)).toMatch(doubt);
    expect(report.devices[0]!.contradiction).toMatchObject({ updates: 10, fromBatch: 21, toBatch: 30 });
    const rows = frame(snapshot, {
      ...initialView({ width: 100, height: 60, nowMs: snapshot.run.lastEventMs! }),
      verdict: report,
      overlay: { what: 'verdict', from: 0 },
    });
    expect(words(rows)).toMatch(doubt);
  });

  test('Overwatch', async () => {
    const id = `20260101-000000-${name.replace(/\W+/g, '-')}-aaaa`;
    writeRun(
      served.runs,
      id,
      events.map(own => ({ ...own, run: id })),
    );
    const shown = await page(id);
    expect(words(shown)).toMatch(new RegExp(`figures disagree: ${says.source}`));
    expect(words(shown)).toMatch(/Figures disagree in 10 updates/);
    expect(words(shown).replaceAll(' GiB ?', ' GiB?')).toMatch(marked);
  });
});

test('what can be true is not flagged', () => {
  // Others may have taken memory since a peak of the whole run.
  for (const own of [{}, { ...peak(7.5), peakScope: 'run' as const }, { inactiveSplitBytes: gib(0.9) }]) {
    const events = log(own);
    const report = reportOf(events);
    expect(report.devices[0]!.contradiction).toBeNull();
    expect(text(report)).not.toMatch(/disagree/);
    expect(screen(reduceAll(emptySnapshot(), events), report, [120, 40]).join('\n')).not.toMatch(
      /disagree|\?\]|\d\?/,
    );
  }
});

test('sums of an out-of-memory text beyond the card', async () => {
  const message =
    'CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 8.00 GiB of which 7.00 GiB is free. ' +
    'Including non-PyTorch memory, this process has 6.00 GiB memory in use. Of the allocated memory 5.00 GiB is allocated ' +
    'by PyTorch, and 512.00 MiB is reserved by PyTorch but unallocated.';
  const failed = event(
    'TRAINING_FAILED',
    { errorType: 'OutOfMemoryError', message, outOfMemory: parseOutOfMemory(message) },
    UPDATES + 1,
  );
  const events = [...log({}), failed];
  const report = reportOf(events);
  const doubt = /this process and free are 13\.00 GiB/;
  // Nothing is concluded from a figure that is doubted.
  expect(report.devices[0]!.findings.map(({ kind }) => kind)).not.toContain('allocator configuration');
  expect(report.explanation!.kind).not.toBe('process limit');
  expect(text(report)).toMatch(doubt);
  const snapshot = reduceAll(emptySnapshot(), events);
  expect(words(screen(snapshot, report, [200, 60]))).toMatch(doubt);
  const id = '20260101-000000-sums-aaaa';
  writeRun(
    served.runs,
    id,
    events.map(own => ({ ...own, run: id })),
  );
  expect(words(await page(id))).toMatch(doubt);
});
