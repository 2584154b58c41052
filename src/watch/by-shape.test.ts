import { expect, test } from 'vitest';
import { byShape, byText, MatchesByShape, textAt } from './by-shape.ts';

test.each([
  ['step 1 loss 0.5', 'step 2 loss 0.7', 'step 33 loss 0.7', 'step 2 Loss 0.7', 'step 3 loss 0.x', ''],
  ['12:34', '12:3a', '12-34', '99:99', '1:345', 'a2:34'],
])('a pattern finds what it finds by itself: %j …', (...texts) => {
  for (const pattern of [/^step (\d{1,4}) loss (\d\.\d)$/, /\d\d:\d\d/, /loss [0-9]\.x/, /Loss/i, /^$/]) {
    const shaped = byShape(pattern);
    for (const text of [...texts, ...texts]) {
      expect(shaped.test(text)).toBe(pattern.test(text));
      expect(shaped.exec(text)).toEqual(pattern.exec(text));
    }
  }
});

test('a pattern with a digit of its own, or that goes on from its last match, is refused', () => {
  for (const pattern of [/[12]\/\d/, /[1-9]/, /step 1/, /(\d)\1/, /\d{3}7/])
    expect(() => byShape(pattern), `${pattern}`).toThrow('does not take all digits alike');
  expect(() => MatchesByShape.of(/d1=/dg)).toThrow('does not take all digits alike');
  expect(() => byShape(/\d/g)).toThrow('goes on');
  for (const pattern of [/\d{1,9}/, /\xb5s/, /[\u2500-\u259f]/, /[A-Za-z0-9]/, /\d{2,}/])
    expect(() => byShape(pattern), `${pattern}`).not.toThrow();
});

test('all matches stand at the same places of each text of a shape, with the text’s own digits', () => {
  const pattern = /([a-z]+)=(\d+)(%)?/dg;
  const matches = MatchesByShape.of(pattern);
  for (const text of ['a=12 b=3%', 'a=45 b=6%', 'a=45 c=6%', 'a=4', 'none', 'a=78 b=9%'])
    expect(matches.in(text).map(spans => spans.map(span => textAt(text, span)))).toEqual(
      [...text.matchAll(pattern)].map(found => [...found]),
    );
});

test('what depends on a text alone is found once, nothing too', () => {
  const asked: string[] = [];
  const lengthOf = byText((text: string) => {
    asked.push(text);
    return text === '' ? undefined : text.length;
  });
  expect(['ab', '', 'ab', ''].map(lengthOf)).toEqual([2, undefined, 2, undefined]);
  expect(asked).toEqual(['ab', '']);
});
