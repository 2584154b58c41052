/** Recorded sequences of PyTorch's own allocator on real GPUs: the simulated one repeats every decision. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { material, unlessMaterial } from '../material.ts';
import { readRecording, replay } from './replay.ts';

const folder = material('traces');
const names = folder === undefined ? [] : readdirSync(folder).filter(name => name.endsWith('.json.gz'));

describe.skipIf(!folder)(`sequences of the real allocator${unlessMaterial('traces')}`, () => {
  test.each(names)('%s', name => {
    const { allocations, differences } = replay(readRecording(join(folder!, name)));
    expect(differences).toEqual([]);
    expect(allocations + (name.startsWith('state-only') ? 1 : 0)).toBeGreaterThan(0);
  });

  test('there are a dozen of them, two of expandable segments, with retries and an OOM', () => {
    const recordings = names.map(name => readRecording(join(folder!, name)));
    expect(names.length).toBeGreaterThanOrEqual(14);
    const isExpandable = recordings.map(({ settings }) => /expandable/.test(settings?.conf ?? ''));
    expect(isExpandable.filter(Boolean)).toHaveLength(2);
    const givenBack = recordings.flatMap(({ expected }) => expected.givenBack);
    expect(givenBack.filter(([, , reason]) => reason === 'retry').length).toBeGreaterThanOrEqual(40);
    expect(recordings.reduce((sum, { expected }) => sum + expected.ooms, 0)).toBe(1);
  });
});
