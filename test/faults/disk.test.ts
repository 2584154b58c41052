/** A disk that is full, read-only or emptied under the writer: training goes on, and what is lost is counted. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { emptyReport, LogWriter, readRun, writerState } from '../../src/log/index.ts';
import { update } from '../events.ts';
import { PATIENCE_MS } from '../patience.ts';

/** How often the writer opened the log. */
let openings: number;
/** The disk takes nothing. */
let isFull = false;
vi.mock('node:fs', async load => {
  const fs = await load<typeof import('node:fs')>();
  return {
    ...fs,
    openSync: (...args: Parameters<typeof fs.openSync>) => {
      if (String(args[0]).endsWith('.jsonl')) openings++;
      return fs.openSync(...args);
    },
    writeSync: (...args: Parameters<typeof fs.writeSync>) => {
      if (isFull)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      return fs.writeSync(...args);
    },
  };
});

let folder: string;
/** The writer's clock. */
let nowMs: number;
let writer: LogWriter | null;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'esper-disk-')), 'run');
  mkdirSync(folder);
  nowMs = 0;
  writer = null;
});
afterEach(() => {
  writer?.close();
  rmSync(join(folder, '..'), { recursive: true });
});

const line = (seq: number) => `${JSON.stringify(update(seq))}\n`;
const open = (path = folder) => {
  writer = new LogWriter(path, { now: () => nowMs });
  return writer;
};
/** Appends after a second in which the writer may have recovered. */
const appendLater = (writer: LogWriter, seq: number) => {
  nowMs += 1000;
  writer.append(line(seq));
};
function read(path = folder) {
  const report = emptyReport();
  const seqs = [...readRun(path, report)].flat().map(event => event.seq);
  return { seqs, report };
}

/** Whether this process may mount: a real disk's limits are the real test, and need root. */
const mayMount = (() => {
  const probe = mkdtempSync(join(tmpdir(), 'esper-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', probe]).status === 0;
  if (mounted) spawnSync('umount', [probe]);
  rmSync(probe, { recursive: true });
  return mounted;
})();

describe.skipIf(!mayMount)('on a disk of its own (needs root)', () => {
  beforeEach(() => void execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]));
  afterEach(() => {
    writer?.close();
    // Lazily: a sync in the background may still hold the file.
    execFileSync('umount', ['-l', folder]);
  });

  test('that fills up: a line is whole or counted, and once there is room the log goes on', () => {
    const writer = open();
    for (let seq = 0; seq < 1000; seq++) appendLater(writer, seq);
    const full = writer.stats();
    expect(full.dropped).toBeGreaterThan(0);
    expect(full.problem).toMatch(/ENOSPC/);
    expect(read()).toMatchObject({ seqs: { length: full.lines } });

    execFileSync('mount', ['-o', 'remount,size=128k', folder]);
    appendLater(writer, 1000);
    appendLater(writer, 1001);
    const after = read();
    expect(after.seqs.slice(-2)).toEqual([1000, 1001]);
    expect(after.seqs.length).toBe(writer.stats().lines);
    expect(after.report.malformed + after.report.torn).toBeLessThanOrEqual(full.dropped);
    expect(writer.stats().dropped + writer.stats().lines).toBe(1002);
  });

  test('that becomes read-only, and writable again', async () => {
    const writer = open();
    writer.append(line(0));
    writer.close();
    // A sync in the background may still hold the file.
    await vi.waitFor(
      () => execFileSync('mount', ['-o', 'remount,ro', folder], { stdio: 'pipe' }),
      PATIENCE_MS,
    );
    const resumed = open();
    appendLater(resumed, 1);
    expect(resumed.stats()).toMatchObject({
      lines: 0,
      dropped: 1,
      problem: expect.stringContaining('EROFS'),
    });
    execFileSync('mount', ['-o', 'remount,rw', folder]);
    appendLater(resumed, 2);
    expect(read().seqs).toEqual([0, 2]);
  });
});

test('a file that takes nothing counts drops and asks the disk once a second', () => {
  const writer = open();
  openings = 0;
  isFull = true;
  for (let seq = 0; seq < 10_000; seq++) {
    nowMs = seq;
    writer.append(line(seq));
  }
  isFull = false;
  expect(openings).toBe(9);
  expect(writer.stats()).toMatchObject({
    lines: 0,
    dropped: 10_000,
    problem: expect.stringContaining('ENOSPC'),
  });
});

test.each([
  ['a link', (file: string) => symlinkSync('/dev/full', file)],
  ['a pipe', (file: string) => execFileSync('mkfifo', [file])],
  ['a folder', (file: string) => mkdirSync(file)],
])('%s in the place of the log is not written to, and training goes on', (_, put) => {
  put(join(folder, 'events-0.jsonl'));
  const writer = open();
  appendLater(writer, 0);
  expect(writer.stats()).toMatchObject({
    lines: 0,
    dropped: 1,
    problem: expect.stringMatching(/only regular files|EISDIR/),
  });
});

test('a log that rests gives its descriptor back, stays locked, and goes on where it was', async () => {
  const writer = open();
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  for (let seq = 0; seq < 4; seq++) {
    writer.append(line(seq));
    writer.rest();
    await vi.waitFor(() => expect(descriptors()).toBeLessThan(before), PATIENCE_MS);
    expect(writerState(folder, 0)).toBe('writing');
  }
  writer.append(line(4));
  writer.close();
  expect(read()).toMatchObject({ seqs: [0, 1, 2, 3, 4], report: { malformed: 0, torn: 0 } });
  expect(writer.stats()).toMatchObject({ lines: 5, dropped: 0 });
});

test('a folder that cannot be a folder is no error', () => {
  writeFileSync(join(folder, 'file'), '');
  const writer = open(join(folder, 'file', 'run'));
  appendLater(writer, 0);
  expect(writer.stats()).toMatchObject({ dropped: 1, problem: expect.stringContaining('ENOTDIR') });
});

describe('the log is taken away', () => {
  test('a deleted folder is made again at the next look, and what may be lost is counted', () => {
    const writer = open();
    appendLater(writer, 0);
    rmSync(folder, { recursive: true });
    writer.append(line(1));
    appendLater(writer, 2);
    expect(read().seqs).toEqual([2]);
    expect(writer.stats()).toMatchObject({
      lines: 1,
      dropped: 2,
      problem: expect.stringContaining('deleted'),
    });
  });

  test('a moved file keeps its lines, and a new one is begun', () => {
    const writer = open();
    appendLater(writer, 0);
    mkdirSync(join(folder, 'moved'));
    renameSync(join(folder, 'events-0.jsonl'), join(folder, 'moved', 'events-0.jsonl'));
    appendLater(writer, 1);
    expect(read(join(folder, 'moved')).seqs).toEqual([0]);
    expect(read().seqs).toEqual([1]);
  });

  test('where another writer came meanwhile, it is left alone', () => {
    const first = open();
    appendLater(first, 0);
    rmSync(folder, { recursive: true });
    const second = new LogWriter(folder);
    second.append(line(7));
    appendLater(first, 1);
    second.close();
    expect(read().seqs).toEqual([7]);
    expect(first.stats().problem).toMatch(/is writing this run/);
  });
});
