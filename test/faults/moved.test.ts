/** The working folder changes or goes while a run is written: the run stays one run, and the trainer answers. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createRun, LogWriter, readRun } from '../../src/log/index.ts';
import { update } from '../events.ts';
import { bundle, spawnTrainer } from './spawn-trainer.ts';

let script: string;
let place: string;
const before = process.cwd();
beforeAll(() => {
  script = bundle('trainer.ts', mkdtempSync(join(tmpdir(), 'esper-moved-script-')));
});
beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'esper-moved-')));
});
afterEach(() => {
  process.chdir(before);
  rmSync(place, { recursive: true, force: true });
});
const line = (seq: number) => `${JSON.stringify(update(seq))}\n`;

test('a chdir after the start does not split the run', () => {
  const [first, second] = [join(place, 'first'), join(place, 'second')];
  mkdirSync(first);
  mkdirSync(second);
  process.chdir(first);
  const run = createRun({ runs: 'runs', name: 'moved' });
  let nowMs = 0;
  const writer = new LogWriter(run.path, { now: () => nowMs });
  writer.append(line(0));
  process.chdir(second);
  nowMs = 10_000;
  writer.append(line(1));
  nowMs = 20_000;
  writer.append(line(2));
  writer.close();
  expect(writer.stats()).toMatchObject({ lines: 3, dropped: 0, problem: null });
  expect([...readRun(join(first, 'runs', run.id))].flat()).toHaveLength(3);
  expect(readdirSync(second)).toEqual([]);
  expect(readdirSync(join(first, 'runs', run.id)).sort()).toEqual(['events-0.jsonl', 'run.json']);
});

test('a writer given a relative folder keeps to where that was', () => {
  process.chdir(place);
  const writer = new LogWriter('run');
  expect(writer.path).toBe(join(place, 'run', 'events-0.jsonl'));
  writer.close();
});

test('the working folder is deleted: the trainer writes on, and a signal ends it', async () => {
  const folder = join(place, 'work');
  mkdirSync(folder);
  const trainer = spawnTrainer(script, 'runs/run', folder);
  await trainer.started;
  // At once: the trainer would make it again meanwhile.
  renameSync(folder, join(place, 'gone'));
  rmSync(join(place, 'gone'), { recursive: true });
  await expect.poll(() => existsSync(join(folder, 'runs/run/events-0.jsonl'))).toBe(true);
  const before = trainer.lines().length;
  await expect.poll(() => trainer.lines().length).toBeGreaterThan(before);
  trainer.process.kill('SIGTERM');
  await trainer.ended;
  expect(trainer.process.exitCode).toBe(0);
  // What came after the deletion is in a folder made again in the same place.
  expect([...readRun(join(folder, 'runs/run'))].flat().length).toBeGreaterThan(0);
});

test('what is wrong with the log is reported once, not with every event', () => {
  const sentences: string[] = [];
  let nowMs = 0;
  const writer = new LogWriter('/proc/nope/run', {
    now: () => nowMs,
    onProblem: text => sentences.push(text),
  });
  for (; nowMs < 20_000; nowMs += 100) writer.append(line(nowMs));
  expect(writer.stats().dropped).toBe(200);
  expect(sentences).toEqual([
    expect.stringMatching(/\/proc\/nope\/run\/events-0\.jsonl.*ENOENT.*training goes on/),
  ]);
  writer.close();
});
