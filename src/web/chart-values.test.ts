/** The axes of the page's charts: no label twice, and their unit, over many ranges. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GIB, multiplesOf, roundStep } from '../base/index.ts';
import { xTexts, yTexts } from './chart-values.ts';
import { type ChartSpec, deviceCharts, ownChart, ppoCharts, stepCharts } from './charts.ts';

const charts: readonly ChartSpec[] = [...deviceCharts, ...ppoCharts, ...stepCharts, ownChart('accuracy')];

/** Round numbers over a range, as an axis has them. */
const splits = fc
  .tuple(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.double({ min: -6, max: 9, noNaN: true }),
    fc.integer({ min: 1, max: 7 }),
  )
  .map(([low, power, steps]) => {
    const step = roundStep(Math.max(10 ** power, Math.abs(low) * 1e-7));
    const from = Math.floor(low / step);
    return [...new Set(multiplesOf(step, from, from + steps))];
  });

test.each(charts.map(spec => [spec.id, spec] as const))('y of %s', (_, spec) => {
  fc.assert(
    fc.property(splits, values => {
      const ticks = spec.unit === 'GiB' ? values.map(value => value * GIB) : values;
      const texts = yTexts(spec, ticks);
      expect(new Set(texts).size, texts.join(' ')).toBe(ticks.length);
      if (spec.isPercent) expect(texts.every(text => text.endsWith('%'))).toBe(true);
      if (spec.history?.form === 'milliseconds') expect(texts.every(text => / m?s$/.test(text))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('x: batches are named, times and durations have their unit, none twice', () => {
  const steps = fc.tuple(
    fc.nat(2_000_000_000),
    fc.constantFrom(1, 2, 5, 100, 1000, 60_000),
    fc.integer({ min: 1, max: 7 }),
  );
  fc.assert(
    fc.property(steps, fc.constantFrom('batch', 'time', 'elapsed'), ([from, step, count], x) => {
      const values = Array.from({ length: count }, (_, i) => (from + i) * step);
      const texts = xTexts(values, x, 'batch');
      expect(new Set(texts).size, texts.join(' ')).toBe(count);
      if (x === 'batch') expect(texts[0]).toMatch(/^batch /);
      if (x === 'time') expect(texts.every(text => /^\d\d:\d\d:\d\d(\.\d{3})?$/.test(text))).toBe(true);
      if (x === 'elapsed') expect(texts.every(text => / s$/.test(text))).toBe(true);
    }),
  );
});
