/** Groups of runs: each run a sample, what distinguishes them found, and no difference where there is only chance. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { differenceOfMeans, studentOf } from '../../src/analysis/group-statistics.ts';
import { normalRandom, seededRandom } from '../../src/base/index.ts';
import { compareCommand } from '../../src/cli/compare.ts';
import { GroupComparison } from '../../src/contract/index.ts';
import { scratch } from '../scratch.ts';
import { writeRun } from './runs.ts';
import { eventsOfVariant } from './variants.ts';

test('Student’s t of 99% is that of the tables', () => {
  const table: [number, number][] = [
    [1, 63.657],
    [2.9, 9.925],
    [3, 5.841],
    [4, 4.604],
    [10, 3.169],
    [100, 2.626],
  ];
  for (const [freedom, t] of table) expect(studentOf(freedom)).toBeCloseTo(t, 1);
});

test.each([
  [3, 3],
  [2, 6],
  [8, 8],
])('of %i and %i runs, the interval holds the true difference in 98 of 100 and more', (n, m) => {
  let held = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const normal = normalRandom(seededRandom(seed * 31 + n));
    const sample = (size: number, mean: number, deviation: number) =>
      Array.from({ length: size }, () => mean + deviation * normal());
    const { low, high } = differenceOfMeans(sample(n, 5, 1), sample(m, 7, 3))!;
    if (low! <= 2 && 2 <= high!) held++;
  }
  expect(held).toBeGreaterThanOrEqual(392);
});

let runs: string;
beforeAll(() => {
  runs = scratch('groups');
  for (const lr of [1, 3])
    for (const seed of [1, 2, 3]) {
      const variant = { job: 5, noise: 10 * lr + seed, updates: 40, slower: lr === 3 ? 1.5 : 1 };
      const folder = writeRun(runs, `lr${lr}-s${seed}`, eventsOfVariant(variant));
      const path = join(folder, 'run.json');
      const manifest = JSON.parse(readFileSync(path, 'utf8'));
      writeFileSync(
        path,
        JSON.stringify({
          ...manifest,
          name: `lr${lr}`,
          // An option, and what it came to: one setting.
          config: { optimizer: { lr }, seed, set: { optimizer: { lr } } },
        }),
      );
    }
});
afterEach(() => vi.restoreAllMocks());

async function compare(...args: string[]): Promise<string> {
  let output = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    output += text;
    return true;
  });
  try {
    await compareCommand()
      .exitOverride()
      .parseAsync([...args, '--runs', runs], { from: 'user' });
  } finally {
    vi.restoreAllMocks();
  }
  return output;
}

test('patterns, shared names and a sweep are the same groups, with what distinguishes them', async () => {
  const comparisons: GroupComparison[] = [];
  for (const args of [['lr1-*', 'lr3-*'], ['lr1', 'lr3'], ['lr?-s?']])
    comparisons.push(JSON.parse(await compare(...args, '--json', '--by', 'time')));
  for (const comparison of comparisons) {
    expect([...Value.Errors(GroupComparison, comparison)]).toEqual([]);
    expect(comparison.varies).toEqual(['seed']);
    const best = comparison.groups[comparison.best!]!;
    expect([best.config, best.runs.length]).toEqual([{ 'optimizer.lr': '1' }, 3]);
    const time = comparison.differences.find(({ figure }) => figure === 'tookMs')!;
    expect([time.status, time.mid / best.figures.tookMs!.mean]).toEqual(['differs', expect.closeTo(0.5, 1)]);
    expect(comparison.differences.find(({ figure }) => figure === 'episodicReturn')!.status).toBe(
      'no evidence',
    );
  }
  const text = await compare('lr1-*', 'lr3-*', '--format', 'markdown');
  expect(text).toMatch(
    /> \*\*not sure\*\* [AB] \(lr\d-\\\*\) has the best return: .* but there is no evidence that it differs from/,
  );
  expect(text).toMatch(/\| optimizer\.lr \| 1 \| 3 \|/);
  expect(text, 'the unit once, the interval in that of the mean').toMatch(
    /\| \d\.\d\d ± 0\.\d\d GiB \| \d+ ± \d+ ms \|/,
  );
  const inTerminal = (await compare('lr1-*', 'lr3-*', '--format', 'terminal')).split('\n');
  expect(
    inTerminal.filter(line => /±.*±.*±/.test(line)),
    'a row a group',
  ).toHaveLength(2);
  expect(await compare('lr1-s1', 'lr3-s1', '--format', 'markdown')).toMatch(/^# .* → /);
  expect(await compare('lr1-s1', 'lr3-*', '--format', 'markdown')).toMatch(/too few runs show whether/);
  await expect(compare('lr1-*')).rejects.toThrow(/The 3 runs have one configuration/);
});
