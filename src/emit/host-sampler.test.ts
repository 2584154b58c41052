import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HostSampled } from '../contract/index.ts';
import { Emitter, HostSampler } from './index.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'esper-host-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const GIB = 1024 ** 3;
/** A machine of 16 GiB with 4 GiB in use, and whatever else. */
function host(files: Record<string, string> = {}) {
  const machine = {
    'proc/meminfo': 'MemTotal:       16777216 kB\nMemFree:         1000 kB\nMemAvailable:   12582912 kB\n',
    'proc/stat': 'cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2 3 4\n',
    'proc/77/status': 'Name:\ttrainer\nVmHWM:\t  999 kB\nVmRSS:\t  2048 kB\n',
    ...files,
  };
  for (const [path, content] of Object.entries(machine)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return new HostSampler({ pid: 77, root });
}

describe('a reading', () => {
  test('of a machine without limits', () => {
    expect(host().sample()).toEqual({
      ramUsedBytes: 4 * GIB,
      ramTotalBytes: 16 * GIB,
      cpuPercent: null,
      processRssBytes: 2 ** 21,
    });
  });

  test('reports the busy share since the one before; waiting for a disk is not busy', () => {
    const sampler = host();
    const stat = (ticks: string) => writeFileSync(join(root, 'proc/stat'), `cpu  ${ticks} 0 0\n`);
    stat('150 0 100 810 40 0 0 0');
    expect(sampler.sample().cpuPercent).toBe(50);
    stat('150 5 101 810 40 1 1 2');
    expect(sampler.sample().cpuPercent).toBe(100);
    expect(sampler.sample().cpuPercent).toBeNull();
  });

  test.each<[string, Record<string, string>, Partial<HostSampled>]>([
    [
      'no /proc',
      { 'proc/meminfo': '', 'proc/77/status': '' },
      { ramUsedBytes: null, ramTotalBytes: totalmem(), processRssBytes: null },
    ],
  ])('of %s', (_, files, expected) => {
    expect(host(files).sample()).toMatchObject(expected);
  });

  test('of this very machine is of the right size', async () => {
    const sampler = new HostSampler();
    await sleep(50);
    const { ramUsedBytes, ramTotalBytes, cpuPercent, processRssBytes } = sampler.sample();
    expect(ramTotalBytes).toBeLessThanOrEqual(totalmem());
    expect(ramTotalBytes).toBeGreaterThan(ramUsedBytes ?? 0);
    expect(processRssBytes).toBeGreaterThan(10 * 2 ** 20);
    if (cpuPercent !== null)
      expect(cpuPercent).toSatisfy(percent => Number(percent) >= 0 && Number(percent) <= 100);
  });
});

test('readings become events until they are stopped', async () => {
  const lines: string[] = [];
  const emitter = new Emitter({ run: 'r', rank: 0, sink: { append: line => void lines.push(line) } });
  const stop = host().start(emitter, 5);
  while (lines.length < 3) await sleep(5);
  stop();
  const count = lines.length;
  await sleep(30);
  expect(lines).toHaveLength(count);
  const event = JSON.parse(lines[0]!);
  expect(event).toMatchObject({ type: 'HOST_SAMPLED', data: { ramTotalBytes: 16 * GIB } });
  expect(event.telemetryMs).toBeGreaterThan(0);
});
