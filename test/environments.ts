/** The Python environments of the tests, which scripts/python-environments.sh makes outside the clone. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const venvs =
  process.env.ESPER_VENVS || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'esper', 'venvs');

/** Path of an environment's Python, whether it was made or not. */
export const interpreterOf = (environment: string): string => resolve(venvs, environment, 'bin', 'python');
