/** Environments with PyTorch, where scripts/python-environments.sh makes them. */
import { homedir } from 'node:os';
import { resolve } from 'node:path';

/** The folder of an environment's commands, whether or not it was made. */
export const binOf = (environment: string): string =>
  resolve(
    process.env.ESPER_VENVS ||
      resolve(process.env.XDG_CACHE_HOME || resolve(homedir(), '.cache'), 'esper/venvs'),
    environment,
    'bin',
  );
