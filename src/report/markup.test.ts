import { describe, expect, test } from 'vitest';
import { escaped, escapedText, withCode } from './markup.ts';

describe('text of others in HTML', () => {
  test.each([
    ['<', '<script>alert(1)', '&lt;script&gt;alert(1)'],
    ['&', '&lt; stays as it was written', '&amp;lt; stays as it was written'],
    ['"', '" onload="x', '&quot; onload=&quot;x'],
    ["'", "' onload='x", '&#39; onload=&#39;x'],
    ['a character that turns text around', 'a\u202egnp.exe', 'agnp.exe'],
    ['a control character', 'a\u0000b\u009bc\u001bd', 'abcd'],
    ['half a surrogate pair', 'a\ud83d', 'a\ufffd'],
  ])('%s is harmless', (_, text, html) => {
    for (const form of [escaped, escapedText, withCode]) expect(form(text)).toBe(html);
  });

  test('what stands between backticks is code, and text in it', () => {
    expect(withCode('try `a<b` & wait')).toBe('try <code>a&lt;b</code> &amp; wait');
  });

  test('an amount stays together with its unit', () => {
    expect(escapedText('7.10 GiB of 8 GiB in 40 ms')).toBe('7.10&nbsp;GiB of 8&nbsp;GiB in 40&nbsp;ms');
  });
});
