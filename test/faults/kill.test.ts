/** kill -9 of a trainer: what emit returned from is in the log, and the next writer goes on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyReport, readRun, writerState } from '../../src/log/index.ts';
import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';
import { bundle, spawnTrainer } from './spawn-trainer.ts';

const KILLS = 50;
let folder: string;
let script: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'esper-kill-'));
  script = bundle('trainer.ts', folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** So many processes are started one after another: where other work has the cores, that takes minutes. */
const timeout = KILLS * 10_000;

test(`at ${KILLS} random moments, one after another in one run, loses nothing`, { timeout }, async () => {
  const run = join(folder, 'run');
  const emitted: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const trainer = spawnTrainer(script, run);
    await expect.poll(() => trainer.lines().length, { interval: 1 }).toBeGreaterThan(10);
    await sleep(Math.random() * 30);
    trainer.process.kill('SIGKILL');
    await trainer.ended;
    expect(writerState(run, 0)).toBe('gone');
    emitted.push(...trainer.lines().map(Number));
  }
  const report = emptyReport();
  const events = [...readRun(run, report)].flat();
  const seqs = events.map(event => event.seq);
  // Every seq once and in order: nothing lost, nothing written twice, no writer restarted.
  expect(seqs).toEqual(seqs.map((_, i) => i));
  expect(emitted.filter(seq => seq >= seqs.length)).toEqual([]);
  expect(emitted.length).toBeGreaterThan(KILLS * 10);
  // A kill between two pages of one write tears the line whose emit has not returned: at most one a kill.
  expect(report.malformed + report.torn).toBeLessThan(KILLS / 2);
  const rank = reduceAll(emptySnapshot(), events).ranks[0]!;
  expect(rank).toMatchObject({ events: seqs.length, lostEvents: 0, repeatedEvents: 0 });
});

test('ended by SIGTERM, the log is closed', async () => {
  const run = join(folder, 'closed');
  const trainer = spawnTrainer(script, run);
  await trainer.started;
  trainer.process.kill('SIGTERM');
  await trainer.ended;
  expect(writerState(run, 0)).toBe('closed');
});
