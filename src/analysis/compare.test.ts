import { Value } from '@sinclair/typebox/value';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparand, type Variant } from '../../test/report/variants.ts';
import { mean, normalRandom, seededRandom } from '../base/index.ts';
import { RunComparison } from '../contract/index.ts';
import { compareRuns } from './compare.ts';
import { differenceOf, growthBetween, studentT, usualOf } from './difference.ts';
import { UpdateBlocks } from './update-series.ts';

/** A series in which each value keeps so much of the one before; its standard deviation is 1. */
function wandering(inertia: number, length: number, seed: number): number[] {
  const normal = normalRandom(seededRandom(seed));
  let value = normal();
  return Array.from({ length }, () => {
    value = inertia * value + Math.sqrt(1 - inertia ** 2) * normal();
    return value;
  });
}

describe('the interval of a usual difference', () => {
  test.each([0, 0.6, 0.9])('holds the truth in 99 of 100, neighbours alike by %f', inertia => {
    const misses = Array.from({ length: 300 }, (_, seed) => usualOf(wandering(inertia, 300, seed))!.interval)
      .filter(interval => interval !== null)
      .filter(({ low, high }) => low > 0 || high < 0);
    expect(misses.length).toBeLessThanOrEqual(9);
  });
  test('narrows with the number of values, and with how little they are alike', () => {
    const width = (inertia: number, length: number) => {
      const { low, high } = usualOf(wandering(inertia, length, 7))!.interval!;
      return high - low;
    };
    expect(width(0, 1000)).toBeLessThan(width(0, 100) / 2);
    expect(width(0, 1000)).toBeLessThan(width(0.8, 1000) / 2);
  });
  test('does not count a trend as scatter, and finds its slope', () => {
    const series = wandering(0.3, 300, 3).map((value, i) => value + 0.1 * i);
    const { interval } = usualOf(series)!;
    expect(interval!.low).toBeGreaterThan(14);
    expect(interval!.high).toBeLessThan(16);
    const { low, high } = growthBetween(series)!.interval!;
    expect(low).toBeLessThan(0.1);
    expect(high).toBeGreaterThan(0.1);
    expect(low).toBeGreaterThan(0.09);
  });
  test('is unknown with too few', () => {
    expect(usualOf([1, 2, 3])).toBeNull();
    expect(usualOf(wandering(0.99, 40, 1))!.interval).toBeNull();
  });
  test('is the same for the same difference either way', () => {
    const interval = fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100)).map(([mid, below, above]) => ({
      low: mid - below,
      mid,
      high: mid + above,
    }));
    fc.assert(
      fc.property(interval, interval, (a, b) => {
        const [there, back] = [differenceOf(a, b), differenceOf(b, a)];
        expect([-back.high, -back.mid, -back.low].map(v => v + 0)).toEqual([
          there.low,
          there.mid,
          there.high,
        ]);
      }),
    );
  });
  test('is Student’s', () => {
    for (const [freedom, t] of [
      [4, 4.604],
      [10, 3.169],
      [100, 2.626],
    ] as const)
      expect(Math.abs(studentT(freedom) / t - 1)).toBeLessThan(0.02);
  });
});

test('blocks keep the means of any number of updates', () => {
  const blocks = new UpdateBlocks<{ value: number | null }>();
  const values = Array.from({ length: 5000 }, (_, i) => (i % 7 === 0 ? null : i % 113));
  values.forEach((value, i) => {
    blocks.add(i, { value });
  });
  expect(blocks.each).toBe(8);
  const wanted = (each: number) =>
    Array.from({ length: Math.ceil(values.length / each) }, (_, i) =>
      mean(values.slice(i * each, (i + 1) * each).filter(value => value !== null)),
    );
  expect(blocks.means('value', 8)).toEqual(wanted(8));
  expect(blocks.means('value', 32).map(v => v!.toFixed(9))).toEqual(wanted(32).map(v => v.toFixed(9)));
});

const compared = (a: Variant, b: Variant) => compareRuns(comparand(a), comparand(b));
const changed = (a: Variant, b: Variant) =>
  compared(a, b)
    .figures.filter(({ status }) => status === 'changed')
    .map(({ figure }) => figure);

describe('two runs', () => {
  test('of the same job: no evidence of a change in 95 of 100 figures', () => {
    const statuses = Array.from({ length: 10 }, (_, job) =>
      compared({ job, noise: 2 * job }, { job, noise: 2 * job + 1 }).figures.map(({ status }) => status),
    ).flat();
    const decided = statuses.filter(status => status === 'changed' || status === 'no evidence');
    expect(decided.length).toBeGreaterThan(100);
    expect(decided.filter(status => status === 'changed').length / decided.length).toBeLessThanOrEqual(0.05);
  });
  test('of which one is a tenth slower: durations, and nothing of memory', () => {
    expect(changed({ job: 1, noise: 1 }, { job: 1, noise: 2, slower: 1.1 })).toEqual([
      'tookMs',
      'stepsPerSecond',
    ]);
  });
  test('of which one has larger batches: peak, pressure, headroom and durations', () => {
    const found = changed({ job: 2, noise: 1 }, { job: 2, noise: 2, batch: 1.3 });
    expect(found).toEqual(
      expect.arrayContaining(['peakBytes', 'pressureFraction', 'headroomBytes', 'tookMs']),
    );
    expect(found).not.toContain('episodicReturn');
  });
  test('of which one leaks: growth, by as much as is kept', () => {
    const leaks = 4 * 2 ** 20;
    const { figures, b } = compared({ job: 3, noise: 1 }, { job: 3, noise: 2, leaks });
    const growth = figures.find(({ figure }) => figure === 'growthBytes')!;
    expect(growth.status).toBe('changed');
    expect(growth.change!.low).toBeLessThan(leaks);
    expect(growth.change!.high).toBeGreaterThan(leaks);
    expect(b.verdict).toBe('leak');
  });
  test('whose peaks are of the whole run: one number of each shows no scatter', () => {
    const { figures } = compared(
      { job: 4, noise: 1, peaksOfRun: true },
      { job: 4, noise: 2, peaksOfRun: true, batch: 1.4 },
    );
    const peak = figures.find(({ figure }) => figure === 'peakBytes')!;
    expect(peak).toMatchObject({ status: 'too few', change: null, pairs: 1 });
    expect(peak.b! / peak.a!).toBeGreaterThan(1.05);
  });
  test('of which one is still in its warm-up: too few to tell, not unmeasured', () => {
    const { figures } = compared({ job: 1, noise: 1, updates: 9 }, { job: 1, noise: 2 });
    for (const name of ['tookMs', 'reservedBytes', 'wallFraction', 'growthBytes', 'lostFraction'])
      expect(figures.find(({ figure }) => figure === name)).toMatchObject({ status: 'too few', a: null });
  });
  test('one of them empty, or both: nothing to compare, and still a RunComparison', () => {
    const empty = compareRuns(
      comparand({ job: 1, noise: 1, updates: 0 }),
      comparand({ job: 1, noise: 1, updates: 5 }),
    );
    expect([...Value.Errors(RunComparison, empty)]).toEqual([]);
    expect(new Set(empty.figures.map(({ status }) => status))).toEqual(new Set(['unmeasured']));
  });
});
