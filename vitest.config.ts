import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { bytecode } from './test/environments.ts';
import { PATIENCE_MS } from './test/patience.ts';

// Without its bytecode every program that imports PyTorch compiles a thousand files first, which takes twice as long as the rest of it.
// It is kept outside the clone, where nothing of a test belongs.
delete process.env.PYTHONDONTWRITEBYTECODE;
process.env.PYTHONPYCACHEPREFIX ??= bytecode;

/** Minutes each: they begin first, so that no core is idle while the last of them runs. Vitest itself knows only sizes in a fresh clone. */
const longest = [
  'test/python/standin.test.ts',
  'test/python/on-standin.test.ts',
  'test/path/orphans.test.ts',
  'test/path/documented-devices.test.ts',
  'test/house/adding-a-figure.test.ts',
  'test/allocator/differential.test.ts',
  'test/lines/verdict.test.ts',
  'test/learning/cartpole.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = longest.findIndex(name => moduleId.endsWith(name));
      return found === -1 ? longest.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

/** They leave nothing behind in their process: one after another in the same, each module is read once and not once a file. */
const inOneProcess = [
  'src/**/*.test.{ts,tsx}',
  'test/{lines,ranks,report,snapshots,watch}/**/*.test.{ts,tsx}',
];

/** What `.ci/run` has elsewhere. Vitest's own `--exclude` does not reach projects. */
const leftOut = process.env.ESPER_TESTS_STANDIN === 'off' ? ['test/path/documented-devices.test.ts'] : [];

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'together', include: inOneProcess, isolate: false } },
      {
        extends: true,
        test: { name: 'alone', include: ['test/**/*.test.{ts,tsx}'], exclude: [...inOneProcess, ...leftOut] },
      },
    ],
    // Many tests wait for a process that they started: a worker a core leaves none idle. Vitest's own choice is one less.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    // Far longer than anything takes: a machine that stalls for seconds fails no test.
    testTimeout: 5 * PATIENCE_MS,
    hookTimeout: 5 * PATIENCE_MS,
    expect: { poll: { timeout: PATIENCE_MS } },
    reporters: ['default', 'json'],
    outputFile: { json: 'node_modules/.cache/esper/vitest.json' },
    coverage: {
      // `npm run long` asks for it: it takes a fifth of the time. What only runs in a browser or as a command of its own is not seen from here.
      provider: 'v8',
      include: ['src/**/*.{ts,tsx}'],
      exclude: ['src/**/*.test.{ts,tsx}', 'src/web/**', 'src/cli/**'],
      reporter: ['text-summary'],
      // What the tests in src/ that take less than 10 s reach by themselves (2026-11-28): the whole suite may not reach less.
      thresholds: { lines: 90, statements: 90, functions: 90, branches: 84 },
    },
  },
});
