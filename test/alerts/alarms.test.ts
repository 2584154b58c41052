/** Alarms as a function of a log: levels, hold, cool-down, and the same live, replayed and in any interleaving of ranks. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AlarmNotice, defaultRules } from '../../src/alarms/index.ts';
import { parseAlarmsFile } from '../../src/alerts/index.ts';
import { GIB } from '../../src/base/index.ts';
import type { DeviceMemory, SanctumSnapshot, TelemetryEvent } from '../../src/contract/index.ts';
import { limits } from '../../src/figures/index.ts';
import { emptySnapshot, Reduction, reduceAll } from '../../src/reduce/index.ts';
import { event, reading, twoRanksLog } from '../events.ts';

const rulesOf = (...rules: object[]) =>
  parseAlarmsFile('rules', JSON.stringify({ defaults: false, rules })).rules;

/** Every notice of a log. */
function alarmsOf(events: Iterable<TelemetryEvent>, rules = defaultRules): AlarmNotice[] {
  const reduction = new Reduction(undefined, rules);
  return [...events].flatMap(next => reduction.add(next));
}

/** The same where the state goes through JSON after every event, as one that is stored would. */
function alarmsOfStored(events: Iterable<TelemetryEvent>, rules = defaultRules): AlarmNotice[] {
  let snapshot = emptySnapshot();
  return [...events].flatMap(next => {
    const reduction = new Reduction(JSON.parse(JSON.stringify(snapshot)), rules);
    const notices = reduction.add(next);
    snapshot = reduction.snapshot();
    return notices;
  });
}

/** What every screen shows of the log's end: level, place and word of each alarm that stands. */
const standing = ({ vitals }: SanctumSnapshot) =>
  vitals.memoryAlarmDevices.map(({ level, device, short }) => `${level} ${device} ${short}`);
const shownAfter = (events: Iterable<TelemetryEvent>) => standing(reduceAll(emptySnapshot(), events));

/** A reading whose pressure is `pressure` on a device of 10 GB, that everyone fills to `used`. */
function pressed(pressure: number | null, used = 0.5, rest: Partial<DeviceMemory> = {}): DeviceMemory[] {
  if (pressure === null) return [{ device: 'cuda:0' }];
  const deviceFreeBytes = Math.round((1 - used) * 10e9);
  return [
    {
      device: 'cuda:0',
      allocatedBytes: 1e9,
      reservedBytes: 1e9,
      inactiveSplitBytes: 0,
      deviceTotalBytes: 10e9,
      deviceFreeBytes,
      peakActiveBytes: Math.round(pressure * (1e9 + deviceFreeBytes)),
      peakScope: 'update',
      ...rest,
    },
  ];
}

/** Updates of rank 0, one every `stepMs`. */
const updates = (memories: DeviceMemory[][], stepMs = 1000, rank = 0): TelemetryEvent[] =>
  memories.map((memory, seq) => ({
    ...event('PPO_UPDATE_COMPLETED', { batch: seq + 1, memory }, seq, rank),
    timeMs: 1_700_000_000_000 + seq * stepMs,
  }));
const pressures = (values: (number | null)[], stepMs?: number) =>
  updates(
    values.map(value => pressed(value)),
    stepMs,
  );
const brief = (notices: AlarmNotice[]) => notices.map(({ rule, what, batch }) => `${rule} ${what} ${batch}`);

const pressureRule = {
  name: 'p',
  when: 'pressure > 0.9',
  clear: 'pressure < 0.8',
  clearHold: '0s',
  cooldown: '10s',
};

test('is raised above its level, stays between the two, and clears below the other', () => {
  const log = pressures([0.5, 0.9, 0.91, 0.85, 0.8, 0.79, 0.5]);
  expect(brief(alarmsOf(log, rulesOf(pressureRule)))).toEqual(['p raised 3', 'p cleared 6']);
});

test('must hold for its time, and one update that does not meet it restarts it', () => {
  const rule = { ...pressureRule, hold: '3s' };
  expect(brief(alarmsOf(pressures([0.95, 0.95, 0.95, 0.5, 0.95, 0.95, 0.95, 0.95]), rulesOf(rule)))).toEqual([
    'p raised 8',
  ]);
});

test('clears once its figure has been below for its time, which one update that is not begins again', () => {
  const rule = { ...pressureRule, clearHold: '3s' };
  const log = pressures([0.95, 0.5, 0.5, 0.85, 0.5, 0.5, 0.5, 0.5, 0.5]);
  expect(brief(alarmsOf(log, rulesOf(rule)))).toEqual(['p raised 1', 'p cleared 8']);
});

test('what comes back within the cool-down is reported when that is over, if it lasts', () => {
  const lasting = [0.95, 0.5, ...Array.from({ length: 14 }, () => 0.95)];
  expect(brief(alarmsOf(pressures(lasting), rulesOf(pressureRule)))).toEqual([
    'p raised 1',
    'p cleared 2',
    'p raised 11',
  ]);
});

test('what is not measured neither raises nor clears', () => {
  const log = pressures([null, 0.95, null, null, 0.5]);
  expect(brief(alarmsOf(log, rulesOf(pressureRule)))).toEqual(['p raised 2', 'p cleared 5']);
});

test('the end of a run clears what stands, and a failure is raised', () => {
  const log = [
    ...pressures([0.95]),
    {
      ...event('TRAINING_FAILED', { errorType: 'OutOfMemoryError', message: 'CUDA out of\nmemory' }, 1),
      timeMs: 1_700_000_001_000,
    },
  ];
  const notices = alarmsOf(log);
  expect(brief(notices)).toEqual(['pressure raised 1', 'pressure cleared 1', 'failed raised 1']);
  expect(notices.map(n => n.reason)).toEqual([
    'pressure 0.95: at its peak the process needed 5.31 GiB of the 5.59 GiB it can have',
    'the run has ended',
    'training failed: CUDA out of\nmemory',
  ]);
  expect(notices[0]!.figures).toMatchObject({
    headroomBytes: expect.any(Number),
    usedPercent: 50,
    ooms: null,
  });
});

test('the defaults: at the wall at once; a full device only when it lasts; a full pool only where the device is unknown', () => {
  const wall = updates([pressed(0.5, 0.5, { allocRetries: 0 }), pressed(0.5, 0.5, { allocRetries: 2 })]);
  expect(alarmsOf(wall)).toMatchObject([
    { rule: 'at-the-wall', level: 'critical', device: 'cuda:0', value: true, figures: { allocRetries: 2 } },
  ]);
  expect(alarmsOf(updates([pressed(0.5, 0.95), pressed(0.5, 0.5), pressed(0.5, 0.95)], 20_000))).toEqual([]);
  expect(
    brief(
      alarmsOf(
        updates(
          [0, 1, 2].map(() => pressed(0.5, 0.95)),
          20_000,
        ),
      ),
    ),
  ).toEqual(['device-full raised 3']);
  const full = [0, 1, 2].map(() => [reading(9.5, 10)]);
  expect(brief(alarmsOf(updates(full, 20_000)))).toEqual(['pool-full raised 3']);
  const known = full.map(([memory]) => [
    { ...memory!, deviceTotalBytes: 100 * GIB, deviceFreeBytes: 80 * GIB },
  ]);
  expect(alarmsOf(updates([...full, ...known], 20_000)).map(n => [n.what, n.reason])).toEqual([
    ['raised', 'pool use 95%'],
    ['cleared', 'device used is measured now'],
  ]);
  const host = [0, 1].map(i => ({
    ...event('HOST_SAMPLED', { ramUsedBytes: 95, ramTotalBytes: 100 }, i),
    timeMs: 1_700_000_000_000 + i * 31_000,
  }));
  expect(alarmsOf(host)).toMatchObject([
    { rule: 'host-ram', device: null, value: 95, figures: { ramUsedPercent: 95 } },
  ]);
});

test('a device that its own pieces fill is reported at a harmless pressure; not beside a pressure that is reported already', () => {
  // 1 GB reserved and 0.2 GB free: 1.2 GB to have, of which the peak takes 0.6.
  const stranding = (inactiveSplitBytes: number, pressure: number) =>
    pressed(pressure, 0.98, { inactiveSplitBytes });
  const log = updates([
    stranding(0.5e9, 0.5),
    stranding(0.55e9, 0.5),
    stranding(0.55e9, 0.92),
    stranding(0.55e9, 0.92),
  ]);
  const notices = alarmsOf(log).filter(n => n.level === 'critical');
  expect(brief(notices)).toEqual(['headroom raised 2', 'pressure raised 3']);
  expect(notices[0]).toMatchObject({
    reason:
      'headroom 47.7 MiB: at its peak the process needed 572 MiB of the 1.12 GiB it can have, and 525 MiB of its pool lies in ' +
      'pieces that a large request may not fit',
    condition: 'headroomFraction < 0.05',
  });
  expect(brief(alarmsOf(updates([stranding(0, 0.96), stranding(0.55e9, 0.96)])))).toEqual([
    'pressure raised 1',
  ]);
});

/** Values in any order, each with the milliseconds since the one before: some inputs are fast, some slow. */
const flapping = <T>(values: readonly T[]) =>
  fc.integer({ min: 0, max: 5 }).chain(decade =>
    fc.array(fc.tuple(fc.constantFrom(...values), fc.integer({ min: 1, max: 10 ** decade })), {
      minLength: 40,
      maxLength: 80,
    }),
  );

test('a flapping input of any frequency raises at most once a cool-down', () => {
  let again = 0;
  fc.assert(
    fc.property(
      flapping([0.1, 0.1, 0.95, 0.95, 0.85, null]),
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 1, max: 60 }),
      (inputs, hold, clearHold, cooldown) => {
        let timeMs = 1_700_000_000_000;
        const log = pressures(inputs.map(([value]) => value)).map((next, i) => {
          timeMs += inputs[i]![1];
          return { ...next, timeMs };
        });
        const rule = {
          ...pressureRule,
          hold: `${hold}s`,
          clearHold: `${clearHold}s`,
          cooldown: `${cooldown}s`,
        };
        const notices = alarmsOf(log, rulesOf(rule));
        const raised = notices.filter(n => n.what === 'raised');
        again += Math.max(0, raised.length - 1);
        for (let i = 1; i < raised.length; i++)
          expect(raised[i]!.timeMs - raised[i - 1]!.timeMs).toBeGreaterThanOrEqual(cooldown * 1000);
        // Raised and cleared take turns, and a clearing has the id of its raise.
        notices.forEach((notice, i) => {
          expect(notice.what).toBe(i % 2 === 0 ? 'raised' : 'cleared');
          if (i % 2 === 1) expect(notice.id).toBe(notices[i - 1]!.id);
        });
      },
    ),
    { numRuns: 200 },
  );
  expect(again).toBeGreaterThan(20);
});

test('whatever the memory does, each default alarm is raised at most once in its cool-down', () => {
  const states = ['calm', 'calm', 'calm', 'pressed', 'refused', 'stranded', 'full', 'unmeasured'] as const;
  let again = 0;
  fc.assert(
    fc.property(flapping(states), inputs => {
      let allocRetries = 0;
      let timeMs = 1_700_000_000_000;
      const memories = inputs.map(([state]) => {
        if (state === 'unmeasured') return pressed(null);
        if (state === 'refused') allocRetries++;
        const inactiveSplitBytes = state === 'stranded' ? 0.55e9 : 0;
        return pressed(
          state === 'pressed' ? 0.95 : 0.5,
          state === 'stranded' ? 0.98 : state === 'full' ? 0.95 : 0.5,
          { allocRetries, inactiveSplitBytes },
        );
      });
      const log = updates(memories).map((next, i) => {
        timeMs += inputs[i]![1];
        return { ...next, timeMs };
      });
      const last = new Map<string, number>();
      for (const { what, rule, timeMs } of alarmsOf(log)) {
        if (what !== 'raised') continue;
        const { cooldownMs } = defaultRules.find(({ name }) => name === rule)!;
        if (last.has(rule)) again++;
        expect(timeMs - (last.get(rule) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(cooldownMs);
        last.set(rule, timeMs);
      }
    }),
    { numRuns: 200 },
  );
  expect(again).toBeGreaterThan(10);
});

test('any interleaving of ranks gives each rank the same alarms', () => {
  const values = fc.array(fc.constantFrom(0.5, 0.85, 0.95), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      values,
      values,
      fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
      (first, second, order) => {
        const logs = [first, second].map((log, rank) =>
          updates(
            log.map(v => pressed(v)),
            1000 + 700 * rank,
            rank,
          ),
        );
        const expected = logs.map(log => brief(alarmsOf(log, rulesOf(pressureRule))));
        const queues = logs.map(log => [...log]);
        const mixed: TelemetryEvent[] = [];
        for (const pick of [...order, ...order.map(b => !b)]) {
          const next = queues[pick ? 1 : 0]!.shift();
          if (next !== undefined) mixed.push(next);
        }
        const found = alarmsOf(mixed, rulesOf(pressureRule));
        for (const rank of [0, 1]) expect(brief(found.filter(n => n.rank === rank))).toEqual(expected[rank]);
      },
    ),
    { numRuns: 60 },
  );
});

test('a state that is stored after every event gives the notices of one that never is, byte for byte', () => {
  const figure = (name: string, when: string) => ({ name, when, clearHold: '1s', cooldown: '2s' });
  const rules = parseAlarmsFile(
    'rules',
    JSON.stringify({
      rules: [
        figure('p', 'pressure > 0.4'),
        figure('h', 'headroom < 2GiB'),
        figure('hf', 'headroomFraction < 0.3'),
        figure('d', 'device > 50'),
        { ...figure('m', 'mem > 50'), unlessMeasured: 'usedPercent' },
        figure('kl', 'approxKl > 0'),
        figure('free', 'freeBytes < 3GiB'),
        figure('end', 'ended'),
      ],
    }),
  ).rules;
  let notified = 0;
  fc.assert(
    fc.property(twoRanksLog(60), log => {
      const notices = alarmsOf(log, rules);
      notified += notices.length;
      expect(JSON.stringify(alarmsOfStored(log, rules))).toBe(JSON.stringify(notices));
    }),
    { numRuns: 60 },
  );
  expect(notified).toBeGreaterThan(20);
});

test('whatever order ranks come in, what stands is the same, and each rank gets the same notices', () => {
  let stood = 0;
  fc.assert(
    fc.property(twoRanksLog(60), log => {
      const byRank = [0, 1].flatMap(rank => log.filter(e => e.rank === rank));
      const swapped = [1, 0].flatMap(rank => log.filter(e => e.rank === rank));
      const expected = reduceAll(emptySnapshot(), log);
      stood += expected.vitals.memoryAlarmDevices.length;
      const ofRank = (events: TelemetryEvent[], rank: number) =>
        brief(alarmsOf(events).filter(n => n.rank === rank));
      for (const other of [byRank, swapped]) {
        const { vitals, status } = reduceAll(emptySnapshot(), other);
        expect({ vitals, status }).toEqual({ vitals: expected.vitals, status: expected.status });
        for (const rank of [0, 1]) expect(ofRank(other, rank)).toEqual(ofRank(log, rank));
      }
    }),
    { numRuns: 100 },
  );
  expect(stood).toBeGreaterThan(20);
});

test('another rank’s driver sample moves no alarm of this rank before its own next event', () => {
  const own = { uuid: 'GPU-a', device: 'cuda:0', deviceTotalBytes: 100, deviceFreeBytes: 50 };
  const start = [0, 1].map(rank => event('TRAINING_STARTED', { hostname: 'x' }, 0, rank));
  const full = event(
    'DEVICE_SAMPLED',
    { devices: [{ uuid: 'GPU-a', usedBytes: 99, totalBytes: 100 }] },
    90,
    1,
  );
  const log = [...start, ...updates([[own]], 1000)].map((e, i) => ({ ...e, seq: i }));
  expect(alarmsOf([...log, full], rulesOf({ name: 'd', when: 'device > 90' }))).toEqual([]);
});

describe('what the screens show', () => {
  test('an alarm stands between its two levels, and for a minute below them', () => {
    expect(shownAfter(pressures([0.95]))).toEqual(['critical cuda:0 pressure 0.95']);
    expect(shownAfter(pressures([0.95, 0.87]))).toEqual(['critical cuda:0 pressure 0.87']);
    expect(shownAfter(pressures([0.5, 0.87]))).toEqual([]);
    expect(shownAfter(pressures([0.95, 0.5, 0.5], 30_000))).toEqual(['critical cuda:0 pressure 0.50']);
    expect(shownAfter(pressures([0.95, 0.5, 0.5, 0.5], 30_000))).toEqual([]);
    const { vitals } = reduceAll(emptySnapshot(), pressures([0.95, 0.87]));
    expect(vitals.memoryAlarmDevices[0]!.reason).toBe(
      'pressure 0.87; the alarm clears once it is < 0.85 for 60 s',
    );
  });
  test('it stands as soon as it is raised, although receivers are notified once in its cool-down', () => {
    const again = pressures([0.95, 0.5, 0.5, 0.5, 0.95], 30_000);
    expect(shownAfter(again)).toEqual(['critical cuda:0 pressure 0.95']);
    expect(brief(alarmsOf(again))).toEqual(['pressure raised 1', 'pressure cleared 4']);
  });
  test('what is held before it is raised is not shown before', () => {
    const full = (count: number) =>
      updates(
        Array.from({ length: count }, () => pressed(0.5, 0.95)),
        20_000,
      );
    expect(shownAfter(full(2))).toEqual([]);
    expect(shownAfter(full(3))).toEqual(['warning cuda:0 95%']);
  });
  test('what was active at the end stays, reported as cleared; a resumed run begins without', () => {
    const end = { ...event('TRAINING_FAILED', { errorType: 'E' }, 1), timeMs: 1_700_000_001_000 };
    const again = { ...event('TRAINING_STARTED', {}, 2), timeMs: 1_700_000_002_000 };
    expect(shownAfter([...pressures([0.95]), end])).toEqual(['critical cuda:0 pressure 0.95']);
    expect(brief(alarmsOf([...pressures([0.95]), end]))).toContain('pressure cleared 1');
    expect(shownAfter([...pressures([0.95]), end, again])).toEqual([]);
  });
  test('what an earlier process held raises nothing once it was resumed', () => {
    const end = { ...event('TRAINING_FAILED', { errorType: 'E' }, 1), timeMs: 1_700_000_001_000 };
    const again = { ...event('TRAINING_STARTED', {}, 2), timeMs: 1_700_000_900_000 };
    const sample = { ...event('DEVICE_SAMPLED', { devices: [] }, 3), timeMs: 1_700_000_901_000 };
    const log = [...pressures([0.95]), end, again, sample];
    expect(shownAfter(log)).toEqual([]);
    expect(brief(alarmsOf(log)).filter(text => text.startsWith('pressure raised'))).toEqual([
      'pressure raised 1',
    ]);
  });
  test('of one device the worst alone', () => {
    expect(shownAfter(updates(Array(3).fill(pressed(0.95, 0.95)), 20_000))).toEqual([
      'critical cuda:0 pressure 0.95',
    ]);
  });
});

test('the bounds are the records’', () => {
  const when = Object.fromEntries(
    defaultRules.map(({ name, raise, clear }) => [name, `${raise.text}, ${clear.text}`]),
  );
  const bound = (limit: { critical: { above: number } }) => limit.critical.above;
  expect(when).toMatchObject({
    pressure: `pressure > ${bound(limits.memoryPressure)}, pressure < 0.85`,
    'device-full': `device > ${bound(limits.deviceUsedPercent)}, device < 85`,
    'pool-full': `mem > ${bound(limits.memoryUsagePercent)}, mem < 85`,
    'host-ram': `ram > ${bound(limits.ramUsedPercent)}, ram < 85`,
  });
});
