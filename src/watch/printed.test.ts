import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GIB } from '../base/index.ts';
import { gibBytes, printed, scaledNumber } from './printed.ts';

describe('a printed number', () => {
  test.each([
    ['0.25', 0.25],
    [' -1e-05 ', -1e-5],
    ['1.', 1],
    ['nan', 'NaN'],
    ['-inf', '-Infinity'],
    ['np.float64(0.25)', 0.25],
    ['tensor(0.25, device=cuda)', 0.25],
    ["'0.25'", 0.25],
    ['[21.]', 21],
  ])('%s is %s', (text, value) => {
    expect(printed(text)?.value).toBe(value);
  });

  test('is what Number makes of its text, whatever its digits', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 20 });
    const text = fc
      .tuple(fc.constantFrom('', '-', '+'), digits, fc.constantFrom('', '.'), digits)
      .map(([sign, whole, point, part]) => `${sign}${whole}${point}${part}`);
    fc.assert(
      fc.property(text, fc.integer({ min: -30, max: 30 }), (given, power) => {
        const read = printed(given);
        if (!/\d/.test(given)) expect(read).toBeNull();
        else {
          expect(read).toEqual({ value: Number(given), text: given });
          expect(scaledNumber(read!, power)).toBe(Number(`${given}e${power}`));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    '',
    '-',
    '.',
    '1.2.3',
    '0x10',
    '1e',
    '12a',
    '1 2',
    '1,234',
    'True',
    'None',
    '1e999',
    'constructor',
  ])('%j is none', text => {
    expect(printed(text)).toBeNull();
  });

  test('times a power of ten has no digits of its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 1, max: 6 }), (digits, places) => {
        const text = (digits / 10 ** places).toFixed(places);
        expect(scaledNumber(printed(text)!, places)).toBe(Number(text.replace('.', '')) + 0);
      }),
    );
    expect(scaledNumber(printed('14.302')!, 3)).toBe(14302);
    expect(scaledNumber(printed('1.5e-05')!, 3)).toBe(0.015);
  });

  test('of GiB is known to half of its last digit', () => {
    expect(gibBytes('41.21')).toEqual({
      bytes: Math.round(41.21 * GIB),
      resolutionBytes: Math.round(GIB / 100),
    });
    expect(gibBytes('5')).toEqual({ bytes: 5 * GIB, resolutionBytes: GIB });
    expect(gibBytes('24.52155876159668')).toMatchObject({ resolutionBytes: null });
    expect(gibBytes('-1.0')).toBeNull();
    expect(gibBytes('nan')).toBeNull();
  });
});
