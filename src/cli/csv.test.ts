import { expect, test } from 'vitest';
import { csvCell } from './csv.ts';

test('text that a spreadsheet would run is text; numbers and all other text are as they were', () => {
  const cells: [string | number | null, string][] = [
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['+cmd', "'+cmd"],
    ['-2+3', "'-2+3"],
    ['＝1+1', "'＝1+1"],
    ['-0.5', '-0.5'],
    ['+1e-3', '+1e-3'],
    [-0.5, '-0.5'],
    ['a=b', 'a=b'],
    ['a, "b"', '"a, ""b"""'],
    [null, ''],
  ];
  for (const [value, cell] of cells) expect(csvCell(value)).toBe(cell);
});
