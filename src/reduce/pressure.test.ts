import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reading, update } from '../../test/events.ts';
import { GIB } from '../base/index.ts';
import type { DeviceMemory } from '../contract/index.ts';
import { emptySnapshot, reduceAll } from './index.ts';

const of = (...memory: DeviceMemory[]) =>
  reduceAll(
    emptySnapshot(),
    memory.map((m, i) => update(i, [m])),
  );
const pressure = (memory: DeviceMemory) => of(memory).devices[0]!.pressure;
/** A pool of `reserved` GiB on a device of 16 GiB that has `free` GiB free. */
const device = (reserved: number, free: number, rest: Partial<DeviceMemory> = {}) =>
  reading(1, reserved, { deviceTotalBytes: 16 * GIB, deviceFreeBytes: free * GIB, ...rest });

describe('memory pressure', () => {
  test('is the peak over what the process could have at most', () => {
    const seen = (peak: number) =>
      pressure(device(4, 6, { peakActiveBytes: peak * GIB, peakScope: 'update' }));
    expect(seen(5)).toMatchObject({ pressureFraction: 0.5, budgetBytes: 10 * GIB, isUpperBound: false });
    expect([8, 8.01, 9, 9.01].map(peak => seen(peak).status)).toEqual([
      'healthy',
      'warning',
      'warning',
      'critical',
    ]);
    expect(seen(11).pressureFraction).toBeCloseTo(1.1);
  });

  test('takes the active peak where it is reported, else the allocated one', () => {
    const both = device(4, 6, { peakActiveBytes: 6 * GIB, peakAllocatedBytes: 5 * GIB });
    expect(pressure(both).peakBytes).toBe(6 * GIB);
    expect(pressure({ ...both, peakActiveBytes: null }).peakBytes).toBe(5 * GIB);
  });

  test('the budget ends at the process’s own limit, and where a neighbour begins', () => {
    const budget = (reserved: number, free: number, processFraction?: number) =>
      pressure(device(reserved, free, processFraction === undefined ? {} : { processFraction }))
        .budgetBytes! / GIB;
    expect(budget(4, 6)).toBe(10);
    expect(budget(4, 2)).toBe(6);
    expect(budget(4, 6, 0.5)).toBe(8);
    expect(budget(4, 2, 0.5)).toBe(6);
    // What is reserved beyond a limit that was set later is still had.
    expect(budget(9, 6, 0.5)).toBe(9);
  });

  test('headroom lies between all stranded pieces lost and all used', () => {
    fc.assert(
      fc.property(fc.nat(9 * GIB), fc.nat(4 * GIB), (peak, stranded) => {
        const seen = pressure(device(4, 6, { peakActiveBytes: peak, inactiveSplitBytes: stranded }));
        expect(seen.headroomAtBestBytes).toBe(10 * GIB - peak);
        expect(seen.headroomAtBestBytes! - seen.headroomBytes!).toBe(stranded);
      }),
    );
  });

  test('a peak of the whole run, or of unknown scope, is an upper bound, and judged', () => {
    for (const peakScope of ['run', null] as const) {
      const seen = pressure(device(4, 6, { peakActiveBytes: 9.5 * GIB, peakScope }));
      expect(seen).toMatchObject({ isUpperBound: true, status: 'critical' });
    }
  });

  test('what is not measured is null, and never a zero', () => {
    const none = {
      budgetBytes: null,
      pressureFraction: null,
      headroomBytes: null,
      headroomAtBestBytes: null,
      status: 'unmeasured',
    };
    const peak = { peakActiveBytes: 3 * GIB };
    expect(pressure(reading(1, 4, peak))).toMatchObject(none);
    expect(pressure(device(4, 6, { ...peak, reservedBytes: null }))).toMatchObject(none);
    expect(pressure(device(4, 6))).toMatchObject({ ...none, budgetBytes: 10 * GIB });
    expect(pressure(device(4, 6, peak))).toMatchObject({
      headroomBytes: null,
      headroomAtBestBytes: 7 * GIB,
    });
    expect(pressure(device(0, 0, { ...peak })).pressureFraction).toBeNull();
  });

  test('has a history with gaps where it was not measured', () => {
    const { history } = of(device(4, 6, { peakActiveBytes: 5 * GIB }), reading(1, 4)).devices[0]!;
    expect(history.pressureFraction).toEqual([0.5, null]);
    expect(history.budgetBytes).toEqual([10 * GIB, null]);
  });

  test('critical is a critical alarm at once, whatever of the device is used; at the wall comes first', () => {
    const tight = device(9.5, 6, { peakActiveBytes: 15 * GIB, peakScope: 'update' });
    const reason = 'pressure 0.97: at its peak the process needed 15.0 GiB of the 15.5 GiB it can have';
    const { status, vitals } = of(tight);
    expect(status).toEqual({ level: 'critical', reasons: [`cuda:0: ${reason}`] });
    expect(vitals).toMatchObject({
      hasMemoryAlarm: true,
      memoryAlarmDevices: [{ rule: 'pressure', level: 'critical', short: 'pressure 0.97', reason }],
    });
    const refused = { ...tight, allocRetries: 1 };
    expect(of(refused).status.reasons).toEqual([
      'cuda:0: at the wall: the allocator was refused memory, 1 retry so far',
    ]);
  });
});
