/** `esper export`: every update of every rank with its figures, as CSV and as TensorBoard reads it. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crc32c, GIB } from '../../src/base/index.ts';
import { csvSteps, exportCommand } from '../../src/cli/export.ts';
import { emptyReport, openRun } from '../../src/log/index.ts';
import { EventFileReader, type ScalarEvent } from '../../src/watch/event-file.ts';
import { event, reading } from '../events.ts';
import { append, writeRun } from '../log-files.ts';
import { scratch } from '../scratch.ts';

test('the checksum is that of its standard', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
});

test('CSV and event file hold what the log holds, late figures with their update, and empty what was not measured', async () => {
  const runs = scratch('export');
  const memory = [reading(1, 2, { peakAllocatedBytes: 1.5 * GIB, peakScope: 'update' })];
  const step = (n: number, loss: number | null, rank = 0, seq = n) =>
    event('STEP_COMPLETED', { step: n, loss, memory, extra: { accuracy: n / 8 } }, seq, rank);
  writeRun(runs, 'a', [
    event('TRAINING_STARTED', { name: 'a' }, 0),
    step(1, 0.5),
    event('FIGURES_LOGGED', { figures: { val: 7 } }, 2),
    step(300, null, 0, 3),
    event('TRAINING_STARTED', { name: 'a' }, 0, 1),
    step(1, 0.25, 1),
  ]);
  const at = join(runs, '..', 'out');
  const esper = (...args: string[]) =>
    exportCommand()
      .exitOverride()
      .parseAsync(['a', ...args, '--runs', runs], { from: 'user' });
  const csv = join(scratch('csv'), 'a.csv');
  await esper('--out', csv);
  const [head, ...rows] = readFileSync(csv, 'utf8').trimEnd().split('\n');
  expect(head).toContain('own/val');
  expect(rows).toHaveLength(3);
  const columns = head!.replace('own/val', 'late').split(',');
  const cells = rows.map(row => Object.fromEntries(row.split(',').map((cell, i) => [columns[i], cell])));
  const of = (rank: string, batch: string) => cells.find(row => row.rank === rank && row.batch === batch)!;
  expect(of('0', '1')).toMatchObject({ totalLoss: '0.5', late: '7', 'own/accuracy': '0.125' });
  expect(of('0', '300')).toMatchObject({
    totalLoss: '',
    late: '',
    'cuda:0/peakAllocatedBytes': `${1.5 * GIB}`,
  });
  expect(of('1', '1')).toMatchObject({ totalLoss: '0.25' });

  const tb = scratch('tb');
  await esper('--tensorboard', tb);
  const read: ScalarEvent[] = [];
  const reader = new EventFileReader(one => read.push(one));
  reader.push(readFileSync(join(tb, readdirSync(tb)[0]!)));
  expect([reader.problem, reader.torn]).toEqual([null, false]);
  const scalars = read.filter(one => one.scalars.length > 0);
  const tags = (step: number, tag: string) =>
    scalars.filter(one => one.step === step).flatMap(one => one.scalars.filter(([name]) => name === tag));
  expect(tags(300, 'cuda:0/peakAllocatedBytes')).toEqual([['cuda:0/peakAllocatedBytes', 1.5 * GIB]]);
  expect(tags(300, 'totalLoss')).toEqual([]);
  expect(tags(1, 'rank1/totalLoss')).toEqual([['rank1/totalLoss', 0.25]]);
  expect(scalars[0]!.wallTime).toBe(1_700_000_001);
  await expect(esper('--tensorboard', at, '--csv')).rejects.toThrow(/stands without --csv/);
});

test('what a run writes while it is exported has neither rows nor columns', () => {
  const runs = scratch('export');
  const step = (n: number, extra: Record<string, number>) =>
    event('STEP_COMPLETED', { step: n, loss: n, memory: [], extra }, n);
  const folder = writeRun(runs, 'live', [event('TRAINING_STARTED', {}, 0), step(1, { accuracy: 1 })]);
  let text = '';
  const steps = csvSteps(openRun(folder)!, emptyReport(), part => {
    // After the head: the log is read the second time.
    if (text === '') append(folder, [step(2, { accuracy: 2, later: 3 })]);
    text += part;
  });
  let last = steps.next();
  while (!last.done) last = steps.next();
  expect([last.value, text.trim().split('\n').length]).toEqual([1, 2]);
  expect(text).not.toContain('later');
  const [head, row] = text
    .trim()
    .split('\n')
    .map(line => line.split(',').length);
  expect(row).toBe(head);
});

test('a refusal is one sentence, and the file that was there stays as it was', async () => {
  const runs = scratch('export');
  writeRun(runs, 'whole', [
    event('TRAINING_STARTED', {}, 0),
    event('STEP_COMPLETED', { step: 1, loss: 1, memory: [] }, 1),
  ]);
  const unreadable = writeRun(runs, 'unreadable', []);
  rmSync(join(unreadable, 'events-0.jsonl'), { force: true });
  mkdirSync(join(unreadable, 'events-0.jsonl'));
  const folder = scratch('out');
  const kept = join(folder, 'kept.csv');
  writeFileSync(kept, 'kept');
  const esper = (...args: string[]) =>
    exportCommand()
      .exitOverride()
      .parseAsync([...args, '--runs', runs], { from: 'user' });
  await expect(esper('unreadable', '--out', kept)).rejects.toThrow(
    /^unreadable cannot be exported: .*events-0.jsonl is a folder/,
  );
  await expect(esper('unreadable', '--tensorboard', folder)).rejects.toThrow(/is a folder/);
  await expect(esper('whole', '--out', '/dev/full')).rejects.toThrow(/^Cannot write \/dev\/full: .*space/);
  await expect(esper('whole', '--out', join(kept, 'a.csv'))).rejects.toThrow(/kept.csv is no folder\.$/);
  await expect(esper('whole', '--out', folder)).rejects.toThrow(/is a folder\.$/);
  await expect(esper('whole', '--tensorboard', kept)).rejects.toThrow(
    /^Cannot write .*kept.csv: it is a file\.$/,
  );
  expect([readdirSync(folder), readFileSync(kept, 'utf8')]).toEqual([['kept.csv'], 'kept']);
});
