import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.{ts,tsx}'],
    testTimeout: 60_000,
    reporters: ['default', 'json', './test/records/results-reporter.ts'],
    outputFile: { json: 'node_modules/.cache/esper/vitest.json' },
  },
});
