/**
 * What the last test run said of every test, by file. The test reporter keeps one entry a file, with the hash
 * of the file as it was tested: a test that changed since has not run.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestReference } from '../figures/index.ts';
import { ROOT, type SourceTree } from './symbols.ts';

/** Under node_modules, so that a fresh install has run no test. */
export const RESULTS_FILE = join(ROOT, 'node_modules', '.cache', 'esper', 'test-results.json');

export type TestState = 'passed' | 'failed' | 'skipped';
export type TestResults = Record<string, { hash: string; tests: Record<string, TestState> }>;

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The last run's results; empty where no test has run here. */
export function readTestResults(path = RESULTS_FILE): TestResults {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as TestResults) : {};
}

/** The titles that a test has in a run: its own, or all that its placeholders (`%s`, `$name`) were filled to. */
function titlesOf(name: string, tests: Record<string, TestState>): string[] {
  const pattern = name.replace(/%%|%[a-z]|\$\w+|[\\^$.*+?()[\]{}|]/g, token =>
    token === '%%' ? '%' : token.length > 1 ? '.*' : `\\${token}`,
  );
  return Object.keys(tests).filter(title => new RegExp(`^${pattern}$`, 's').test(title));
}

/** Whether the named test exists and passed. What has not run is neither right nor wrong. */
export function testState(
  { file, name }: TestReference,
  tree: SourceTree,
  results: TestResults,
): { state: 'passed' | 'failed' | 'missing' | 'not run'; reason: string } {
  const text = tree(file);
  if (text === null) return { state: 'missing', reason: `${file} does not exist` };
  if (!["'", '"', '`'].some(mark => text.includes(mark + name + mark)))
    return { state: 'missing', reason: `${file} has no test “${name}”` };
  const result = results[file];
  if (result === undefined) return { state: 'not run', reason: `${file} has not run here: npm test` };
  if (result.hash !== hashOf(text))
    return { state: 'not run', reason: `${file} changed since it ran: npm test` };
  const states = titlesOf(name, result.tests).map(title => result.tests[title]);
  if (states.includes('failed')) return { state: 'failed', reason: `“${name}” failed in the last run` };
  if (states.length > 0 && states.every(state => state === 'passed'))
    return { state: 'passed', reason: 'passed' };
  return { state: 'not run', reason: `“${name}” was not part of the last run, or skipped` };
}
