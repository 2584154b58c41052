/**
 * No text from outside meets a pattern of more than linear time. Every regular expression of the rooms that read such
 * text is analysed: one that can be tried at every position of a long run, or that can share a run between two of its
 * parts, takes quadratic time and is refused. Anchor it, bound its repeats, or find its words by plain search.
 */
import { analyse } from 'scslre';
import { expect, test } from 'vitest';
import { pythonExpressions, typescriptExpressions } from './regular-expressions.ts';

const ROOMS = ['src/watch', 'src/texts', 'src/emit'];
/** Files whose expressions meet no text from outside, with the reason. */
const INSIDE: readonly [path: string, why: string][] = [
  ['src/emit/host-', 'lines of /proc and of control groups, which the kernel writes'],
  ['python/esper_telemetry/run_folder.py', 'the name of a run, cut first'],
  ['python/esper_telemetry/allocator.py', 'a variable of the user’s own environment'],
  ['python/esper_telemetry/driver_sampler.py', 'one field of a row of nvidia-smi'],
  ['python/esper_telemetry/rehearse/', 'the user’s own command, its files, and stacks of the program'],
  ['python/esper_telemetry/standin/', 'the installed torch and settings of the user’s own'],
];

const expressions = [...ROOMS.flatMap(typescriptExpressions), ...pythonExpressions('python/esper_telemetry')];

test('there are expressions to look at', () => {
  expect(expressions.filter(({ at }) => at.startsWith('src/watch')).length).toBeGreaterThan(15);
  expect(expressions.filter(({ at }) => at.startsWith('python')).length).toBeGreaterThan(5);
});

test.each(expressions)('$at takes linear time: $source', ({ at, source, flags }) => {
  if (INSIDE.some(([path]) => at.startsWith(path))) return;
  expect(
    source,
    'a pattern put together at run time cannot be analysed: write it as a literal',
  ).not.toBeNull();
  const { reports } = analyse(new RegExp(source!, flags));
  expect(reports.map(({ type, character }) => `${type}: repeats of ${character.pick}`)).toEqual([]);
});
