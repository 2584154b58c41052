/** Runs to look at: one that really trains, one of very many updates. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { CONTRACT_VERSION } from '../../src/contract/index.ts';
import { listRuns, writerOf } from '../../src/log/index.ts';

/** A real training that stands still, and goes on as far as a test lets it. */
export interface Training {
  /** Folder of the run. */
  path: string;
  /** Lets it learn at least one update more, and stops it again. Throws where it has ended. */
  step: () => Promise<void>;
  /** Lets it learn all that is left; resolves once its command has ended. */
  finish: () => Promise<void>;
  /** Ends it where it has not ended. */
  end: () => void;
}

/** Starts a training by its command, and stops the trainer, a process of its own, as soon as it writes. */
export async function train(runs: string, episodes: number): Promise<Training> {
  const command = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', 'src/cli/esper.ts', 'ppo', '--runs', runs, '--episodes', String(episodes)],
      ...['--steps', '64', '--device', 'sim:8GiB', '--no-sanctum', '--name', 'trained'],
    ],
    { stdio: 'ignore' },
  );
  const ended = once(command, 'exit');
  const writing = () => {
    const path = listRuns(runs).find(({ name }) => name === 'trained')?.path;
    const { state, pid } = path === undefined ? { state: null, pid: null } : writerOf(path, 0);
    return state === 'writing' ? { path: path!, pid: pid! } : null;
  };
  while (writing() === null) {
    if (command.exitCode !== null) throw new Error(`esper ppo ended with ${command.exitCode}`);
    await sleep(5);
  }
  const { path, pid } = writing()!;
  process.kill(pid, 'SIGSTOP');
  // It was stopped once it had its lock: its log may still be to be made.
  const log = join(path, 'events-0.jsonl');
  const updates = () => (existsSync(log) ? readFileSync(log, 'latin1').split('_COMPLETED').length : 0);
  return {
    path,
    step: async () => {
      const before = updates();
      process.kill(pid, 'SIGCONT');
      await expect.poll(updates, { interval: 5 }).toBeGreaterThan(before);
      process.kill(pid, 'SIGSTOP');
    },
    finish: async () => {
      process.kill(pid, 'SIGCONT');
      await ended;
    },
    end: () => {
      command.kill('SIGKILL');
      if (writing() !== null) process.kill(pid, 'SIGKILL');
    },
  };
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
