import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { median, normalRandom, seededRandom } from '../base/index.ts';
import { Attributor } from './attribution.ts';
import { forecast } from './forecast.ts';
import { theilSen } from './theil-sen.ts';
import type { UpdateSample } from './update-sample.ts';

const GIB = 2 ** 30;

function point(at: number, over: Partial<UpdateSample>): UpdateSample {
  return {
    at,
    index: at,
    batch: at + 1,
    timeMs: at * 1000,
    tookMs: 1000,
    work: 1024,
    peakBytes: null,
    isPeakOfRun: false,
    poolPeaks: null,
    unusedAtPeakBytes: null,
    restingBytes: null,
    allocatedBytes: null,
    processFraction: 1,
    contradiction: null,
    isCounted: true,
    reservedBytes: null,
    strandedBytes: 0,
    budgetBytes: 8 * GIB,
    totalBytes: 8 * GIB,
    freeBytes: null,
    allocRetries: 0,
    ooms: 0,
    deviceAllocs: 0,
    deviceFrees: 0,
    syncAllStreams: 0,
    ...over,
  };
}

describe('a robust line', () => {
  test('finds the slope of any straight line, a quarter of its points spoilt', () => {
    const spoilt = fc.array(fc.nat(39), { maxLength: 10 });
    fc.assert(
      fc.property(
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: -100, max: 100 }),
        spoilt,
        (slope, level, bad) => {
          const x = Array.from({ length: 40 }, (_, i) => i);
          const y = x.map(i => slope * i + level + (bad.includes(i) ? 1e4 : 0));
          expect(theilSen(x, y).slope).toBeCloseTo(slope, 6);
        },
      ),
    );
  });
});

describe('the forecast', () => {
  const peaks = (gibAt: (at: number) => number, over: Partial<UpdateSample> = {}) => [
    Array.from({ length: 120 }, (_, at) => {
      const bytes = gibAt(at) * GIB;
      return point(at, { peakBytes: bytes, restingBytes: bytes, ...over });
    }),
  ];

  /** Of a leak of 0.02 GiB an update from 4 GiB on, the forecasts after 120 updates and what came to be, seed by seed. */
  const leaks = (noise: number, over: Partial<UpdateSample> = {}, limit = 8) =>
    Array.from({ length: 60 }, (_, seed) => {
      const normal = normalRandom(seededRandom(seed + 1));
      const needs = Array.from({ length: 300 }, (_, at) => 4 + 0.02 * at + noise * normal());
      const { status, updates } = forecast(peaks(at => needs[at]!, over));
      expect(status).toBe('ahead');
      return { ...updates!, truth: needs.findIndex(need => need > limit) - 119 };
    });
  const held = (forecasts: ReturnType<typeof leaks>) =>
    forecasts.filter(({ low, high, truth }) => low <= truth && truth <= high).length;

  test.each([
    // About 81 updates are left: 8 GiB are reached 200 after the first.
    ['hardly scatters', 0.01, 5],
    ['scatters', 0.05, 11],
    ['scatters by as much as ten updates add', 0.2, 40],
  ])('of a leak that %s holds the update in which nothing is left, in 9 of 10', (_, noise, width) => {
    const all = leaks(noise);
    expect(held(all)).toBeGreaterThanOrEqual(52);
    expect(median(all.map(({ low, high }) => high - low))).toBeLessThan(width);
  });

  test.each([0.4, 0.6, 0.8])(
    'of a leak beside a stranded GiB, of which %f cannot be used, holds the end',
    lost => {
      const all = leaks(0.05, { strandedBytes: GIB }, 8 - lost);
      expect(held(all)).toBeGreaterThanOrEqual(52);
    },
  );

  describe('of a log that does not say what is free', () => {
    const unknown = { budgetBytes: null, restingBytes: null, reservedBytes: null } as const;
    const reserved = (gibAt: (at: number) => number, over: Partial<UpdateSample> = {}, updates = 60) =>
      forecast(peaks(gibAt, { ...unknown, ...over }).map(points => points.slice(0, updates)));

    test.each([{}, { isPeakOfRun: true }])('has the device as its limit: %j', over => {
      const { status, of, updates } = reserved(at => 2 + 0.05 * at, over);
      expect({ status, of }).toEqual({ status: 'ahead', of: 'device' });
      expect(updates!.low).toBeLessThanOrEqual(61);
      expect(updates!.high).toBeGreaterThanOrEqual(60);
    });

    test('is of the process’s share of it', () => {
      const { updates } = reserved(at => 2 + 0.05 * at, { processFraction: 0.75 });
      expect(updates!.high).toBeLessThan(30);
    });

    test('takes a few updates that all reserve more', () => {
      expect(reserved(at => 4 + 0.1 * at, {}, 22).status).toBe('ahead');
    });

    test('has no end of a cache that has found its size, for a hundred seeds', () => {
      for (let seed = 1; seed <= 100; seed++) {
        const normal = normalRandom(seededRandom(seed));
        let highest = 0;
        const { status } = reserved(() => {
          highest = Math.max(highest, 5 + 0.3 * normal());
          return highest;
        });
        expect(status, `seed ${seed}`).not.toBe('ahead');
      }
    });

    test('is not measured where the device’s total is not known', () => {
      expect(reserved(at => 2 + 0.05 * at, { totalBytes: null }).status).toBe('unmeasured');
    });
  });

  test('of noise without a trend finds none, for a hundred seeds', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const normal = normalRandom(seededRandom(seed));
      expect(forecast(peaks(() => 5 + 0.05 * normal())).status).not.toBe('ahead');
    }
  });
});

describe('attribution', () => {
  const attributed = (extra: number, seed: number) => {
    const normal = normalRandom(seededRandom(seed));
    const attributor = new Attributor();
    for (let at = 0; at < 400; at++) {
      const busy = at % 10 === 0;
      attributor.take(
        point(at, {
          allocRetries: busy ? 1 : 0,
          tookMs: 1000 * (1 + 0.03 * normal()) * (busy ? 1 + extra : 1),
        }),
      );
    }
    return attributor.finish();
  };
  test('of flushes that cost 30% of their update finds their share of all time', () => {
    const { status, lostFraction, busy } = attributed(0.3, 3);
    expect(status).toBe('evidence');
    const truth = 0.03 / 1.03;
    expect(lostFraction!.low).toBeLessThan(truth);
    expect(lostFraction!.high).toBeGreaterThan(truth);
    expect(busy).toBe(39);
  });
  test('of flushes that cost nothing answers that there is no evidence', () => {
    const found = Array.from({ length: 40 }, (_, seed) => attributed(0, seed).status === 'evidence').filter(
      Boolean,
    );
    expect(found.length).toBeLessThanOrEqual(4);
  });
});
