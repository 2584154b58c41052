/** Several writers that start at the same moment, on a fresh log and on one whose writer died: exactly one wins. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LogWriter } from '../../src/log/index.ts';
import type { RivalData } from './rival.ts';
import { bundle } from './spawn-trainer.ts';

const ROUNDS = 300;
const RIVALS = 2;
let folder: string;
let script: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'esper-rivals-'));
  script = bundle('rival.ts', folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const shared = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));

async function compete(name: string, prepare: (folder: string) => void): Promise<Int32Array> {
  const rounds = join(folder, name);
  for (let round = 0; round < ROUNDS; round++) {
    mkdirSync(join(rounds, String(round)), { recursive: true });
    prepare(join(rounds, String(round)));
  }
  const workerData: RivalData = {
    folder: rounds,
    rounds: ROUNDS,
    rivals: RIVALS,
    arrived: shared(2 * ROUNDS),
    won: shared(ROUNDS),
  };
  const workers = Array.from({ length: RIVALS }, () => new Worker(script, { workerData }));
  await Promise.all(
    workers.map(worker => new Promise((end, fail) => worker.on('exit', end).on('error', fail))),
  );
  return workerData.won;
}

test('on a fresh log', async () => {
  expect([...(await compete('fresh', () => {}))]).toEqual(Array(ROUNDS).fill(1));
});

test('on the log of a dead writer', async () => {
  const { pidNamespace } = lockOf(folder);
  const dead = { pid: 2 ** 22 + 1, startTicks: 1, hostname: hostname(), pidNamespace, writer: 'dead' };
  const prepare = (run: string) => writeFileSync(join(run, 'events-0.lock'), JSON.stringify(dead));
  expect([...(await compete('dead', prepare))]).toEqual(Array(ROUNDS).fill(1));
});

/** The content of a lock of this process. */
function lockOf(folder: string): { pidNamespace: string | null } {
  const writer = new LogWriter(folder);
  const lock = JSON.parse(readFileSync(join(folder, 'events-0.lock'), 'utf8'));
  writer.close();
  return lock;
}
