import { expect, test } from 'vitest';
import { parseJsonFile } from './json-file.ts';

const problem = (text: string): string => {
  try {
    parseJsonFile(text);
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError);
    return (error as Error).message;
  }
  return '';
};

test('what is JSON is read, a byte order mark or not', () => {
  for (const text of [
    '{"a": [1, -2.5e3, true, null, {}], "b": "\\u00e9\\""}',
    '[]',
    '"x"',
    ' 7 ',
    '\uFEFF{}',
  ])
    expect(parseJsonFile(text)).toEqual(JSON.parse(text.replace('\uFEFF', '')));
});

test('wherever a document of one token a line is broken, that line is named', () => {
  const lines = ['{', '"a"', ':', '[', '1', ',', '"x"', ',', '{', '}', ']', ',', '"b"', ':', 'null', '}'];
  expect(problem(lines.join('\n'))).toBe('');
  for (let i = 0; i <= lines.length; i++)
    for (const wrong of ['yes', "'q'", '\\', '"open'])
      expect(problem([...lines.slice(0, i), wrong, ...lines.slice(i)].join('\n')), `${wrong} ${i}`).toMatch(
        new RegExp(`^line ${i + 1}: [^\\n]+$`),
      );
  for (let i = 0; i < lines.length; i++)
    expect(problem(lines.slice(0, i).join('\n')), `${i} lines`).toMatch(
      new RegExp(`^line ${Math.max(1, i)}: Unexpected end of JSON input$|^line ${Math.max(1, i)}: Expected`),
    );
});

test.each([
  ['{"a": 1,\n}', 2],
  ['{"a": 1\n"b": 2}', 2],
  ['[1,\n2,\n]', 3],
  ['[1\n}', 2],
  ['{"a":\n01}', 2],
  ['{"a":\n"\\x"}', 2],
  ['{"a":\n1.2.3\n}', 2],
  ['{"a":\n\u00a01\n}', 2],
  ['{"a": 1}\n{"a": 2}', 2],
  ['{\n// a comment\n}', 2],
])('%j is broken in line %i', (text, line) => {
  expect(problem(text)).toMatch(new RegExp(`^line ${line}: [^\\n]+$`));
});
