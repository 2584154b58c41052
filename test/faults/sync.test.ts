/** What the writer hands to the disk, and when: a crash of the machine may cost the last second, no more. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LogWriter } from '../../src/log/index.ts';
import { update } from '../events.ts';

const DISK_MS = 20;
/** When each sync began, on the writer's clock, and whether the writer waited for it. */
const syncs: { atMs: number; waited: boolean }[] = [];
let now: () => number;
vi.mock('node:fs', async load => {
  const fs = await load<typeof import('node:fs')>();
  return {
    ...fs,
    fdatasync: (fd: number, done: (error: null) => void) => {
      syncs.push({ atMs: now(), waited: false });
      fs.fdatasyncSync(fd);
      setTimeout(done, DISK_MS, null);
    },
    fdatasyncSync: (fd: number) => {
      syncs.push({ atMs: now(), waited: true });
      fs.fdatasyncSync(fd);
    },
  };
});

let folder: string;
let writer: LogWriter;
beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), 'esper-sync-'));
  syncs.length = 0;
});
afterEach(() => {
  writer.close();
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});
const open = (clock: () => number) => {
  now = clock;
  writer = new LogWriter(folder, { now: clock });
};
const append = () => writer.append(`${JSON.stringify(update(0))}\n`);

test('a line after a pause is synced at once, and training does not wait', () => {
  open(() => performance.now());
  append();
  expect(syncs).toMatchObject([{ waited: false }]);
});

test('a stream of lines is synced within a second each, without waiting, and not much oftener', () => {
  open(() => performance.now());
  const appended: number[] = [];
  for (const end = now() + 1500; now() < end; vi.advanceTimersByTime(5)) {
    append();
    appended.push(now());
  }
  vi.advanceTimersByTime(1000);
  for (const atMs of appended)
    expect(syncs.some(sync => sync.atMs >= atMs && sync.atMs <= atMs + 1000)).toBe(true);
  expect(syncs.every(sync => !sync.waited)).toBe(true);
  expect(syncs.length).toBeLessThanOrEqual(6);
});

test('training that never yields is synced all the same', () => {
  let ms = 0;
  open(() => ms);
  for (; ms <= 5000; ms += 50) append();
  for (let atMs = 0; atMs <= 4000; atMs += 50)
    expect(syncs.some(sync => sync.atMs >= atMs && sync.atMs <= atMs + 1000)).toBe(true);
  expect(syncs.length).toBeLessThan(15);
});

test('closing waits for the disk', () => {
  open(() => performance.now());
  append();
  writer.close();
  expect(syncs.at(-1)).toMatchObject({ waited: true });
});

test('without lines there is nothing to sync', () => {
  open(() => performance.now());
  append();
  vi.advanceTimersByTime(5000);
  expect(syncs).toHaveLength(1);
});
