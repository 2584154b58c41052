import { Value } from '@sinclair/typebox/value';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { event, rankLog, reading, update } from '../../test/events.ts';
import { RunAnalyser } from '../analysis/index.ts';
import {
  checkEvent,
  HISTORY_LENGTH,
  LOG_LENGTH,
  SanctumSnapshot,
  type TelemetryEvent,
} from '../contract/index.ts';
import { emptySnapshot, reduce, reduceAll } from './index.ts';

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
};
const of = (...events: TelemetryEvent[]) => reduceAll(emptySnapshot(), events);

describe('the reducer as a function', () => {
  test('one by one, in parts and at once give the same bytes, and no snapshot is changed', () => {
    fc.assert(
      fc.property(rankLog(0), rankLog(1), fc.nat(), (a, b, cut) => {
        const all = [...a, ...b];
        const middle = all.length === 0 ? 0 : cut % all.length;
        const whole = JSON.stringify(of(...all));
        const half = freeze(reduceAll(freeze(emptySnapshot()), all.slice(0, middle)));
        expect(JSON.stringify(reduceAll(half, all.slice(middle)))).toBe(whole);
        let single = freeze(emptySnapshot());
        for (const e of all) single = freeze(reduce(single, e));
        expect(JSON.stringify(single)).toBe(whole);
      }),
      { numRuns: 200 },
    );
  });

  test('any interleaving that keeps each rank in order gives the same bytes', () => {
    fc.assert(
      fc.property(rankLog(0), rankLog(1), fc.infiniteStream(fc.boolean()), (a, b, choices) => {
        const left = [...a];
        const right = [...b];
        const mixed: TelemetryEvent[] = [];
        for (const first of choices) {
          if (left.length === 0 || right.length === 0) break;
          mixed.push((first ? left : right).shift()!);
        }
        expect(JSON.stringify(of(...mixed, ...left, ...right))).toBe(JSON.stringify(of(...a, ...b)));
      }),
      { numRuns: 200 },
    );
  });

  test('every generated event passes the contract, and every snapshot its schema', () => {
    fc.assert(
      fc.property(rankLog(0), log => {
        for (const e of log) expect(checkEvent(e)).toBe(e);
        expect([...Value.Errors(SanctumSnapshot, of(...log))]).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('100,000 updates do not grow the snapshot', () => {
    function* updates(from: number, to: number) {
      for (let i = from; i < to; i++) yield update(i, [reading(i % 2 ? 4 : 8, 8.5, { ooms: i })]);
    }
    const size = (n: number) => JSON.stringify(reduceAll(emptySnapshot(), updates(0, n))).length;
    const snapshot = reduceAll(emptySnapshot(), updates(0, 100_000));
    expect(snapshot.devices[0]!.history.batch).toHaveLength(HISTORY_LENGTH);
    expect(snapshot.devices[0]!.history.batch.at(-1)).toBe(99_999);
    expect(snapshot.ranks[0]!.log).toHaveLength(LOG_LENGTH);
    expect(size(100_000)).toBeLessThan(size(1000) * 1.1);
  });
});

test('devices are in the order of their numbers', () => {
  const names = ['worker 20001', 'cuda:10', 'worker 10.0.0.7:20003', 'cuda:2', 'cuda', 'sim:0'];
  const { devices } = of(
    update(
      0,
      names.map(device => ({ ...reading(1, 2), device })),
    ),
  );
  expect(devices.map(({ device }) => device)).toEqual([
    ...['cuda', 'cuda:2', 'cuda:10', 'sim:0', 'worker 10.0.0.7:20003', 'worker 20001'],
  ]);
});

test('refusals are logged when their number has doubled, out of memory every time', () => {
  const logged = (figures: (i: number) => object) =>
    reduceAll(
      emptySnapshot(),
      Array.from({ length: 101 }, (_, i) => update(i, [reading(4, 8, figures(i))])),
    ).ranks[0]!.log.flatMap(({ message }) => /at the wall: (.*) so far/.exec(message)?.[1] ?? []);
  expect(logged(i => ({ allocRetries: i }))).toEqual([
    '1 retry',
    ...[2, 4, 8, 16, 32, 64].map(retries => `${retries} retries`),
  ]);
  expect(logged(i => ({ allocRetries: 100, ooms: Math.floor(i / 50) }))).toEqual([
    '100 retries and 0 OOMs',
    '100 retries and 1 OOM',
    '100 retries and 2 OOMs',
  ]);
});

describe('TELE-770', () => {
  const metrics = (allocated: number | null, reserved: number | null) =>
    of(update(0, [reading(allocated, reserved)])).tamiyo.infrastructure;

  test.each([
    [4.5, 10, 45, 'healthy'],
    [7.49, 10, 74.9, 'healthy'],
    [7.5, 10, 75, 'warning'],
    [9, 10, 90, 'warning'],
    [9.01, 10, 90.1, 'critical'],
    [9.5, 10, 95, 'critical'],
    [0, 10, 0, 'healthy'],
  ] as const)('%f of %f GiB is %f percent, %s', (allocated, reserved, percent, status) => {
    const m = metrics(allocated, reserved);
    expect(m.memoryUsagePercent).toBeCloseTo(percent, 6);
    expect(m.memoryStatus).toBe(status);
    expect(m.cudaMemoryAllocatedGb).toBeCloseTo(allocated, 6);
    expect(m.cudaMemoryReservedGb).toBeCloseTo(reserved, 6);
    expect(m.cudaMemoryFragmentation).toBeCloseTo(1 - allocated / reserved, 6);
    expect(m.contradiction).toBeNull();
  });

  test('is 0 and unmeasured without a reading, and 0 where nothing is reserved', () => {
    expect(of(update(0)).tamiyo.infrastructure).toMatchObject({
      memoryUsagePercent: 0,
      memoryStatus: 'unmeasured',
    });
    expect(metrics(null, null)).toMatchObject({ memoryUsagePercent: 0, memoryStatus: 'unmeasured' });
    expect(metrics(null, 4)).toMatchObject({ memoryUsagePercent: 0, memoryStatus: 'unmeasured' });
    expect(metrics(0, 0)).toMatchObject({ memoryUsagePercent: 0, cudaMemoryFragmentation: null });
  });

  test('keeps and flags what cannot be true', () => {
    const m = metrics(10.4, 10);
    expect(m.memoryUsagePercent).toBeCloseTo(104, 6);
    expect(m.contradiction).toMatch(/allocated 10\.40 GiB exceeds reserved 10\.00 GiB/);
    const snapshot = of(
      update(0, [
        reading(1, 41.39, { deviceTotalBytes: 64 * 1024 ** 3, deviceFreeBytes: 55.62 * 1024 ** 3 }),
      ]),
    );
    expect(snapshot.tamiyo.infrastructure.contradiction).toMatch(
      /reserved 41\.39 GiB exceeds 8\.38 GiB used/,
    );
    expect(snapshot.status.level).toBe('warning');
  });

  test('a missing reading is a gap in the history, never a zero', () => {
    const { history } = of(update(0, [reading(4, 8)]), update(1, [reading(null, null)])).devices[0]!;
    expect(history.memoryUsagePercent).toEqual([50, null]);
  });

  test('crossing a threshold is remarked once; the way back when 20 readings were 5 percent clear of it', () => {
    const swaying = [5, 8, 7.4, 9.5, 7.1, 9.2, 8, 9.1];
    const calm = Array.from({ length: 45 }, () => 6);
    const { log } = of(...[...swaying, ...calm, 9.5].map((gib, i) => update(i, [reading(gib, 10)])))
      .ranks[0]!;
    expect(log.map(entry => `${entry.seq} ${entry.level} ${entry.message}`)).toEqual([
      '1 warning cuda:0 pool use 80%',
      '3 critical cuda:0 pool use 95%',
      '27 info cuda:0 pool use back to 60%',
      '53 critical cuda:0 pool use 95%',
    ]);
  });
});

describe('counters', () => {
  const counters = (...values: (number | null)[]) =>
    of(...values.map((allocRetries, i) => update(i, [reading(1, 2, { allocRetries })]))).devices[0]!;

  test('grow by their difference; a fall is a reset, never negative; a gap keeps the sum', () => {
    expect(counters(0, 0, 2)).toMatchObject({ allocRetries: 2, atTheWall: true });
    expect(counters(3, 3)).toMatchObject({ allocRetries: 3, atTheWall: false });
    expect(counters(3, 1)).toMatchObject({ allocRetries: 4, atTheWall: true });
    expect(counters(3, null, 4)).toMatchObject({ allocRetries: 4, atTheWall: true });
    expect(counters(null)).toMatchObject({ allocRetries: null, atTheWall: false });
  });

  test('a resumed process counts from zero', () => {
    const snapshot = of(
      update(0, [reading(1, 2, { allocRetries: 2 })]),
      event('TRAINING_STARTED', { resumedAtBatch: 0 }, 1),
      update(2, [reading(1, 2, { allocRetries: 2 })]),
    );
    expect(snapshot.devices[0]!.allocRetries).toBe(4);
  });
});

test('a resumed run repeats the batches after its checkpoint: their points go', () => {
  const snapshot = of(
    ...[1, 2, 3, 4].map(i => update(i, [reading(i, 10)])),
    event('TRAINING_STARTED', { resumedAtBatch: 2 }, 5),
    event('PPO_UPDATE_COMPLETED', { batch: 3, memory: [reading(5, 10)] }, 6),
  );
  expect(snapshot.ranks[0]!.history.batch).toEqual([1, 2, 3]);
  expect(snapshot.devices[0]!.history.memoryUsagePercent).toEqual([10, 20, 50]);
});

describe('the memory alarm', () => {
  const gib = 1024 ** 3;
  /** So many equal readings, 20 s apart; each rule's own hold is part of it. */
  const alarms = (memory: ReturnType<typeof reading>, count: number) => {
    const { vitals, status } = of(
      ...Array.from({ length: count }, (_, i) => ({
        ...update(i, [memory]),
        timeMs: 1_700_000_000_000 + i * 20_000,
      })),
    );
    expect(vitals.hasMemoryAlarm).toBe(vitals.memoryAlarmDevices.length > 0);
    return {
      alarms: vitals.memoryAlarmDevices.map(a => `${a.level} ${a.device} ${a.reason}`),
      status: status.level,
      reasons: status.reasons,
    };
  };

  test('a full pool on a device with room is no state of the run, and no line of its log is red', () => {
    const roomy = { deviceTotalBytes: 80 * gib, deviceFreeBytes: 60 * gib, peakActiveBytes: 10 * gib };
    const { alarms: found, status } = alarms(reading(9.9, 10, roomy), 3);
    expect({ found, status }).toEqual({ found: [], status: 'warmup' });
    const { log } = of(update(0, [reading(9.9, 10, roomy)])).ranks[0]!;
    expect(log.map(({ level, message }) => `${level} ${message}`)).toEqual(['info cuda:0 pool use 99%']);
  });
  test('where the peak is near the end of the device, too, it is one', () => {
    const tight = { deviceTotalBytes: 12 * gib, deviceFreeBytes: 2 * gib, peakActiveBytes: 10 * gib };
    expect(alarms(reading(9.9, 10, tight), 1)).toMatchObject({
      alarms: [],
      status: 'warning',
      reasons: ['cuda:0: pool use 99%'],
    });
  });
  test('a full pool on a device of unknown size is a warning, and once it lasts an alarm', () => {
    expect(alarms(reading(9.9, 10), 1)).toMatchObject({ alarms: [], status: 'warning' });
    expect(alarms(reading(9.9, 10), 3).alarms).toEqual(['warning cuda:0 pool use 99%']);
    expect(alarms(reading(9, 10), 3).alarms).toEqual([]);
  });
  test('a device above 90% is one once it lasts, exactly 90% is none', () => {
    const full = reading(5, 10, { deviceTotalBytes: 100, deviceFreeBytes: 9 });
    expect(alarms(full, 1).alarms).toEqual([]);
    expect(alarms(full, 3).alarms).toEqual(['warning cuda:0 device used 91%']);
    expect(alarms(reading(null, null, { deviceTotalBytes: 100, deviceFreeBytes: 10 }), 3).alarms).toEqual([]);
  });
  test('a refused allocation is critical at once, and until a minute without one', () => {
    const wall = (seq: number) => update(seq, [reading(5, 10, { ooms: 0, allocRetries: 1 })]);
    expect(of(wall(0)).status.level).toBe('critical');
    expect(of(wall(0), wall(1), wall(60)).vitals.hasMemoryAlarm).toBe(true);
    expect(of(wall(0), wall(1), wall(61)).vitals.hasMemoryAlarm).toBe(false);
  });
  test('host RAM above 90% is one once it lasts', () => {
    const sample = (seq: number) => event('HOST_SAMPLED', { ramUsedBytes: 95, ramTotalBytes: 100 }, seq);
    expect(of(sample(0), sample(29)).vitals.memoryAlarmDevices).toEqual([]);
    expect(of(sample(0), sample(30)).vitals.memoryAlarmDevices).toMatchObject([
      { device: 'host', percent: 95, reason: 'host RAM used 95%' },
    ]);
  });
});

describe('the usual time between updates', () => {
  const at = (second: number, batch: number, seq = batch) => ({
    ...event('PPO_UPDATE_COMPLETED', { batch }, seq),
    timeMs: second * 1000,
  });
  const every = (seconds: number, count: number) =>
    Array.from({ length: count }, (_, i) => at(i * seconds, i));
  const ten = every(10, 50);
  test('is known from the second update on', () => {
    expect(of(at(1, 0)).run.updateGapMs).toBeNull();
    expect(of(at(1, 0), at(31, 1)).run.updateGapMs).toBe(30_000);
    expect(of(...every(30, 100)).run.updateGapMs).toBe(30_000);
  });
  test('is hardly moved by one pause, and follows a training that has become slower', () => {
    expect(of(...ten, at(490 + 3600, 50)).run.updateGapMs).toBeLessThan(20_000);
    const slower = Array.from({ length: 30 }, (_, i) => at(490 + 60 * (i + 1), 50 + i));
    expect(of(...ten, ...slower).run.updateGapMs).toBeGreaterThan(50_000);
  });
  test('is not the time that a run was down, nor that across events that were not read', () => {
    const resumed = { ...event('TRAINING_STARTED', { resumedAtBatch: 49 }, 50), timeMs: 100_000_000 };
    expect(of(...ten, resumed, at(100_030, 50, 51)).run.updateGapMs).toBe(10_000);
    expect(of(...ten, at(90_000, 9000)).run.updateGapMs).toBe(10_000);
  });
});

describe('the learner', () => {
  test('is warming up, then well; a figure that is not finite is critical at once, and named', () => {
    const fine = Array.from({ length: 6 }, (_, i) => update(i));
    expect(of(...fine.slice(0, 5)).status.level).toBe('warmup');
    expect(of(...fine).status).toEqual({ level: 'ok', reasons: [] });
    const diverged = event('PPO_UPDATE_COMPLETED', { batch: 1, loss: { policy: 'NaN', value: 3 } });
    expect(of(diverged)).toMatchObject({
      status: { level: 'critical', reasons: ['policy loss not finite'] },
      tamiyo: { ppo: { policyLoss: null, valueLoss: 3, nonFinite: ['policy loss'] } },
    });
  });

  test('keeps the newest value of what is not reported at every step; its history has gaps', () => {
    const step = (at: number, figures: object) => event('STEP_COMPLETED', { step: at, ...figures }, at);
    const steps = [step(1, { loss: 3, gradNorm: 1 }), step(2, {}), step(3, { gradNorm: 2 })];
    const snapshot = of(...steps);
    expect(snapshot.tamiyo.ppo).toMatchObject({
      totalLoss: 3,
      gradNorm: 2,
      learningRate: null,
      nonFinite: [],
    });
    expect(snapshot.ranks[0]!.history.totalLoss).toEqual([3, null, null]);
    // So does one that was not finite, until the next.
    const diverged = [...steps, step(4, { loss: 'NaN' }), step(5, { gradNorm: 2 })];
    expect(of(...diverged).tamiyo.ppo).toMatchObject({ totalLoss: null, nonFinite: ['loss'] });
    expect(of(...diverged).status.level).toBe('critical');
    expect(of(...diverged, step(6, { loss: 2 })).tamiyo.ppo).toMatchObject({ totalLoss: 2, nonFinite: [] });
  });

  test('a KL beyond its thresholds is judged after the warm-up only', () => {
    const at = (approxKl: number, i: number) =>
      event('PPO_UPDATE_COMPLETED', { batch: i, policy: { approxKl } }, i);
    const six = (approxKl: number) => of(...Array.from({ length: 6 }, (_, i) => at(approxKl, i))).status;
    expect(of(at(0.5, 0)).status.level).toBe('warmup');
    expect(six(0.05)).toEqual({ level: 'warning', reasons: ['approx KL 0.050'] });
    expect(six(0.5).level).toBe('critical');
  });
});

describe('the run', () => {
  const start = (rank = 0, worldSize = 1) => event('TRAINING_STARTED', { name: 'r', worldSize }, 0, rank);
  const end = (reason: 'finished' | 'interrupted', rank = 0) =>
    event('TRAINING_COMPLETED', { reason }, 1, rank);
  const failed = event('TRAINING_FAILED', { errorType: 'OutOfMemoryError' }, 1);

  test.each([
    [{ kind: 'error', evidence: '/opt/w/lib/train.py, line 17, in step' }, ' at lib/train.py:17 step'],
    [
      { kind: 'error', evidence: 'net.py, line 8, in forward (within torch/nn/x.py, line 9, in linear)' },
      ' at net.py:8 forward',
    ],
    [{ kind: 'error', evidence: 'Cell In[4], line 3' }, ' at Cell In[4]:3'],
    [{ kind: 'error', evidence: 'a place in words of its own' }, ' at a place in words of its own'],
    [{ kind: 'signal', by: 'shell', evidence: 'run.sh: line 3: 41 Killed' }, ''],
    [null, ''],
  ])('is noted as failed with the place that raised the error: %j', (ending, where) => {
    const { ranks } = of(start(), event('TRAINING_FAILED', { errorType: 'ValueError', ending }, 1));
    expect(ranks[0]!.log.at(-1)!.message).toBe(`training failed: ValueError${where}`);
  });

  test('waits, runs, ends; ends only when every rank of the job has ended; fails with one', () => {
    expect(of().run.state).toBe('waiting');
    expect(of(start()).run.state).toBe('running');
    expect(of(start(), end('finished')).run.state).toBe('completed');
    expect(of(start(), end('interrupted')).run.state).toBe('interrupted');
    expect(of(start(0, 2), end('finished')).run.state).toBe('running');
    expect(of(start(0, 2), end('finished'), start(1, 2)).run.state).toBe('running');
    expect(of(start(0, 2), end('finished'), start(1, 2), end('finished', 1)).run.state).toBe('completed');
    expect(of(start(), failed)).toMatchObject({ run: { state: 'failed' }, status: { level: 'critical' } });
  });

  test('the request that ended the process is counted, where it is known of which device', () => {
    const outOfMemory = (device: string | null) => ({ outOfMemory: { device } as never });
    const fails = (device: string | null) =>
      event('TRAINING_FAILED', { errorType: 'OutOfMemoryError', ...outOfMemory(device) }, 2);
    const before = update(0, [reading(5, 10, { ooms: 0 })]);
    const refused = update(1, [reading(5, 10, { ooms: 1 })]);
    const oomsOf = (...events: Parameters<typeof of>) => of(...events).devices.map(({ ooms }) => ooms);
    const name = of(before).devices[0]!.device;
    for (const device of [name, null]) expect(oomsOf(before, fails(device))).toEqual([1]);
    expect(oomsOf(before, refused, fails(name)), 'a reading has it').toEqual([1]);
    expect(oomsOf(before, fails('cuda:77'))).toEqual([0]);
    expect(oomsOf(before, failed)).toEqual([0]);
  });

  test('lost, repeated and unknown events are counted', () => {
    const unknown = checkEvent({ ...update(9), type: 'NOVELTY' }) as TelemetryEvent;
    const [rank] = of(update(0), update(4), update(4), update(2), unknown).ranks;
    expect(rank).toMatchObject({ events: 4, lostEvents: 6, repeatedEvents: 1, unknownEvents: 1, updates: 3 });
  });

  test('one line with a wrong number silences nothing after it, in one go or in parts', () => {
    const events = [0, 1, 2, 9e9, 3, 4, 5].map(seq => update(seq));
    const whole = reduceAll(emptySnapshot(), events);
    expect(whole.ranks[0]).toMatchObject({ updates: 7, lostEvents: 0, repeatedEvents: 0, nextSeq: 6 });
    for (let at = 1; at < events.length; at++)
      expect(reduceAll(reduceAll(emptySnapshot(), events.slice(0, at)), events.slice(at))).toEqual(whole);
    const analyser = new RunAnalyser();
    for (const event of events) analyser.take(event);
    expect(analyser.report().run).toMatchObject({ updates: 7, lostEvents: 0 });
  });
});

describe('the ledger', () => {
  const gib = 1024 ** 3;
  const sample = (uuid: string, usedGib: number, processes: { pid: number; usedBytes: number }[] = []) => ({
    uuid,
    usedBytes: usedGib * gib,
    totalBytes: 24 * gib,
    processes,
  });

  test('adds up: active, cache, stranded, other and free make the total', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1e6), { minLength: 5, maxLength: 5 }),
        ([active, cache, stranded, other, free]) => {
          const reserved = active! + cache! + stranded!;
          const total = reserved + other! + free!;
          const { ledger } = of(
            update(0, [
              {
                device: 'cuda:0',
                activeBytes: active!,
                reservedBytes: reserved,
                inactiveSplitBytes: stranded!,
                deviceTotalBytes: total,
                deviceFreeBytes: free!,
              },
            ]),
          ).devices[0]!;
          expect(ledger).toMatchObject({
            activeBytes: active,
            cacheBytes: cache,
            strandedBytes: stranded,
            otherBytes: other,
            freeBytes: free,
            contradiction: null,
          });
        },
      ),
    );
  });

  test('two ranks on two devices of one host: none is swapped, though the driver lists them the other way round', () => {
    const rank = (r: number, uuid: string) => [
      event('TRAINING_STARTED', { hostname: 'h', pid: 10 + r }, 0, r),
      update(1, [{ ...reading(1, 2), uuid }], r),
    ];
    const driver = event(
      'DEVICE_SAMPLED',
      { devices: [sample('GPU-bbbb', 12, [{ pid: 11, usedBytes: 3 * gib }]), sample('GPU-aaaa', 4)] },
      2,
    );
    const { devices } = of(...rank(0, 'aaaa'), ...rank(1, 'BBBB'), driver);
    expect(devices.map(d => d.usedBytes)).toEqual([4 * gib, 12 * gib]);
    expect(devices[1]!.ledger).toMatchObject({
      otherBytes: 10 * gib,
      contextBytes: gib,
      neighbourBytes: 9 * gib,
    });
    expect(devices[0]!.ledger).toMatchObject({
      otherBytes: 2 * gib,
      contextBytes: null,
      neighbourBytes: null,
    });
  });

  test('a process that gave memory back since the driver looked makes no neighbour negative', () => {
    const driver = event(
      'DEVICE_SAMPLED',
      { devices: [sample('GPU-aaaa', 12, [{ pid: 10, usedBytes: 9 * gib }])] },
      2,
    );
    const less = { ...reading(1, 4, { deviceTotalBytes: 16 * gib, deviceFreeBytes: 8 * gib }), uuid: 'aaaa' };
    const { ledger } = of(event('TRAINING_STARTED', { hostname: 'h', pid: 10 }), driver, {
      ...update(1, [less]),
      seq: 3,
      timeMs: driver.timeMs + 1000,
    }).devices[0]!;
    expect(ledger).toMatchObject({
      otherBytes: 4 * gib,
      neighbourBytes: 3 * gib,
      contextBytes: gib,
      contradiction: null,
    });
  });

  test('what a process took since the driver listed it is no neighbour’s', () => {
    const ledgerWith = (...others: { pid: number; usedBytes: number }[]) => {
      const listed = [{ pid: 10, usedBytes: 1 * gib }, ...others];
      const driver = event('DEVICE_SAMPLED', { devices: [sample('GPU-aaaa', 10, listed)] }, 2);
      const more = {
        ...reading(1, 7, { deviceTotalBytes: 24 * gib, deviceFreeBytes: 14 * gib }),
        uuid: 'aaaa',
      };
      return of(event('TRAINING_STARTED', { hostname: 'h', pid: 10 }), driver, {
        ...update(1, [more]),
        seq: 3,
        timeMs: driver.timeMs + 1000,
      }).devices[0]!.ledger;
    };
    expect(ledgerWith()).toMatchObject({
      otherBytes: 3 * gib,
      neighbourBytes: 0,
      contextBytes: 3 * gib,
      contradiction: null,
    });
    expect(ledgerWith({ pid: 11, usedBytes: 2 * gib })).toMatchObject({
      neighbourBytes: 2 * gib,
      contextBytes: gib,
      contradiction: null,
    });
    // More than there is room for: the sources disagree after all.
    expect(ledgerWith({ pid: 11, usedBytes: 5 * gib }).contradiction).toMatch(/context would be negative/);
  });

  test('the same bus id in either form is the same device; no id, no match', () => {
    const driver = event('DEVICE_SAMPLED', {
      devices: [{ pciBusId: '00000000:65:00.0', usedBytes: 1, totalBytes: 2 }],
    });
    const used = (rest: object) =>
      of(driver, update(1, [{ ...reading(null, null), ...rest }])).devices[0]!.usedBytes;
    expect(used({ pciBusId: '0000:65:00.0' })).toBe(1);
    expect(used({})).toBeNull();
  });

  test('parts that cannot all be true are reported', () => {
    const { ledger } = of(update(0, [reading(1, 4, { deviceTotalBytes: 8 * gib, deviceFreeBytes: 6 * gib })]))
      .devices[0]!;
    expect(ledger.contradiction).toMatch(/other would be negative/);
  });
});
