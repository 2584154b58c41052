/** One fact, one answer: whatever is asked of a log, by whatever reads it. Each of these was answered in two ways once. */

import { expect, test } from 'vitest';
import { defaultRules, parseCondition, readingsOf } from '../../src/alarms/index.ts';
import { Comparand, compareRuns } from '../../src/analysis/index.ts';
import { GIB } from '../../src/base/index.ts';
import type { TelemetryEvent } from '../../src/contract/index.ts';
import { prometheusText } from '../../src/export/index.ts';
import { emptySnapshot, Reduction, reduceAll } from '../../src/reduce/index.ts';
import { nearness } from '../../src/report/index.ts';
import { frame, initialView } from '../../src/sanctum/index.ts';
import { slimReport } from '../../src/serve/run-view.ts';
import { event, pressed, reading, update } from '../events.ts';

function comparand(events: readonly TelemetryEvent[]) {
  const run = new Comparand();
  for (const next of events) run.take(next);
  return { run, report: run.report() };
}

test('headroom is what is left beside the peak and the stranded pieces', () => {
  const memory = reading(3, 6, {
    deviceTotalBytes: 10 * GIB,
    deviceFreeBytes: 2 * GIB,
    peakActiveBytes: 5 * GIB,
    peakScope: 'update',
    inactiveSplitBytes: 1 * GIB,
  });
  const log = Array.from({ length: 60 }, (_, seq) => update(seq, [memory]));
  const { run, report } = comparand(log);
  expect(reduceAll(emptySnapshot(), log).devices[0]!.pressure.headroomBytes).toBe(2 * GIB);
  expect(report.devices[0]!.headroomBytes).toBe(2 * GIB);
  const compared = compareRuns({ run, report }, { run, report }).figures;
  expect(compared.find(({ figure }) => figure === 'headroomBytes')).toMatchObject({ a: 2 * GIB, b: 2 * GIB });
});

test('headroom without a stranded reading is not measured: in the snapshot, the report and a comparison', () => {
  const memory = reading(3, 6, {
    deviceTotalBytes: 10 * GIB,
    deviceFreeBytes: 2 * GIB,
    peakActiveBytes: 5 * GIB,
    peakScope: 'update',
    inactiveSplitBytes: null,
  });
  const log = Array.from({ length: 60 }, (_, seq) => update(seq, [memory]));
  const { run, report } = comparand(log);
  expect(reduceAll(emptySnapshot(), log).devices[0]!.pressure).toMatchObject({
    headroomAtBestBytes: 3 * GIB,
    headroomBytes: null,
  });
  expect(report.devices[0]).toMatchObject({ headroomAtBestBytes: 3 * GIB, headroomBytes: null });
  const compared = compareRuns({ run, report }, { run, report }).figures;
  expect(compared.find(({ figure }) => figure === 'pressureFraction')).toMatchObject({ a: 5 / 8 });
  expect(compared.find(({ figure }) => figure === 'headroomBytes')).toMatchObject({
    status: 'unmeasured',
    a: null,
    b: null,
  });
});

test('pressure 0.95 on a device that is 60% used is critical: in every view, alarm, exporter and report', async () => {
  // 1 GiB of 10 is the pool's, and others hold 5: 5 are to be had, of which the peak needs 4.75.
  const log = pressed(0.95, 4);
  const reduction = new Reduction();
  const notices = log.flatMap(next => [...reduction.add(next)]);
  const snapshot = reduction.snapshot();
  expect(snapshot.devices[0]).toMatchObject({ usedPercent: 60, pressure: { pressureFraction: 0.95 } });

  // Receivers of alarms, and who waits for one.
  expect(notices).toMatchObject([{ what: 'raised', rule: 'pressure', level: 'critical', value: 0.95 }]);
  const { figure } = parseCondition('alarm');
  expect(readingsOf(figure, snapshot)).toEqual([{ rank: null, device: null, value: true }]);
  // The snapshot, which the run list and Overwatch show as it is.
  expect(snapshot.status.level).toBe('critical');
  expect(snapshot.vitals.memoryAlarmDevices).toMatchObject([
    { device: 'cuda:0', rule: 'pressure', level: 'critical', short: 'pressure 0.95' },
  ]);
  // Sanctum's header and banner.
  for (const [width, height] of [
    [80, 24],
    [120, 36],
  ] as const) {
    const text = frame(snapshot, initialView({ width, height, nowMs: snapshot.run.lastEventMs! })).join('\n');
    expect(text).toContain('cuda:0 pressure 0.95');
    expect(text).toContain('CRITICAL');
    expect(text).not.toContain('✓ System');
  }
  // Prometheus.
  const metrics = await prometheusText([{ row: { id: 'r', name: 'tight', state: 'running' }, snapshot }]);
  expect(metrics).toMatch(/^esper_memory_alarm\{[^}]*\} 1$/m);
  expect(metrics).toMatch(/^esper_status\{[^}]*\} 3$/m);
  // The report.
  const { report } = comparand(log);
  expect(nearness(report.devices[0]!, report, false).tone).toBe('critical');
});

test('a page has the same words as a report for peaks beside which nothing is known', () => {
  const memory = (i: number) => ({
    device: 'cuda',
    peakReservedBytes: (40 + i) * GIB,
    deviceTotalBytes: 79 * GIB,
    peakScope: 'update' as const,
  });
  const log = Array.from({ length: 30 }, (_, seq) => update(seq, [memory(seq)]));
  const { report } = comparand(log);
  const page = slimReport(report);
  const answer = nearness(report.devices[0]!, report, true);
  expect(answer.says).toMatch(/^The largest peak was 69\.0 GiB of the device’s 79\.0 GiB/);
  expect(nearness(page.devices[0]!, page, true)).toEqual(answer);
});

test('the device beyond a lone peak is the most that was left, and a peak that fills it is at the end', () => {
  const answered = (...peaks: number[]) => {
    const memory = { device: 'cuda', deviceTotalBytes: 79 * GIB, peakScope: 'update' as const };
    const log = peaks.map((gib, seq) => update(seq, [{ ...memory, peakReservedBytes: gib * GIB }]));
    const { report } = comparand(log);
    const { answer, tone } = nearness(report.devices[0]!, report, true);
    return [answer, tone];
  };
  expect(answered(40, 41, 40)).toEqual(['at most 38.0 GiB left', 'plain']);
  expect(answered(40, 78.5)).toEqual(['at most 512 MiB left', 'critical']);
  // Figures that cannot both be true answer nothing.
  expect(answered(40, 80)).toEqual(['not measured', 'dim']);
});

test('the state of a run of which a rank lost its first line', () => {
  const first = [
    event('TRAINING_STARTED', {}, 0, 0),
    update(1, [], 0),
    event('TRAINING_COMPLETED', { reason: 'finished' }, 2, 0),
  ];
  const second = [update(1, [], 1), event('TRAINING_COMPLETED', { reason: 'finished' }, 2, 1)];
  for (const log of [
    [...first, ...second],
    [...first, ...second.slice(0, 1)],
    [...second.slice(0, 1), ...first],
    first.slice(1),
  ]) {
    expect(reduceAll(emptySnapshot(), log).run.state).toBe('completed');
    expect(comparand(log).report.run.state).toBe('completed');
  }
  expect(reduceAll(emptySnapshot(), second.slice(0, 1)).run.state).toBe('running');
  expect(comparand(second.slice(0, 1)).report.run.state).toBe('running');
});

test('every alarm that stands on a device is critical or a warning of the status, whichever rule it is', () => {
  for (const { name, level } of defaultRules.filter(
    rule => rule.isMemory && rule.raise.figure.each === 'device',
  )) {
    const before = reduceAll(emptySnapshot(), [update(1, [reading(1, 2)])]);
    const [device] = before.devices;
    const raised = { raisedMs: 0, sinceMs: null, announcedMs: 0, isAnnounced: true };
    const alarmed = { ...before, devices: [{ ...device!, alarms: { [name]: raised } }] };
    const { status, vitals } = reduceAll(alarmed, []);
    expect([name, status.level, vitals.memoryAlarmDevices.map(a => a.rule)]).toEqual([name, level, [name]]);
  }
});
