/** Keeps, of every test file that ran, what each of its tests said: what `esper records verify` reads. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import { hashOf, RESULTS_FILE, readTestResults, type TestState } from '../../src/verify/test-results.ts';

export default class ResultsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const results = readTestResults();
    for (const module of modules) {
      const tests: Record<string, TestState> = {};
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'pending') continue;
        // Two tests of one title count as one, which passed only if both did.
        if (tests[test.name] === undefined || tests[test.name] === 'passed') tests[test.name] = state;
      }
      const text = readFileSync(module.moduleId, 'utf8');
      results[relative(process.cwd(), module.moduleId)] = { hash: hashOf(text), tests };
    }
    mkdirSync(dirname(RESULTS_FILE), { recursive: true });
    const draft = `${RESULTS_FILE}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(results));
    renameSync(draft, RESULTS_FILE);
  }
}
