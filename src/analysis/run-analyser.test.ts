import { Value } from '@sinclair/typebox/value';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Payload, RunReport, type TelemetryEvent } from '../contract/index.ts';
import { playScenario, scenarios } from '../workloads/simulate/index.ts';
import { analyseRun, RunAnalyser } from './index.ts';

type Update = Payload<'PPO_UPDATE_COMPLETED'>;

const GIB = 2 ** 30;

/** A scenario's events as a rank's log. */
function eventsOf(name: string, seed: number, rank = 0, firstSeq = 0): TelemetryEvent[] {
  const run = playScenario(scenarios.find(s => s.name === name)!, { seed });
  const events: TelemetryEvent[] = [];
  let timeMs = 1e12;
  for (const { type, data, afterMs } of run) {
    timeMs += afterMs;
    const seq = firstSeq + events.length;
    events.push({ v: '1.0', seq, timeMs, run: 'r', rank, type, data } as TelemetryEvent);
  }
  return events;
}

const reportOf = (events: Iterable<TelemetryEvent>): RunReport => analyseRun([[...events]]);

const withMemory = (event: TelemetryEvent, change: (data: Update) => Update): TelemetryEvent =>
  event.type === 'PPO_UPDATE_COMPLETED' ? { ...event, data: change(event.data) } : event;

describe('the report', () => {
  test('follows the contract, of every scenario and of nothing', () => {
    const reports = [reportOf([]), ...scenarios.map(({ name }) => reportOf(eventsOf(name, 3)))];
    for (const report of reports) expect([...Value.Errors(RunReport, report)]).toEqual([]);
  });

  test('asked for at any time is that of a fresh analyser, and asking changes nothing', () => {
    const logs = ['at-the-wall-slow', 'slow-leak', 'spike'].map(name => eventsOf(name, 4));
    fc.assert(
      fc.property(
        fc.constantFrom(...logs),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
        (events, shares) => {
          const asked = new RunAnalyser();
          const at = new Set(shares.map(share => Math.floor(share * events.length)));
          for (const [i, event] of events.entries()) {
            if (at.has(i)) expect(asked.report()).toEqual(reportOf(events.slice(0, i)));
            asked.take(event);
          }
          expect(asked.report()).toEqual(reportOf(events));
          expect(asked.report()).toEqual(reportOf(events));
        },
      ),
      { numRuns: 6 },
    );
  });

  test('given away is not changed by what follows', () => {
    const events = eventsOf('at-the-wall-slow', 4);
    const analyser = new RunAnalyser();
    for (const event of events.slice(0, 100)) analyser.take(event);
    const report = analyser.report();
    const then = structuredClone(report);
    for (const event of events.slice(100)) analyser.take(event);
    expect(report).toEqual(then);
  });

  test('is the same however ranks are interleaved', () => {
    const ranks = [eventsOf('slow-leak', 5), eventsOf('steady', 6, 1), eventsOf('fragmentation', 7, 2)];
    const inTurn = reportOf(ranks.flat());
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(2)), turns => {
        const left = ranks.map(events => [...events]);
        const mixed: TelemetryEvent[] = [];
        for (const rank of turns) {
          const next = left[rank]!.shift();
          if (next) mixed.push(next);
          if (left.every(events => events.length === 0)) break;
        }
        expect(reportOf(mixed)).toEqual(inTurn);
      }),
      { numRuns: 3 },
    );
    expect(inTurn.run).toMatchObject({ ranks: 3, state: 'failed' });
    expect(inTurn.devices.map(({ rank }) => rank)[0]).toBe(0);
    expect(inTurn.verdict).toMatchObject({ kind: 'leak', rank: 0, device: 'sim:0' });
    expect(inTurn.failure).toMatchObject({ errorType: 'OutOfMemoryError' });
  });

  test('passes over events that came before, and counts those that never came', () => {
    const events = eventsOf('steady', 8);
    const twice = events.flatMap(event => [event, event]);
    expect(reportOf(twice)).toEqual(reportOf(events));
    const torn = reportOf(events.filter(({ seq }) => seq % 10 !== 3));
    expect(torn.run.lostEvents).toBe(30);
    expect(torn.verdict.kind).toBe('steady');
  });

  test('reports what could not be read', () => {
    expect(analyseRun([eventsOf('steady', 8)], { malformed: 3, torn: 1 }).run.unreadableLines).toBe(4);
  });
});

describe('a run that was restarted', () => {
  const restarted = (first: string, second: string, length = 400) => {
    const before = eventsOf(first, 9);
    return [...before, ...eventsOf(second, 10, 0, before.length).slice(0, length)];
  };

  test('covers the process that failed and the one that did not', () => {
    const { devices, run, failure, verdict } = reportOf(restarted('slow-leak', 'steady'));
    expect(run).toMatchObject({ starts: 2, state: 'completed' });
    expect(failure).toBeNull();
    expect(verdict.kind).toBe('steady');
    expect(devices[0]!.findings.map(({ kind }) => kind).slice(0, 2)).toEqual(['steady', 'leak']);
    expect(devices[0]!.findings[1]!.says).toMatch(/^In an earlier process: /);
    expect(devices[0]!.timeline.filter(({ isStart }) => isStart)).toHaveLength(1);
  });

  test('goes by the earlier process as long as the new one has hardly begun', () => {
    expect(reportOf(restarted('slow-leak', 'steady', 8)).verdict.kind).toBe('leak');
  });

  test('does not take the new process’s counters for a reset, nor its memory for a step', () => {
    const once = reportOf(eventsOf('at-the-wall', 9)).devices[0]!;
    const again = eventsOf('at-the-wall', 9);
    const twice = reportOf([...again, ...eventsOf('at-the-wall', 9, 0, again.length)]).devices[0]!;
    expect(twice.retries).toBe(2 * once.retries!);
    expect(twice.attribution.totalMs).toBeCloseTo(2 * once.attribution.totalMs, 3);
    expect(twice.forecast.since).toBe(once.forecast.since);
    // Its first reading counts from zero, also where that is more than the earlier process came to.
    const first = eventsOf('at-the-wall', 9).slice(0, 20);
    const second = eventsOf('at-the-wall', 9).filter(({ seq }) => seq === 0 || seq > 100);
    const cut = reportOf([...first, ...second.map((event, i) => ({ ...event, seq: 20 + i }))]).devices[0]!;
    expect(cut.retries).toBe(once.retries! + reportOf(first).devices[0]!.retries!);
  });
});

test('counters that someone reset count on', () => {
  const events = eventsOf('at-the-wall', 11);
  const retries = (all: TelemetryEvent[]) => reportOf(all).devices[0]!.retries;
  const at = 150;
  const before = events[at]!.data as Update;
  const reset = events.map((event, i) =>
    i <= at
      ? event
      : withMemory(event, data => ({
          ...data,
          memory: data.memory!.map(reading => ({
            ...reading,
            allocRetries: reading.allocRetries! - before.memory![0]!.allocRetries!,
          })),
        })),
  );
  expect(retries(reset)).toBe(retries(events));
});

test('each device of a rank is judged by itself', () => {
  const leak = eventsOf('slow-leak', 12);
  const events = leak.map(event =>
    withMemory(event, data => ({
      ...data,
      memory: [
        ...data.memory!,
        {
          device: 'sim:1',
          name: 'Other',
          allocatedBytes: GIB,
          activeBytes: GIB,
          reservedBytes: 2 * GIB,
          peakActiveBytes: GIB,
          peakScope: 'update',
          deviceTotalBytes: 8 * GIB,
          deviceFreeBytes: 6 * GIB,
          allocRetries: 0,
        },
      ],
    })),
  );
  const { devices } = reportOf(events);
  expect(devices.map(({ device, findings }) => [device, findings[0]!.kind])).toEqual([
    ['sim:0', 'leak'],
    ['sim:1', 'steady'],
  ]);
  expect(devices[0]).toEqual(reportOf(leak).devices[0]);
  expect(devices[1]!.name).toBe('Other');
});

test('readings between updates make the points of a device that updates do not report', () => {
  const events = eventsOf('slow-leak', 13).flatMap((event): TelemetryEvent[] => {
    if (event.type !== 'PPO_UPDATE_COMPLETED') return [event];
    const { memory, ...data } = event.data;
    const sampled = { phase: 'update_actor', when: 'after', memory: memory! } as const;
    return [
      { ...event, type: 'MEMORY_SAMPLED', data: sampled },
      { ...event, data },
    ];
  });
  const log = events.map((event, seq) => ({ ...event, seq }));
  expect(reportOf(log).verdict.kind).toBe('leak');
});

describe('short runs', () => {
  const events = eventsOf('steady', 14);
  test.each([0, 1, 2, 6])('of %i events prove nothing', count => {
    const { verdict, run, devices, learning } = reportOf(events.slice(0, count));
    expect(verdict.kind).toBe('unmeasured');
    expect(run).toMatchObject({ events: count, updates: Math.max(0, count - 1), starts: Math.min(1, count) });
    expect(devices).toHaveLength(count > 1 ? 1 : 0);
    expect(learning.timeline).toHaveLength(Math.max(0, count - 1));
    if (count === 0) expect(run).toMatchObject({ state: 'waiting', startedMs: null, lastBatch: null });
  });
});

const row = (batch: number, data: Partial<Update>): TelemetryEvent =>
  ({
    v: '1.0',
    seq: batch,
    timeMs: 1e12,
    run: 'r',
    rank: 0,
    type: 'PPO_UPDATE_COMPLETED',
    data: { batch, ...data },
  }) as TelemetryEvent;

describe('learning', () => {
  test('is the median of the newest quarter, between values of it', () => {
    const { learning } = reportOf(
      Array.from({ length: 200 }, (_, i) =>
        row(i, { rollout: { episodicReturn: i, steps: 10, totalSteps: 10 * i } }),
      ),
    );
    expect(learning.episodicReturn!.mid).toBe(174.5);
    expect(learning.episodicReturn!.low).toBeGreaterThanOrEqual(150);
    expect(learning.episodicReturn!.low).toBeLessThan(174.5);
    expect(learning.episodicReturn!.high).toBeGreaterThan(174.5);
    expect(learning).toMatchObject({ highestReturn: 199, totalSteps: 1990, loss: null, updateMs: null });
  });

  test('that diverged is left out, and null where nothing else is', () => {
    const diverged = Array.from({ length: 30 }, (_, i) =>
      row(i, { loss: { total: 'NaN' }, rollout: { episodicReturn: i < 20 ? 'Infinity' : 5 } }),
    );
    const { learning } = reportOf(diverged);
    expect(learning.loss).toBeNull();
    expect(learning.episodicReturn).toEqual({ low: 5, mid: 5, high: 5 });
    expect(learning.timeline[0]).toMatchObject({ loss: null, episodicReturn: null });
  });
});

describe('a loss that is not finite', () => {
  const step = (step: number, data: object, seq = step): TelemetryEvent =>
    ({
      v: '1.0',
      seq,
      timeMs: 1e12,
      run: 'r',
      rank: 0,
      type: 'STEP_COMPLETED',
      data: { step, ...data },
    }) as TelemetryEvent;
  const started = (seq: number): TelemetryEvent =>
    ({
      v: '1.0',
      seq,
      timeMs: 1e12,
      run: 'r',
      rank: 0,
      type: 'TRAINING_STARTED',
      data: {},
    }) as TelemetryEvent;
  const brokenOf = (events: TelemetryEvent[]) => reportOf(events).learning.broken;
  const losses = (...values: (number | string | null)[]) =>
    values.map((loss, i) => step(i + 1, loss === null ? {} : { loss }));

  test('shows what came before, what broke with it, and how far the loss scale had fallen', () => {
    const events = [
      step(1, { loss: 2.5, gradNorm: 1, extra: { 'loss scale': 65536 } }),
      step(2, { loss: 2.25, gradNorm: 'Infinity', extra: { 'loss scale': 32768 } }),
      step(3, { loss: 'NaN', gradNorm: 'NaN', extra: { 'loss scale': 16384 } }),
      step(4, { loss: 'NaN', gradNorm: 'NaN', extra: { 'loss scale': 1 } }),
      step(5, { loss: 'Infinity', gradNorm: 'NaN' }),
    ];
    expect(brokenOf(events)).toEqual({
      fromBatch: 3,
      toBatch: 5,
      updates: 3,
      value: 'NaN',
      isNewest: true,
      lastFinite: { batch: 2, loss: 2.25 },
      gradNormFromBatch: 2,
      isGradNormMeasured: true,
      lossScale: { before: 32768, highest: 65536 },
    });
  });

  test('has nothing to do with a gradient that was finite again', () => {
    const events = [
      step(1, { loss: 2, gradNorm: 'Infinity' }),
      step(2, { loss: 2, gradNorm: 1 }),
      ...losses(1, 1, 'NaN', 'NaN', 'NaN').slice(2),
    ];
    expect(brokenOf(events)).toMatchObject({
      fromBatch: 3,
      gradNormFromBatch: null,
      isGradNormMeasured: true,
    });
  });

  test('in an update or two is none, and what was not measured ends nothing', () => {
    expect(brokenOf(losses(1, 'NaN', 'NaN', 1, 'NaN', 1))).toBeNull();
    expect(brokenOf(losses(1, 1, 1, null, 2))).toBeNull();
    expect(brokenOf(losses(1, 'NaN', null, 'NaN', 'Infinity', 1))).toMatchObject({
      fromBatch: 2,
      toBatch: 5,
      updates: 3,
      isNewest: false,
      isGradNormMeasured: false,
      gradNormFromBatch: null,
      lossScale: null,
    });
  });

  test('of several stretches is the one that lasts, else the longest', () => {
    const twice = ['NaN', 'NaN', 'NaN', 'NaN', 1, 'NaN', 'NaN', 'NaN'] as const;
    expect(brokenOf(losses(...twice))).toMatchObject({
      fromBatch: 6,
      isNewest: true,
      lastFinite: { batch: 5, loss: 1 },
    });
    expect(brokenOf(losses(...twice, 2))).toMatchObject({
      fromBatch: 1,
      updates: 4,
      isNewest: false,
      lastFinite: null,
    });
  });

  test('ends with its process', () => {
    const first = losses(1, 'NaN', 'NaN');
    expect(
      brokenOf([started(0), ...first, started(4), step(4, { loss: 'NaN' }, 5), step(5, { loss: 1 }, 6)]),
    ).toBeNull();
  });

  test('of an update is its total, or the policy’s or the value function’s', () => {
    const events = [
      row(1, { loss: { policy: 0.5, total: 1 } }),
      ...[2, 3, 4].map(batch => row(batch, { loss: { policy: 'NaN' } })),
    ];
    expect(brokenOf(events)).toMatchObject({ fromBatch: 2, updates: 3, lastFinite: { batch: 1, loss: 1 } });
  });
});

test('what is kept is bounded, also where a run restarts all the time', () => {
  const updates = eventsOf('at-the-wall', 15).filter(({ type }) => type === 'PPO_UPDATE_COMPLETED');
  const analyser = new RunAnalyser();
  for (let seq = 0; seq < 12_000; seq++) {
    const event = updates[seq % updates.length]!;
    const isStart = seq > 6_000 && seq % 5 === 0;
    analyser.take({
      ...event,
      seq,
      ...(isStart ? { type: 'TRAINING_STARTED', data: {} } : {}),
    } as TelemetryEvent);
  }
  const { devices, learning, run } = analyser.report();
  expect(run.starts).toBeGreaterThan(1100);
  expect(devices[0]!.timeline.length).toBeLessThanOrEqual(512);
  expect(learning.timeline.length).toBeLessThanOrEqual(512);
  expect(devices[0]!.timeline.reduce((sum, { updates }) => sum + updates, 0)).toBe(run.updates);
  expect(JSON.stringify(analyser.report()).length).toBeLessThan(1e6);
});
