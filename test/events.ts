/** Events for tests: one builder, and fast-check arbitraries of whole logs. */

import fc from 'fast-check';
import { GIB } from '../src/base/index.ts';
import {
  CONTRACT_VERSION,
  type DeviceMemory,
  type EventOf,
  type EventType,
  type Payload,
  type TelemetryEvent,
} from '../src/contract/index.ts';

/** One event of a run named `test`, at second `seq`. */
export function event<T extends EventType>(type: T, data: Payload<T>, seq = 0, rank = 0): EventOf<T> {
  return { v: CONTRACT_VERSION, seq, timeMs: 1_700_000_000_000 + seq * 1000, run: 'test', rank, type, data };
}

/** A reading of `allocated` and `reserved` GiB on cuda:0. */
export function reading(allocated: number | null, reserved: number | null, rest: Partial<DeviceMemory> = {}) {
  const bytes = (gib: number | null) => (gib === null ? null : Math.round(gib * GIB));
  return { device: 'cuda:0', allocatedBytes: bytes(allocated), reservedBytes: bytes(reserved), ...rest };
}

/** One update that read the given memory. */
export const update = (seq: number, memory: DeviceMemory[] = [], rank = 0): EventOf<'PPO_UPDATE_COMPLETED'> =>
  event('PPO_UPDATE_COMPLETED', { batch: seq, memory }, seq, rank);

/**
 * A training of 20 updates whose peak is this share of what it could have had: the pool has 1 GiB of a device of 10, and
 * so many GiB are free.
 */
export function pressed(pressureFraction: number, freeGib: number): TelemetryEvent[] {
  const memory = reading(0.5, 1, {
    deviceTotalBytes: 10 * GIB,
    deviceFreeBytes: freeGib * GIB,
    inactiveSplitBytes: 0,
    peakActiveBytes: Math.round(pressureFraction * (1 + freeGib) * GIB),
    peakScope: 'update',
  });
  return [
    event('TRAINING_STARTED', { name: 'tight' }),
    ...Array.from({ length: 20 }, (_, i) => update(i + 1, [memory])),
  ];
}

const bytes = fc.option(fc.integer({ min: 0, max: 8 * GIB }), { nil: null });
const count = fc.option(fc.integer({ min: 0, max: 5 }), { nil: null });
const figure = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom('NaN' as const, 'Infinity' as const, null) },
);
const memory = fc.record(
  {
    device: fc.constantFrom('cuda:0', 'cuda:1'),
    uuid: fc.constantFrom('GPU-a', 'b', null),
    allocatedBytes: bytes,
    reservedBytes: bytes,
    activeBytes: bytes,
    inactiveSplitBytes: bytes,
    peakAllocatedBytes: bytes,
    peakActiveBytes: bytes,
    peakScope: fc.constantFrom('run' as const, 'update' as const, null),
    processFraction: fc.constantFrom(null, 0.5, 1),
    allocRetries: count,
    ooms: count,
    deviceAllocs: count,
    deviceFreeBytes: bytes,
    deviceTotalBytes: bytes,
  },
  { requiredKeys: ['device'] },
);

const body: fc.Arbitrary<Pick<TelemetryEvent, 'type' | 'data'>> = fc.oneof(
  fc.record({
    type: fc.constant('PPO_UPDATE_COMPLETED' as const),
    data: fc.record(
      {
        batch: fc.nat(1000),
        loss: fc.record({ policy: figure, value: figure, total: figure }),
        policy: fc.record({
          approxKl: figure,
          entropy: figure,
          clipFraction: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        value: fc.record({ explainedVariance: figure }),
        memory: fc.array(memory, { maxLength: 3 }),
      },
      { requiredKeys: ['batch'] },
    ),
  }),
  fc.record({
    type: fc.constant('STEP_COMPLETED' as const),
    data: fc.record(
      { step: fc.nat(1000), loss: figure, memory: fc.array(memory, { maxLength: 2 }) },
      { requiredKeys: ['step'] },
    ),
  }),
  fc.record({
    type: fc.constant('MEMORY_SAMPLED' as const),
    data: fc.record(
      {
        phase: fc.constantFrom('rollout', 'update_actor'),
        when: fc.constantFrom('before' as const, 'after' as const, null),
        worker: fc.constantFrom('w1', 'w2', null),
        unseen: fc.nat(7),
        memory: fc.array(memory, { maxLength: 2 }),
      },
      { requiredKeys: ['phase', 'memory'] },
    ),
  }),
  fc.record({
    type: fc.constant('MEMORY_ATTRIBUTED' as const),
    data: fc.record(
      {
        device: fc.constantFrom('cuda:0', 'cuda:1'),
        moment: fc.constantFrom('end of update' as const, 'refused' as const),
        fromBatch: fc.option(fc.nat(20), { nil: null }),
        toBatch: fc.option(fc.nat(20), { nil: null }),
        totalBytes: bytes,
        requestedBytes: bytes,
        lines: fc.array(
          fc.record(
            {
              line: fc.constantFrom('train.py:88 update', 'nets.py:3 forward'),
              bytes,
              grewBytes: fc.option(fc.integer({ min: -GIB, max: GIB }), { nil: null }),
            },
            { requiredKeys: ['line'] },
          ),
          { maxLength: 3 },
        ),
      },
      { requiredKeys: ['device', 'moment', 'lines'] },
    ),
  }),
  fc.record({
    type: fc.constant('TRAINING_STARTED' as const),
    data: fc.record(
      {
        name: fc.constantFrom('a', 'b'),
        maxBatches: fc.nat(10),
        worldSize: fc.integer({ min: 1, max: 3 }),
        hostname: fc.constantFrom('x', 'y'),
        pid: fc.nat(9),
      },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    type: fc.constant('TRAINING_COMPLETED' as const),
    data: fc.record({ reason: fc.constantFrom('finished' as const, 'interrupted' as const) }),
  }),
  fc.record({
    type: fc.constant('TRAINING_FAILED' as const),
    data: fc.record({ errorType: fc.constantFrom('E', null), message: fc.string() }),
  }),
  fc.record({ type: fc.constant('CHECKPOINT_SAVED' as const), data: fc.record({ batch: fc.nat(9) }) }),
  fc.record({
    type: fc.constant('INTERVENTION_APPLIED' as const),
    data: fc.record({ kind: fc.constant('shrink'), pressureFraction: fc.constantFrom(null, 0.95) }),
  }),
  fc.record({
    type: fc.constant('INTERVENTION_ENDED' as const),
    data: fc.record({
      kind: fc.constant('shrink'),
      helped: fc.constantFrom(null, true, false),
      reverted: fc.boolean(),
    }),
  }),
  fc.record({
    type: fc.constant('HOST_SAMPLED' as const),
    data: fc.record({ ramUsedBytes: bytes, ramTotalBytes: bytes, cpuPercent: fc.constantFrom(null, 12.5) }),
  }),
  fc.record({
    type: fc.constant('DEVICE_SAMPLED' as const),
    data: fc.record({
      devices: fc.array(
        fc.record({ uuid: fc.constantFrom('GPU-A', 'GPU-b', 'GPU-c'), usedBytes: bytes, totalBytes: bytes }),
        { maxLength: 3 },
      ),
    }),
  }),
);

/** The log of one rank: seq with gaps and repeats, a clock that may jump. */
export const rankLog = (rank: number, maxLength = 40): fc.Arbitrary<TelemetryEvent[]> =>
  fc
    .array(fc.tuple(body, fc.integer({ min: -1, max: 3 }), fc.integer({ min: -500, max: 3000 })), {
      maxLength,
    })
    .map(entries => {
      let seq = -1;
      let timeMs = 1_700_000_000_000;
      return entries.map(([event, step, ms]) => {
        seq = Math.max(0, seq + step);
        timeMs += ms;
        return {
          v: CONTRACT_VERSION,
          seq,
          timeMs,
          run: 'test',
          rank,
          telemetryMs: step / 8,
          ...event,
        } as TelemetryEvent;
      });
    });

/** The logs of ranks 0 and 1 in one order of many, each rank's own kept. */
export const twoRanksLog = (maxLength = 40): fc.Arbitrary<TelemetryEvent[]> =>
  fc
    .tuple(
      rankLog(0, maxLength),
      rankLog(1, maxLength),
      fc.array(fc.nat(1), { minLength: 2 * maxLength, maxLength: 2 * maxLength }),
    )
    .map(([first, second, picks]) => {
      const queues: [TelemetryEvent[], TelemetryEvent[]] = [[...first], [...second]];
      const mixed = picks.map(pick => queues[pick as 0 | 1].shift());
      return [...mixed, ...queues[0], ...queues[1]].filter(event => event !== undefined);
    });
