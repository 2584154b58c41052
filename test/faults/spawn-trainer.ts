/** Starts trainer.ts as its own process. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buildSync } from 'esbuild';

/** Bundles a script of this folder as plain JavaScript: a transpiler in every child would take most of a test's time. */
export function bundle(script: string, outFolder: string): string {
  const outfile = join(outFolder, `${script}.mjs`);
  buildSync({
    entryPoints: [join(import.meta.dirname, script)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  return outfile;
}

export interface Trainer {
  process: ChildProcessByStdio<null, Readable, null>;
  /** What it has printed so far. */
  lines(): string[];
  /** Resolves at its first line. */
  started: Promise<void>;
  /** Resolves when it has ended and its output is read. */
  ended: Promise<void>;
}

export function spawnTrainer(script: string, folder: string, cwd?: string): Trainer {
  const child = spawn(process.execPath, [script, folder], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const started = new Promise<void>(resolve => child.stdout.once('data', () => resolve()));
  child.stdout.setEncoding('latin1').on('data', text => {
    output += text;
  });
  return {
    process: child,
    // The last piece is the line that the kill cut off, or nothing.
    lines: () => output.split('\n').slice(0, -1),
    started,
    ended: new Promise(resolve => child.once('close', () => resolve())),
  };
}
