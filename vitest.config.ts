import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.{ts,tsx}'],
    // Many tests wait for a process that they started: a worker a core leaves none idle. Vitest's own choice is one less.
    maxWorkers: availableParallelism(),
    // Far longer than anything takes: a machine that stalls for seconds fails no test.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: Number(process.env.ESPER_TEST_PATIENCE_MS ?? 60_000) } },
    reporters: ['default', 'json'],
    outputFile: { json: 'node_modules/.cache/esper/vitest.json' },
    coverage: {
      // `.ci/run` asks for it. What only runs in a browser or as a command of its own is not seen from here.
      enabled: process.env.CI === 'true',
      provider: 'v8',
      include: ['src/**/*.{ts,tsx}'],
      exclude: ['src/**/*.test.{ts,tsx}', 'src/web/**', 'src/cli/**'],
      reporter: ['text-summary'],
    },
  },
});
