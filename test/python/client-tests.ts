/** The Python client's own tests, a test a file: what each of its tests came to is in node_modules/.cache/esper/python/. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { python, pythonWithTorch, run, unless } from './python.ts';

const interpreter = pythonWithTorch ?? python;

/** A file of Python tests: its name, and whether it starts programs on the stand-in device. */
interface PythonFile {
  name: string;
  onStandin: boolean;
}

/** Runs those of `python/tests` that are of this kind, on a Python with torch where there is one. */
export function clientTests(title: string, isOfKind: (file: PythonFile) => boolean): void {
  const files = readdirSync('python/tests')
    .filter(name => /^test_.*\.py$/.test(name))
    .filter(name =>
      isOfKind({ name, onStandin: /\bon_standin\b/.test(readFileSync(`python/tests/${name}`, 'utf8')) }),
    );
  // Starting Pythons and torch takes a while where other tests have the cores.
  describe.skipIf(!interpreter)(`${title}${unless(interpreter, 'python3')}`, { timeout: 600_000 }, () => {
    test.each(files)('%s', file => {
      const out = `node_modules/.cache/esper/python/${file}.json`;
      const { status, stderr } = run(interpreter!, ['python/tests/results.py', out, file]);
      expect(stderr).toMatch(/Ran [1-9]\d* tests?/);
      expect(status, stderr).toBe(0);
    });
  });
}
