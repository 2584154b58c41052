/** What scripts make for the tests outside the clone: Python environments (python-environments.sh) and Go programs (go-programs.sh). */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'esper');
const venvs = process.env.ESPER_VENVS || join(cache, 'venvs');
const programs = process.env.ESPER_GO_PROGRAMS || join(cache, 'go');

/** Where Python keeps its bytecode, for all clones. */
export const bytecode = join(cache, 'bytecode');

/** Path of an environment's Python, whether it was made or not. */
export const interpreterOf = (environment: string): string => resolve(venvs, environment, 'bin', 'python');

/** Path of a program of scripts/go, whether it was built or not. */
export const goProgram = (name: string): string => resolve(programs, name, name);
