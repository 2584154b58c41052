/** `esper pack`: what is packed reads as the log did, nothing goes before it was compared, and what is broken is refused. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { packCommand } from '../../src/cli/pack.ts';
import { reportOfRun } from '../../src/cli/run-report.ts';
import {
  emptyReport,
  LogWriter,
  listRuns,
  logBytes,
  openRun,
  placeOfSeq,
  RunReader,
  readRun,
  skimEvents,
} from '../../src/log/index.ts';
import { BLOCK_BYTES, PackedText, packBlock } from '../../src/log/packed-log.ts';
import { openDatabase } from '../../src/query/index.ts';
import { areFiguresCurrent } from '../../src/query/packed-figures.ts';
import { RunFeed } from '../../src/serve/run-feed.ts';
import { event, update } from '../events.ts';
import { append, writeRun } from '../log-files.ts';
import { unpack } from '../path/old-runs.ts';
import { scratch } from '../scratch.ts';

let runs: string;
let ids: string[];
beforeAll(() => {
  runs = scratch('pack');
  // The long ones take long and show no more.
  ids = unpack(runs).filter(id => !/neighbour|fragmentation|at-the-wall|golden/.test(id));
  for (const file of readdirSync('test/golden/runs').filter(name => name.endsWith('.jsonl'))) {
    const id = basename(file, '.jsonl');
    mkdirSync(join(runs, id));
    copyFileSync(join('test/golden/runs', file), join(runs, id, 'events-0.jsonl'));
    ids.push(id);
  }
});
beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const pack = (...args: string[]) => packCommand().exitOverride().parseAsync(args, { from: 'user' });
const logsOf = (folder: string) =>
  readdirSync(folder)
    .filter(name => /^events-\d+\.jsonl/.test(name))
    .sort();

/** All that readers make of a run. */
async function readings(id: string) {
  const run = openRun(join(runs, id))!;
  const report = emptyReport();
  const events = [...readRun(run.path, report)].flat();
  const skimmed = [...skimEvents(run.path)].flat();
  const feed = new RunFeed(run);
  feed.follow();
  await feed.complete;
  await feed.stop();
  const { problems: _, firstUnknown: __, firstRepeated: ___, ...counts } = report;
  return {
    events,
    counts,
    skimmed,
    report: await reportOfRun(run),
    bytes: logBytes(run.path),
    snapshot: feed.snapshot,
  };
}

test('a packed run reads as it did, and its log comes back byte for byte', async () => {
  for (const id of ids) {
    const folder = join(runs, id);
    const texts = logsOf(folder).map(name => readFileSync(join(folder, name)));
    const before = await readings(id);
    await pack('--runs', runs, id);
    expect(
      logsOf(folder).every(name => name.endsWith('.jsonl')),
      'kept by default',
    ).toBe(true);
    expect(existsSync(join(folder, 'figures.parquet'))).toBe(true);
    await pack('--runs', runs, '--no-keep', id);
    expect(logsOf(folder).every(name => name.endsWith('.gz'))).toBe(true);
    expect(logsOf(folder).map(name => gunzipSync(readFileSync(join(folder, name))))).toEqual(texts);
    expect(await readings(id), id).toEqual(before);
    await pack('--runs', runs, '--undo', id);
    expect(logsOf(folder).map(name => readFileSync(join(folder, name)))).toEqual(texts);
    expect(existsSync(join(folder, 'figures.parquet'))).toBe(false);
  }
  expect(listRuns(runs).length).toBeGreaterThanOrEqual(ids.length);
});

test('a packed log of many blocks is read at any place', () => {
  const folder = scratch('pack-blocks');
  const text = 'x'.repeat(9000);
  const events = Array.from({ length: 400 }, (_, i) => event('FIGURES_LOGGED', { figures: { text } }, i));
  writeRun(folder, 'long', events);
  const log = join(folder, 'long', 'events-0.jsonl');
  const bytes = readFileSync(log);
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES)
    blocks.push(packBlock(bytes.subarray(at, at + BLOCK_BYTES)));
  expect(blocks.length).toBeGreaterThan(3);
  writeFileSync(`${log}.gz`, Buffer.concat(blocks));
  truncateSync(log, 0);
  expect([...readRun(join(folder, 'long'))].flat(), 'a plain file stands before a packed one').toEqual([]);
  const packed = join(folder, 'packed', 'events-0.jsonl');
  mkdirSync(join(folder, 'packed'));
  copyFileSync(`${log}.gz`, `${packed}.gz`);
  expect([...readRun(join(folder, 'packed'))].flat()).toEqual(events);
  for (const seq of [0, 133, 399]) {
    const from = new Map([[packed, placeOfSeq(packed, seq)]]);
    const [first] = [...new RunReader([packed], emptyReport(), from)].flat().filter(one => one.seq >= seq);
    expect(first).toEqual(events[seq]);
  }
});

test('what gzip itself made is read, and what is damaged is one problem', () => {
  const folder = scratch('pack-foreign');
  const events = [event('TRAINING_STARTED', {}, 0), update(1)];
  writeRun(folder, 'a', events);
  const log = join(folder, 'a', 'events-0.jsonl');
  const text = readFileSync(log);
  mkdirSync(join(folder, 'b'));
  const gz = join(folder, 'b', 'events-0.jsonl.gz');
  writeFileSync(gz, gzipSync(text));
  expect([...readRun(join(folder, 'b'))].flat()).toEqual(events);
  for (const bytes of [
    packBlock(text).subarray(0, 60),
    Buffer.from('no gzip file at all, and long enough'),
    Buffer.concat([packBlock(text), Buffer.from('x')]),
  ]) {
    writeFileSync(gz, bytes);
    const report = emptyReport();
    expect([...readRun(join(folder, 'b'), report)].flat()).toEqual([]);
    expect(report).toMatchObject({ unreadable: 1 });
    expect(report.problems[0]!.reason).toMatch(
      /events-0.jsonl.gz (was cut off|is no gzip file from byte \d+ on)$/,
    );
  }
  const flipped = packBlock(text);
  flipped[flipped.length - 6]! ^= 1;
  writeFileSync(gz, flipped);
  const report = emptyReport();
  expect([...readRun(join(folder, 'b'), report)].flat()).toEqual([]);
  expect(report.unreadable).toBe(1);
  expect(() => new PackedText(0, 5, 'x')).toThrow();
});

test('a run that is written is refused, nobody writes into a packed one, and figures of an older log do not count', async () => {
  const folder = scratch('pack-live');
  const live = writeRun(folder, '20260101-000000-live-0000', [update(0)]);
  const writer = new LogWriter(live);
  await expect(pack('--runs', folder, 'live')).rejects.toThrow(/still written.*Nothing was packed\.$/);
  mkdirSync(join(folder, 'bare'));
  writeFileSync(join(folder, 'bare', 'run.json'), '{');
  await expect(pack('--runs', folder, '*')).rejects.toThrow(/^bare: there is no log\. Nothing was packed\.$/);
  await expect(pack('--runs', folder, 'nobody')).rejects.toThrow(/There is no run "nobody"/);
  writer.close();
  await pack('--runs', folder, 'live');
  const isCurrent = async () => {
    const database = await openDatabase('the test');
    try {
      return await areFiguresCurrent(database, live);
    } finally {
      database.close();
    }
  };
  expect(await isCurrent()).toBe(true);
  append(live, [update(1)]);
  expect(await isCurrent()).toBe(false);
  await pack('--runs', folder, '--no-keep', 'live');
  expect(await isCurrent()).toBe(true);
  expect(() => new LogWriter(live)).toThrow(/is packed: "esper pack --undo"/);
  await expect(pack('--runs', folder, '--undo', '--no-keep', 'live')).rejects.toThrow(/exclude each other/);
});
