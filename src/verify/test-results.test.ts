import { expect, test } from 'vitest';
import { hashOf, type TestResults, type TestState, testState } from './test-results.ts';

const text = "test('adds', …); test.each(…)('%d of $all is %s%%', …)";
const tree = (file: string) => (file === 'a.test.ts' ? text : null);
const state = (name: string, tests: Record<string, TestState>, hash = hashOf(text), file = 'a.test.ts') => {
  const results: TestResults = { 'a.test.ts': { hash, tests } };
  return testState({ kind: 'integration (end-to-end)', file, name }, tree, results).state;
};

test('a test passed, failed, was skipped, or was not part of the run', () => {
  expect(state('adds', { adds: 'passed' })).toBe('passed');
  expect(state('adds', { adds: 'failed' })).toBe('failed');
  expect(state('adds', { adds: 'skipped' })).toBe('not run');
  expect(state('adds', { 'adds more': 'passed' })).toBe('not run');
});

test('a test that is not in its file is missing, whatever the run said', () => {
  expect(state('divides', { divides: 'passed' })).toBe('missing');
  expect(state('add', { add: 'passed' })).toBe('missing');
  expect(state('adds', { adds: 'passed' }, hashOf(text), 'b.test.ts')).toBe('missing');
});

test('a file that changed since it ran has not run', () => {
  expect(state('adds', { adds: 'passed' }, 'another')).toBe('not run');
});

test('a title with placeholders is all tests that it was filled to', () => {
  const name = '%d of $all is %s%%';
  expect(state(name, { '1 of 2 is 50%': 'passed', '2 of 2 is 100%': 'passed' })).toBe('passed');
  expect(state(name, { '1 of 2 is 50%': 'passed', '2 of 2 is 100%': 'failed' })).toBe('failed');
  expect(state(name, { '1 of 2 is 50': 'passed' })).toBe('not run');
});
