import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paint, widthOf } from '../base/index.ts';
import { plain } from '../present/index.ts';
import { chart, columnsOf } from './chart.ts';
import { curveChart } from './curves.ts';
import { cellsOf } from './ledger-bar.ts';
import { scaleFor } from './scale.ts';
import { sparkline, trend } from './sparkline.ts';

const values = fc.array(fc.option(fc.integer({ min: -50, max: 150 }), { nil: null }), { maxLength: 300 });
const drawn = (series: (number | null)[], width = 40, height = 9) =>
  chart({
    series,
    from: 1,
    to: series.length,
    unit: 'batch',
    valueUnit: '',
    width,
    height,
    scale: { min: 0, max: 100, ticks: [0, 50, 100] },
    guides: [{ at: 75, style: 'yellow', label: 'warning' }],
    format: String,
    styleOf: value => (value >= 75 ? 'yellow' : 'cyan'),
  });

describe('a chart', () => {
  test('of a straight climb', () => {
    const text = drawn(Array.from({ length: 64 }, (_, i) => (i / 63) * 100)).map(row => paint(row, false));
    expect(`\n${text.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      100┤                               ⢀⣀⠤⠒⠉
         │                           ⣀⡠⠔⠊⠁
       75┤┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄⢀⡠⠤⠒⠉┄┄┄┄┄┄┄┄┄
         │                  ⣀⠤⠔⠊⠁
       50┤             ⢀⡠⠔⠒⠉
         │         ⣀⠤⠒⠊⠁
         │    ⢀⡠⠔⠊⠉
        0┤⣀⠤⠒⠉⠁
         └ batch 1 ─────────────────────── 64
      "
    `);
  });

  test('keeps lowest and highest of every column, and draws nothing where nothing was measured', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 120 }), (series, width) => {
        const columns = columnsOf(series, width);
        const known = series.filter(value => value !== null);
        const ranges = columns.filter(range => range !== null);
        expect(columns).toHaveLength(width);
        if (known.length === 0) expect(ranges).toHaveLength(0);
        if (series.length > 32 && series.length > width && known.length > 0) {
          expect(Math.min(...ranges.map(range => range.low))).toBe(Math.min(...known));
          expect(Math.max(...ranges.map(range => range.high))).toBe(Math.max(...known));
        }
      }),
    );
  });

  test('leaves a gap for null, between lines and around a lone point', () => {
    const series = Array.from({ length: 64 }, (_, i) => (i >= 20 && i < 40 && i !== 30 ? null : 50));
    const columns = columnsOf(series, 64).map(range => range !== null);
    expect(columns).toEqual(series.map(value => value !== null));
  });

  test('does not join what lies on both sides of a gap', () => {
    const series = Array.from({ length: 64 }, (_, i) => (i < 30 ? 10 : i < 34 ? null : 95));
    const middle = drawn(series)
      .slice(2, 7)
      .map(row => paint(row, false));
    expect(middle.join('')).not.toMatch(/[\u2801-\u28ff]/);
  });

  test('is one line through the values of a figure that is reported at every tenth step', () => {
    const series = Array.from({ length: 100 }, (_, i) => (i % 10 === 9 ? i : null));
    const batch = series.map((_, i) => i + 1);
    const curve = { label: 'loss', title: 'LOSS', note: '', value: plain('99'), series, batch };
    const rows = curveChart({ ...curve, unit: 'step', valueUnit: '', isMain: true }, 40, 10);
    const text = rows.slice(0, -1).map(row => paint(row, false).slice(4));
    const columns = Array.from({ length: 36 }, (_, x) =>
      text.some(row => /[\u2801-\u28ff]/.test(row[x] ?? '')),
    );
    const [first, last] = [columns.indexOf(true), columns.lastIndexOf(true)];
    expect(first).toBeLessThan(5);
    expect(columns.slice(first, last + 1)).not.toContain(false);
  });

  test('draws its limit beside it, and never one label twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 4, max: 30 }),
        (series, height) => {
          const [low, high] = [Math.min(...series), Math.max(...series)];
          const rows = chart({
            series,
            limit: { series: series.map(() => high), style: 'dim', label: 'budget' },
            from: 1,
            to: series.length,
            unit: 'batch',
            valueUnit: 'GiB',
            width: 60,
            height,
            scale: scaleFor(low, high, 4),
            guides: [],
            format: value => value.toFixed(0),
            styleOf: () => 'cyan',
          }).map(row => paint(row, false));
          const labels = rows.flatMap(row => /^ *(\S+)┤/.exec(row)?.[1] ?? []);
          expect(new Set(labels).size).toBe(labels.length);
          expect(rows.at(-1)).toMatch(/^ *GiB└/);
          expect(rows.join('')).toContain('budget');
        },
      ),
    );
  });

  test('never exceeds its size', () => {
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: 1, max: 150 }),
        fc.integer({ min: 0, max: 40 }),
        (series, width, height) => {
          const rows = drawn(series, width, height);
          expect(rows.length === 0 || rows.length === height).toBe(true);
          expect(Math.max(0, ...rows.map(widthOf))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe('a scale', () => {
  test.each([
    [3, 463, 5, [0, 100, 200, 300, 400, 500]],
    [0.43, 0.58, 3, [0.4, 0.45, 0.5, 0.55, 0.6]],
    [7, 7, 2, [5, 10]],
    [0, 0, 4, [0, 0.5]],
    [-1600, -150, 4, [-2000, -1500, -1000, -500, 0]],
  ])('from %s to %s', (low, high, intervals, ticks) => {
    expect(scaleFor(low, high, intervals).ticks).toEqual(ticks);
  });

  test('holds what it is for', () => {
    const number = fc.double({ min: -1e12, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(number, number, fc.integer({ min: 1, max: 12 }), (a, b, intervals) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const { min, max, ticks } = scaleFor(low, high, intervals);
        const slack = (max - min) * 1e-6;
        expect(min).toBeLessThanOrEqual(low + slack);
        expect(max).toBeGreaterThanOrEqual(high - slack);
        expect(ticks.length).toBeGreaterThan(1);
        expect(ticks.length).toBeLessThan(20);
      }),
    );
  });
});

describe('a sparkline', () => {
  test('spans from its lowest to its highest value, null a space', () => {
    expect(sparkline([0, 1, 2, 3, null, 5, 6], 7)).toBe('▁▂▃▄ ▆▇');
    expect(sparkline([4, 4, 4], 8)).toBe('▄▄▄');
    expect(sparkline([], 8)).toBe('');
    expect(sparkline([null, null], 8)).toBe('  ');
  });

  test('averages what does not fit', () => {
    expect(sparkline([0, 2, 4, 6, 8, 10, 12, 14], 4)).toBe('▁▃▅▇');
  });
});

describe('a trend', () => {
  const noise = (i: number) => Math.sin(i * 12.9898) * 0.5;
  const series = (slope: number) => Array.from({ length: 60 }, (_, i) => slope * i + noise(i));
  test('is claimed only where the change stands out from the scatter', () => {
    expect(trend(series(0.1))).toBe('↑');
    expect(trend(series(-0.1))).toBe('↓');
    expect(trend(series(0))).toBe('→');
    expect(trend(Array(60).fill(3))).toBe('→');
    expect(trend(series(1).slice(0, 5))).toBe(' ');
    expect(trend(Array(60).fill(null))).toBe(' ');
  });
});

test('a ledger bar gives every part in proportion, at least one cell, and no more than there are', () => {
  const part = fc.option(fc.integer({ min: 0, max: 80 }), { nil: null });
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 7 }),
      fc.integer({ min: 10, max: 200 }),
      (parts, width) => {
        const known = parts.reduce((sum: number, bytes) => sum + (bytes ?? 0), 0);
        const cells = cellsOf(parts, known, width);
        expect(cells.reduce((sum, cell) => sum + cell, 0)).toBe(known > 0 ? width : 0);
        parts.forEach((bytes, i) => {
          expect(cells[i]! > 0).toBe((bytes ?? 0) > 0);
          if (known > 0)
            expect(Math.abs(cells[i]! - ((bytes ?? 0) / known) * width)).toBeLessThanOrEqual(parts.length);
        });
      },
    ),
  );
});

test('a constant is a line, though its means differ in their last digits', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.integer({ min: 5, max: 300 }),
      (value, n) => {
        const jittered = Array.from({ length: n }, (_, i) => value * (1 + (i % 3) * 1e-15));
        expect(new Set(sparkline(jittered, 20)).size).toBe(1);
      },
    ),
  );
});
