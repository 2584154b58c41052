/** The chart of a long run that is read in parts is, to the byte, that of the index that takes every event; of any log. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { update as sample } from '../../bench/sample-log.ts';
import { packCommand } from '../../src/cli/pack.ts';
import { numberBounds } from '../../src/contract/index.ts';
import type { GrowingCounters } from '../../src/figures/index.ts';
import { ranksIn, readRun } from '../../src/log/index.ts';
import { columnsOfLog, logParts } from '../../src/query/log-parts.ts';
import { PackedPoints } from '../../src/query/packed-figures.ts';
import { DependentLinesError } from '../../src/query/point-columns.ts';
import { BLOCKS } from '../../src/serve/limits.ts';
import { RunIndex } from '../../src/serve/run-index.ts';
import { Summary } from '../../src/serve/summary.ts';
import { unpack } from '../path/old-runs.ts';
import { scratch } from '../scratch.ts';

const { signal } = new AbortController();

/** Null where the log is refused. */
async function early(path: string, partBytes: number): Promise<Summary | null> {
  const summary = new Summary();
  const growing = new Map<string, GrowingCounters>();
  try {
    for await (const columns of columnsOfLog(path, 0, signal, partBytes))
      summary.addColumns(columns, growing);
    return summary;
  } catch (error) {
    if (error instanceof DependentLinesError) return null;
    throw error;
  }
}

function indexed(path: string): Summary {
  const index = new RunIndex();
  for (const events of readRun([path])) for (const event of events) index.take(event, false);
  return index.summaryOf(0) ?? new Summary();
}

/** All that a summary holds. */
const contentOf = ({
  seq,
  seqEnd,
  batch,
  batchEnd,
  timeMs,
  timeEndMs,
  figures,
  length,
  span,
  points,
}: Summary) => ({
  ...{ length, span, points },
  places: [seq, seqEnd, batch, batchEnd, timeMs, timeEndMs].map(column => [...column.subarray(0, length)]),
  figures: Object.fromEntries(
    [...figures]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { min, max }]) => [name, [...min.subarray(0, length)], [...max.subarray(0, length)]])
      .map(([name, ...columns]) => [name, columns]),
  ),
});

async function isSame(path: string, partBytes: number): Promise<boolean> {
  const found = await early(path, partBytes);
  if (found !== null) expect(contentOf(found)).toEqual(contentOf(indexed(path)));
  return found !== null;
}

test('of every recorded run, in parts of any size; those with phases and resumed ones are refused', async () => {
  const runs = scratch('early');
  const ids = [...unpack(runs)];
  for (const file of readdirSync('test/golden/runs').filter(name => name.endsWith('.jsonl'))) {
    const id = basename(file, '.jsonl');
    mkdirSync(join(runs, id));
    copyFileSync(join('test/golden/runs', file), join(runs, id, 'events-0.jsonl'));
    ids.push(id);
  }
  const refused: string[] = [];
  for (const id of ids) {
    const path = join(runs, id, 'events-0.jsonl');
    const isLong = readFileSync(path).length > 100_000;
    for (const partBytes of isLong ? [50_000] : [1, 3000]) await isSame(path, partBytes);
    if (!(await isSame(path, 1e9))) refused.push(id);
  }
  const names = refused.map(id => id.replace(/^\d{8}-\d{6}-|-[0-9a-f]{4}$/g, ''));
  expect(names.sort()).toMatchInlineSnapshot(`
    [
      "golden",
      "killed",
      "restarted",
      "resumed",
      "two-ranks",
      "watched-verl",
    ]
  `);
});

test('of packed runs; those that went on from an earlier batch, or read phases at both edges, are refused', async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  const runs = scratch('early-packed');
  const ids = unpack(runs).filter(id => !/neighbour|fragmentation/.test(id));
  await packCommand().exitOverride().parseAsync(['*', '--runs', runs], { from: 'user' });
  const refused: string[] = [];
  for (const id of ids) {
    const folder = join(runs, id);
    const packed = await PackedPoints.open(folder);
    if (ranksIn(folder).length > 1) continue;
    if (packed === null) {
      refused.push(id);
      continue;
    }
    const index = indexed(join(folder, 'events-0.jsonl'));
    const names = [...packed.names, 'no/such'];
    const summary = Summary.ofBlocks(await packed.blocks(names, BLOCKS));
    expect(contentOf(summary), id).toEqual(contentOf(index));
    // As few as one block: each has the extremes of the points that it holds.
    for (const most of [1, 7, 64]) {
      const { points, span, seq, seqEnd, figures } = await packed.blocks(names, most);
      expect([points, seq.length], id).toEqual([index.points, Math.ceil(points / span)]);
      expect(seq.length <= most && (span === 1 || 2 * seq.length > most), `${id} ${most}`).toBe(true);
      for (let i = 0; i < seq.length; i++) {
        const [from, to] = [i * span, Math.min(points, (i + 1) * span)];
        expect([seq[i], seqEnd[i]]).toEqual([index.seq[from], index.seqEnd[to - 1]]);
        for (const [name, { min, max }] of figures) {
          const own = index.figures.get(name)!;
          const values = [...own.min.subarray(from, to)].filter(value => !Number.isNaN(value));
          const extremes = values.length === 0 ? [NaN, NaN] : [Math.min(...values), Math.max(...values)];
          expect([min[i], max[i]], `${id} ${name} ${i}`).toEqual(extremes);
        }
      }
    }
    expect([...packed.names].sort()).toEqual([...index.figures.keys()].sort());
    packed.close();
  }
  expect(refused).toEqual(ids.filter(id => /golden|restarted|resumed|verl/.test(id)));
  expect(await PackedPoints.open(scratch('early-none'))).toBeNull();
});

/** Values that a log may hold in the place of a number, and how it may write them. */
const odd = fc.constantFrom(
  '0',
  '-0',
  '-1',
  '1.5',
  '1e3',
  '1E-7',
  '12345678901234567',
  '0.1234567890123456789',
  '1e400',
  '-1e-400',
  '9007199254740993',
  '253402300799999.5',
  'null',
  '"NaN"',
  '"Infinity"',
  'true',
  '"text"',
  '[]',
  '01',
  '1.',
  '.5',
  '+1',
  '1e',
  '--1',
  '0x1',
  '',
  '-',
);

test('of any log: other numbers, kinds, texts and lines that are none', async () => {
  const folder = scratch('early-any');
  const path = join(folder, 'events-0.jsonl');
  const line = (seq: number) =>
    JSON.stringify({
      ...{ v: '1.0', seq, timeMs: 1.7e12 + seq * 80, run: 'r', rank: 0, type: 'PPO_UPDATE_COMPLETED' },
      data: { ...sample(seq), extra: { 'acc"\\é': seq / 3, 'no,comma': 1, nested: { deep: [seq] } } },
    });
  const numbers = (text: string) => [...text.matchAll(/(?<=[:[,])-?\d[\d.e+-]*(?=[,}\]])/g)];
  const lines = fc.array(
    fc.record({
      kind: fc.constantFrom('same', 'same', 'same', 'number', 'cut', 'junk', 'step', 'host', 'space'),
      which: fc.nat(60),
      value: odd,
    }),
    { minLength: 1, maxLength: 25 },
  );
  await fc.assert(
    fc.asyncProperty(lines, fc.constantFrom(1, 2500, 1e6), fc.boolean(), async (all, partBytes, isTorn) => {
      const text = all.map(({ kind, which, value }, seq) => {
        const whole = line(seq);
        if (kind === 'number') {
          const found = numbers(whole);
          const { index, 0: old } = found[which % found.length]!;
          return whole.slice(0, index) + value + whole.slice(index + old.length);
        }
        if (kind === 'cut') return whole.slice(0, which * 20);
        if (kind === 'junk') return value;
        if (kind === 'space') return `${whole}${' '.repeat(which % 3)}\r`;
        if (kind === 'step')
          return `{"v":"1.0","seq":${seq},"timeMs":${seq},"run":"r","rank":0,"type":"STEP_COMPLETED","data":{"step":${seq},"loss":${which / 7},"tokensPerSecond":${which},"extra":{"a":${seq}}}}`;
        if (kind === 'host')
          return `{"v":"1.0","seq":${seq},"timeMs":${seq},"run":"r","rank":0,"type":"HOST_SAMPLED","data":{"cpuPercent":${which}}}`;
        return whole;
      });
      writeFileSync(path, text.join('\n') + (isTorn ? '' : '\n'));
      await isSame(path, partBytes);
    }),
    { numRuns: 200 },
  );
});

test('a long log halves its blocks as the index does', async () => {
  const folder = scratch('early-long');
  const path = join(folder, 'events-0.jsonl');
  const event = (seq: number) =>
    `{"v":"1.0","seq":${seq},"timeMs":${1e12 + seq},"run":"r","rank":0,"type":"STEP_COMPLETED","data":{"step":${seq},"loss":${(seq * 7919) % 1000}${seq > 70_000 ? `,"gradNorm":${seq % 13}` : ''}${seq === 90_000 ? `,"note":"${'x'.repeat(600_000)}"` : ''}}}\n`;
  writeFileSync(path, Array.from({ length: 140_000 }, (_, seq) => event(seq)).join(''));
  expect(await isSame(path, 1_000_003)).toBe(true);
  expect((await early(path, 1e9))!.span).toBe(4);
  const parts = logParts(path, 1_000_003);
  expect([parts[0]!.from, parts.at(-1)!.to]).toEqual([0, readFileSync(path).length]);
});

test('bounds are those of the schema', () => {
  expect(numberBounds('STEP_COMPLETED', ['seq'])).toEqual({ least: 0, most: 1e10, isWhole: true });
  expect(numberBounds('STEP_COMPLETED', ['data', 'memory', '3', 'processFraction'])).toMatchObject({
    isWhole: false,
  });
  expect(numberBounds('STEP_COMPLETED', ['data', 'loss'])).toMatchObject({ least: Number.NEGATIVE_INFINITY });
  expect(numberBounds('STEP_COMPLETED', ['data', 'extra', 'any', 'thing'])).toMatchObject({ isWhole: false });
  expect(numberBounds('STEP_COMPLETED', ['data', 'newer'])).toMatchObject({ isWhole: false });
});
