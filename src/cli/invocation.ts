/**
 * Commands in hints, as they can be typed where the user stands: `npx esper …` or `npx esper-telemetry …` where that is how this
 * one was started, `esper …` where that is on the PATH, else Node with the full path.
 */
import { posix, win32 } from 'node:path';
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
  /** Whose paths and shell these are; this one's by default. */
  platform?: NodeJS.Platform;
}

const pathsOf = (platform: NodeJS.Platform = process.platform) => (platform === 'win32' ? win32 : posix);

const own = (): Invocation => ({
  script: process.argv[1] ?? '',
  env: process.env,
  execArgv: process.execArgv,
  cwd: process.cwd(),
});

const SAFE = /^[\w@%+=:,./~-]+$/;

/** A word as a POSIX shell reads it back; on Windows as PowerShell and cmd do, whose file names have no double quotes. */
export function shellWord(word: string, platform: NodeJS.Platform = process.platform): string {
  if (SAFE.test(platform === 'win32' ? word.replaceAll('\\', '/') : word)) return word;
  return platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}

/** What starts the program from here. */
export function programLine(
  program: Program,
  { script, env, execArgv, platform }: Invocation = own(),
): string {
  const { basename, delimiter, dirname, extname, join, resolve } = pathsOf(platform);
  if (env.npm_lifecycle_event === 'npx' || env.npm_command === 'exec') {
    // Outside a clone or an installation, npx knows the package's name alone: another package is named esper.
    const byPackage = basename(script).replace(/\.(cmd|ps1)$/, '') === PACKAGE;
    if (!byPackage) return `npx ${program}`;
    return program === 'esper' ? `npx ${PACKAGE}` : `npx ${PACKAGE} ${program}`;
  }
  const file = realPath(script) ?? resolve(script);
  const path = join(dirname(file), `${program}${extname(file) || '.js'}`);
  const onPath = (env.PATH ?? '').split(delimiter).some(folder => realPath(join(folder, program)) === path);
  return onPath ? program : ['node', ...execArgv, path].map(word => shellWord(word, platform)).join(' ');
}

/** A whole command: `npx esper report 20261123-153012-cartpole-4f2a`. */
export const commandLine = (program: Program, args: readonly string[], invocation?: Invocation): string =>
  [programLine(program, invocation), ...args.map(word => shellWord(word, invocation?.platform))].join(' ');

/** RUN for a command typed here: its id where commands look for it by themselves, else its path. */
export function runWord(
  path: string,
  { env, cwd, platform }: Pick<Invocation, 'env' | 'cwd' | 'platform'> = own(),
): string {
  const { basename, dirname, resolve } = pathsOf(platform);
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
