import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { columns, cut, printable } from './printable-text.ts';

describe('printable', () => {
  test.each([
    ['cartpole-v1', 'cartpole-v1'],
    ['\x1b[31mred\x1b[0m', 'red'],
    ['\x1b]0;title\x07name\x1b]8;;http://x\x1b\\link', 'namelink'],
    ['two\nlines\tand\r\x07bell', 'two lines and bell'],
    ['\u202Eevil\u202C \u200Bzero', 'evil zero'],
    ['👩‍👩‍👧 🇩🇪 ❤️ 👍🏽', '👩👩👧 DE ❤ 👍'],
    ['lone \ud800', 'lone \ufffd'],
    ['実験', '実験'],
  ])('%j → %j', (raw, clean) => {
    expect(printable(raw)).toBe(clean);
  });

  test('leaves no control or invisible character, and nothing to do a second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), raw => {
        const clean = printable(raw);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(printable(clean)).toBe(clean);
      }),
    );
  });
});

test('columns agree with string-width for every character drawn here', () => {
  const drawn = ' ~¡ÿ…–’─│╭╮╯╰┤┄━▁▇█▒▓▚▞·●◐○■▶‖↑→↓←←⚠✓✗⠁⣿×°¬';
  for (const character of drawn)
    expect([character, columns(character)]).toEqual([character, stringWidth(character)]);
});

test('cut keeps whole characters and never exceeds the width', () => {
  expect(cut('cartpole', 8)).toBe('cartpole');
  expect(cut('cartpole', 5)).toBe('cart…');
  expect(cut('実験中', 5)).toBe('実験…');
  expect(cut('実験中', 4)).toBe('実…');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (raw, width) => {
      expect(columns(cut(printable(raw), width))).toBeLessThanOrEqual(width);
    }),
  );
});
