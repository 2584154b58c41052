/** The Pythons of this machine, and one question to them. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const client = fileURLToPath(new URL('../../python', import.meta.url));
const tests = fileURLToPath(new URL('../../python/tests', import.meta.url));
const answers = fileURLToPath(new URL('./answers.py', import.meta.url));

export const run = (python: string, args: string[], input?: string, cwd?: string) =>
  spawnSync(python, args, {
    input,
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, PYTHONPATH: `${client}:${tests}` },
  });

const works = (python: string, code: string) => run(python, ['-c', code]).status === 0;

const candidates = [process.env.ESPER_PYTHON, 'python3', '/usr/bin/python3'].filter(
  name => name !== undefined,
);

/** A Python that the client supports; undefined where there is none. */
export const python = candidates.find(name => works(name, 'import sys; assert sys.version_info >= (3, 9)'));
/** A Python with PyTorch; undefined where there is none. */
export const pythonWithTorch = candidates.find(name => works(name, 'import torch'));

/** For a test's title, with the reason of a skip. */
export const unless = (found: string | undefined, what: string) =>
  found === undefined ? ` (skipped: no ${what})` : '';

/** The answer of answers.py to one question. */
export function ask<T>(interpreter: string, question: object): T {
  const { status, stdout, stderr } = run(interpreter, [answers], JSON.stringify(question));
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}
