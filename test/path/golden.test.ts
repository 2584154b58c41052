import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { goldenRuns, goldensOf } from '../../scripts/write-goldens.ts';

describe.each(goldenRuns())('%s: log → snapshot → frame', name => {
  test.each(Object.entries(goldensOf(name)))('%s', (path, text) => {
    expect(text).toBe(readFileSync(path, 'utf8'));
  });
});
