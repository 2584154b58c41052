/**
 * The Python client's own tests, a test a file, on a Python with torch where there is one. `.ci/run` runs them on every other
 * Python and version of torch too; what each test came to is in node_modules/.cache/esper/python/.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { python, pythonWithTorch, run, unless } from './python.ts';

const interpreter = pythonWithTorch ?? python;
const files = readdirSync('python/tests').filter(name => /^test_.*\.py$/.test(name));

/** Starting Pythons and torch takes a while where other tests have the cores. */
const timeout = 600_000;

describe.skipIf(!interpreter)(`the Python client${unless(interpreter, 'python3')}`, { timeout }, () => {
  test.each(files)('%s', file => {
    const out = `node_modules/.cache/esper/python/${file}.json`;
    const { status, stderr } = run(interpreter!, ['python/tests/results.py', out, file]);
    expect(stderr).toMatch(/Ran [1-9]\d* tests?/);
    expect(status, stderr).toBe(0);
  });
});
