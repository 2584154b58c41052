import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.{ts,tsx}'],
    // Far longer than anything takes: a machine that stalls for seconds fails no test.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    reporters: ['default', 'json', './test/records/results-reporter.ts'],
    outputFile: { json: 'node_modules/.cache/esper/vitest.json' },
  },
});
