/**
 * Commands in hints, as they can be typed where the user stands: `npx esper …` or `npx esper-telemetry …` where that is how this
 * one was started, `esper …` where that is on the PATH, else Node with the full path.
 */
import { basename, delimiter, dirname, extname, join, resolve } from 'node:path';
import { realPath } from '../disk/index.ts';

export type Program = 'esper' | 'sanctum';

/** The package on npm, and its command that does what `esper` does. */
const PACKAGE = 'esper-telemetry';

/** How this process was started. */
export interface Invocation {
  /** The script's path as it was given. */
  script: string;
  env: Record<string, string | undefined>;
  /** Node's own options, as a loader of TypeScript. */
  execArgv: readonly string[];
  cwd: string;
}

const own = (): Invocation => ({
  script: process.argv[1] ?? '',
  env: process.env,
  execArgv: process.execArgv,
  cwd: process.cwd(),
});

const SAFE = /^[\w@%+=:,./~-]+$/;

/** A word as a POSIX shell reads it back. */
export const shellWord = (word: string): string =>
  SAFE.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** What starts the program from here. */
export function programLine(program: Program, { script, env, execArgv }: Invocation = own()): string {
  if (env.npm_lifecycle_event === 'npx' || env.npm_command === 'exec') {
    // Outside a clone or an installation, npx knows the package's name alone: another package is named esper.
    const byPackage = basename(script).replace(/\.(cmd|ps1)$/, '') === PACKAGE;
    if (!byPackage) return `npx ${program}`;
    return program === 'esper' ? `npx ${PACKAGE}` : `npx ${PACKAGE} ${program}`;
  }
  const file = realPath(script) ?? resolve(script);
  const path = join(dirname(file), `${program}${extname(file) || '.js'}`);
  const onPath = (env.PATH ?? '').split(delimiter).some(folder => realPath(join(folder, program)) === path);
  return onPath ? program : ['node', ...execArgv, path].map(shellWord).join(' ');
}

/** A whole command: `npx esper report 20261123-153012-cartpole-4f2a`. */
export const commandLine = (program: Program, args: readonly string[], invocation?: Invocation): string =>
  [programLine(program, invocation), ...args.map(shellWord)].join(' ');

/** RUN for a command typed here: its id where commands look for it by themselves, else its path. */
export function runWord(path: string, { env, cwd }: Pick<Invocation, 'env' | 'cwd'> = own()): string {
  const absolute = resolve(cwd, path);
  return resolve(cwd, env.ESPER_RUNS || 'runs') === dirname(absolute) ? basename(absolute) : absolute;
}

/** Where a program stands in a command line: at its beginning, or behind a pipe or another command. */
const PROGRAM = /(^|[|&] +)(esper|sanctum)(?= [a-z-]|$)/g;

/** A command line with Esper's programs as they can be typed here. */
export const typed = (line: string, invocation?: Invocation): string =>
  line.replace(
    PROGRAM,
    (_, before: string, program: Program) => `${before}${programLine(program, invocation)}`,
  );

/** A text in which commands stand in double quotes, as `"esper runs"`, with each as it can be typed here. */
export const runnable = (text: string, invocation?: Invocation): string =>
  text.replace(/"([^"\n]*)"/g, (_, line: string) => `"${typed(line, invocation)}"`);

/** The text of a command's help, its examples as they can be typed here: the indented lines below `Example:`. */
export function runnableHelp(text: string, invocation?: Invocation): string {
  const [before, ...examples] = text.split(/(?<=^Examples?:\n)/m);
  return [
    before,
    ...examples.map(part =>
      part.replace(/^( +)(.*)$/gm, (_, indent, line) => indent + typed(line, invocation)),
    ),
  ].join('');
}
