/** Runs to look at: one that really trains, one of very many updates. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { CONTRACT_VERSION } from '../../src/contract/index.ts';
import { listRuns } from '../../src/log/index.ts';

/** Starts a real training; resolves once its run is listed. */
export async function train(runs: string, episodes: number) {
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      'src/cli/esper.ts',
      'ppo',
      '--runs',
      runs,
      '--episodes',
      String(episodes),
      '--steps',
      '64',
      '--device',
      'sim:8GiB',
      '--no-sanctum',
      '--name',
      'trained',
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>(resolve => child.on('exit', () => resolve()));
  await expect.poll(() => listRuns(runs).find(run => run.name === 'trained')).toBeTruthy();
  return { run: listRuns(runs).find(run => run.name === 'trained')!, ended, child };
}

/** A loop's updates with their loss. Written by hand: a million lines are to be there at once. */
export function writeSteps(folder: string, count: number, loss: (step: number) => number): void {
  mkdirSync(folder);
  const file = openSync(join(folder, 'events-0.jsonl'), 'w');
  let lines = '';
  for (let seq = 1; seq <= count; seq++) {
    lines += `{"v":"${CONTRACT_VERSION}","seq":${seq},"timeMs":${1.7e12 + seq},"run":"r","rank":0,"type":"STEP_COMPLETED","data":{"step":${seq},"loss":${loss(seq)}}}\n`;
    if (seq % 10_000 === 0 || seq === count) {
      writeSync(file, lines);
      lines = '';
    }
  }
  closeSync(file);
}
