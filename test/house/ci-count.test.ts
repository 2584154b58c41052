/** The last line of continuous integration: a test that ran nowhere is a failure, and so is a step that failed. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../scratch.ts';

type Tests = Record<string, string>;

/** What is printed of vitest's and of Python's results, by the name of each run. */
function count(
  vitest: Record<string, Tests>,
  python: Record<string, Tests> = {},
  failedSteps: string[] = [],
) {
  const folder = scratch('count');
  for (const [run, tests] of Object.entries(vitest)) {
    const assertionResults = Object.entries(tests).map(([fullName, status]) => ({ fullName, status }));
    const result = {
      name: join(process.cwd(), 'a.test.ts'),
      status: 'passed',
      message: '',
      assertionResults,
    };
    writeFileSync(join(folder, `${run}.vitest.json`), JSON.stringify({ testResults: [result] }));
  }
  for (const [run, tests] of Object.entries(python)) {
    const states = Object.entries(tests).map(([id, state]) => [id, { state, reason: 'no torch' }]);
    writeFileSync(join(folder, `${run}.python.json`), JSON.stringify({ tests: Object.fromEntries(states) }));
  }
  const { stdout, status } = spawnSync(process.execPath, ['.ci/count.mjs', folder, ...failedSteps], {
    encoding: 'utf8',
  });
  return { last: stdout.trim().split('\n').at(-1), status, stdout };
}

test('every run of a test counts', () => {
  expect(
    count({ main: { a: 'passed', b: 'passed' }, 'node-22': { a: 'passed' } }, { plain: { p: 'passed' } }),
  ).toMatchObject({
    last: '4 passed, 0 failed',
    status: 0,
  });
});

test('a test that was skipped on one machine and ran on another is none that was skipped', () => {
  const { last, status } = count(
    {},
    { plain: { p: 'skipped', q: 'passed' }, torch: { p: 'passed', q: 'skipped' } },
  );
  expect([last, status]).toEqual(['2 passed, 0 failed', 0]);
});

test.each([
  ['of vitest', { main: { a: 'passed', b: 'pending' } }, {}],
  ['of Python', { main: { a: 'passed' } }, { plain: { p: 'skipped' }, torch: { p: 'skipped' } }],
])('one %s that ran nowhere fails, and is named', (_, vitest, python) => {
  const { last, status, stdout } = count(vitest as Record<string, Tests>, python as Record<string, Tests>);
  expect([last, status]).toEqual(['1 passed, 1 failed', 1]);
  expect(stdout).toMatch(/skipped, though it could run: (a\.test\.ts > b|python\/tests p \(no torch\))/);
});

test('a failed test fails once, however many steps report it', () => {
  const { last, status } = count({ main: { a: 'failed', b: 'passed' } }, {}, ['npm test']);
  expect([last, status]).toEqual(['1 passed, 1 failed', 1]);
});

test('a step that failed without a test fails', () => {
  expect(count({ main: { a: 'passed' } }, {}, ['mypy'])).toMatchObject({
    last: '1 passed, 1 failed',
    status: 1,
  });
});

test('no test is no success', () => {
  expect(count({}).status).toBe(1);
});
