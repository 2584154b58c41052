import { expect, test } from 'vitest';
import { withinLine } from './within-line.ts';

const MIB = 2 ** 20;

test('the lines of libraries within a line: the two that hold most, one where it has all', () => {
  const within = [60, 30, 9].map((mib, i) => ({ line: `lib/a.py:${i} f`, bytes: mib * MIB }));
  expect(withinLine(100 * MIB, within, 200 * MIB)).toBe(
    ', of it in `lib/a.py:0 f` 60.0 MiB (30%) and `lib/a.py:1 f` 30.0 MiB (15%)',
  );
  expect(withinLine(60 * MIB, within, 200 * MIB)).toBe(', all of it in `lib/a.py:0 f`');
  expect(withinLine(60 * MIB, [], 200 * MIB)).toBe('');
});
