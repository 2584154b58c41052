/** The Python client's own tests, on whatever Pythons there are. */
import { describe, expect, test } from 'vitest';
import { python, pythonWithTorch, run, unless } from './python.ts';

const suite = (interpreter: string, pattern: string) =>
  run(interpreter, ['-m', 'unittest', 'discover', 'python/tests', '-p', pattern]);

/** Starting Pythons and torch takes a while where other tests have the cores. */
const timeout = 300_000;

describe('the Python client', { timeout }, () => {
  test.skipIf(!python)(`passes its tests${unless(python, 'python3')}`, () => {
    const { status, stderr } = suite(python!, 'test_*.py');
    expect(stderr).toMatch(/Ran \d{2,} tests/);
    expect(status, stderr).toBe(0);
  });

  const another = pythonWithTorch !== python ? pythonWithTorch : undefined;
  test.skipIf(!another)(
    `trains in PyTorch${pythonWithTorch === undefined ? unless(undefined, 'python3 with torch') : unless(another, 'second Python: the first has torch, and ran these tests')}`,
    () => {
      const { status, stderr } = suite(another!, 'test_ppo.py');
      expect(status, stderr).toBe(0);
      expect(stderr).not.toMatch(/skipped/);
    },
  );
});
