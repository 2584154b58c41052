/** A server as people run it, in a process of its own, for benchmarks; and a browser beside it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { memoryOf } from './measure.ts';

export const COMMAND = 'dist/cli/esper.js';

export interface ServerProcess {
  port: number;
  pid: number;
  /** MiB resident now, and the most there ever were. */
  memory(): { now: number; most: number };
  ask<T>(path: string): Promise<{ value: T; ms: number; bytes: number }>;
  end(): Promise<void>;
}

/** `esper serve` as it was built. Throws where it was not. */
export async function serverOf(runs: string): Promise<ServerProcess> {
  if (!existsSync(COMMAND)) throw new Error('There is no build: run "npm run build" first.');
  const child: ChildProcess = spawn(process.execPath, [COMMAND, 'serve', '--runs', runs, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error('The server ended.')));
    child.stdout!.on('data', chunk => {
      const found = /127\.0\.0\.1:(\d+)/.exec(String(chunk));
      if (found) resolve(Number(found[1]));
    });
  });
  const status = (name: string) => memoryOf(child.pid!, name);
  return {
    port,
    pid: child.pid!,
    memory: () => ({ now: status('VmRSS'), most: status('VmHWM') }),
    ask: async <T>(path: string) => {
      const began = performance.now();
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      const text = await answer.text();
      return { value: JSON.parse(text) as T, ms: performance.now() - began, bytes: text.length };
    },
    end: () =>
      new Promise(resolve => {
        child.once('exit', () => resolve());
        child.kill();
      }),
  };
}

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
export const sleep = (wait: number): Promise<void> => new Promise(resolve => setTimeout(resolve, wait));
